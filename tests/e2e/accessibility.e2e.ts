import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { THEME_COOKIE } from "#app/_lib/theme.ts";
import { demoProject, type Listed, signIn, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

let app: App;
let lead: Visitor;
let paths: readonly string[];

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  const project = `/projects/${await demoProject(lead)}`;
  const { items } = await lead.call<Listed<{ id: string }>>("GET", `${project}/slides`);
  const pages = [
    "slides",
    "rounds",
    "rounds/new",
    "guideline",
    "guideline/draft",
    "tasks",
    "consensus",
    "consensus/queue",
    "releases",
    "members",
    "audit",
  ];
  paths = [
    "/projects",
    "/profile",
    project,
    ...pages.map((page) => `${project}/${page}`),
    `${project}/slides/${items[0]?.id}`,
  ];
});

afterAll(async () => {
  await lead?.leave();
  await app?.stop();
});

describe("accessibility", () => {
  for (const theme of ["light", "dark"] as const) {
    it(`[BRW17] no page has a serious or critical barrier, in the ${theme} theme`, async () => {
      await lead.person.addCookies([{ name: THEME_COOKIE, value: theme, url: app.url }]);
      const found: string[] = [];
      for (const path of paths) {
        await lead.page.goto(`${app.url}${path}`);
        await lead.page.waitForLoadState("networkidle");
        const { violations } = await new AxeBuilder({ page: lead.page }).analyze();
        for (const { id, impact, nodes } of violations) {
          if (impact === "serious" || impact === "critical")
            found.push(`${path}: ${id} at ${nodes[0]?.target.join(" ")}`);
        }
      }
      expect(found).toEqual([]);
    });
  }
});
