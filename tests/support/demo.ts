import { afterAll, beforeAll, expect } from "vitest";
import { demoProject, signIn, type Visitor } from "./people.ts";
import { type App, buildApp, startApp } from "./start-app.ts";

/** The built product with its demo project, and people signed in to it, for the tests of one file. */
export type Demo<Name extends string> = {
  readonly app: App;
  readonly project: string;
  readonly people: Readonly<Record<Name, Visitor>>;
};

/**
 * Starts the product before the tests of a file and ends it after them; no page of anybody may have reported a fault.
 * @param names the demo people to sign in, by the part of their address before the @
 * @param width of the first demo slide, px
 * @returns what the tests ask for it once they run
 */
export function demoFor<Name extends string>(names: readonly Name[], { width = 2_048 } = {}): () => Demo<Name> {
  let demo: Demo<Name> | undefined;
  beforeAll(async () => {
    await buildApp();
    const app = await startApp({ env: { CONCORD_DEMO_WIDTH: String(width) } });
    const people: Partial<Record<Name, Visitor>> = {};
    for (const name of names) people[name] = await signIn(app.url, `${name}@demo.concord`);
    const present = people as Record<Name, Visitor>;
    const [first] = Object.values<Visitor>(present);
    if (first === undefined) throw new Error("nobody to sign in");
    demo = { app, people: present, project: await demoProject(first) };
  });
  afterAll(async () => {
    const visitors = Object.values<Visitor>(demo?.people ?? {});
    for (const visitor of visitors) await visitor.leave();
    await demo?.app.stop();
    expect(visitors.flatMap(({ faults }) => faults)).toEqual([]);
  });
  return () => {
    if (demo === undefined) throw new Error("the product is not running");
    return demo;
  };
}
