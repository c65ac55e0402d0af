import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import type { DissolveGroup, DissolveLayer } from "#server/api/schemas/dissolve.ts";
import {
  aClass,
  aClassId,
  aDepth,
  aGuideline,
  declare,
  square,
  withClass,
  withClasses,
} from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a", "b", "d"], { exhaustive: false });
const MERGED = withClass(withClass(withClasses(FIRST, aClass("c")), "a", { retired: true }), "b", { retired: true });
const A = newId(annotationId);
const B = newId(annotationId);
const FAR = newId(annotationId);

let w: WorkWorld;
let ada: LayerId;
beforeEach(async () => {
  w = await workWorld({ slides: 1 });
  await w.publish(FIRST);
  ada = (await w.round("open", ["ada", "bea"])).layers("ada");
  await put(
    { id: A, name: "a", x: 0, note: "left" },
    { id: B, name: "b", x: 41, note: "right" },
    { id: FAR, name: "b", x: 900, note: "" },
  );
});
afterEach(() => w.close());

const put = (...drawn: { id: typeof A; name: string; x: number; note: string }[]) =>
  w.world.rooms.edit(ada, w.people.ada.personId, (doc) => {
    for (const { id, name, x, note } of drawn) {
      const geometry = square(x, 0, 40);
      doc.put({ id, classId: aClassId(name), geometry, under: 1, attributes: { [name]: "said" }, note });
    }
  });
const merge = () => w.publish(MERGED, [declare.merge(["a", "b"], "c")]);
const groups = async (name: Name = "ada", layer: string = ada) =>
  w.call<Page<DissolveGroup>>(name, "GET", `/layers/${layer}/dissolves`);
const decide = (name: Name, group: DissolveGroup | undefined, change: object = {}) => {
  const items = (group?.items ?? []).map(({ annotationId: id, contentHash }) => ({ annotationId: id, contentHash }));
  const request = { id: newId(annotationId), decision: "dissolved", items, ...change };
  return w.call<{ code?: string }>(name, "POST", `/layers/${ada}/dissolves`, request);
};
const stored = async () =>
  (await w.database.pool.query("select id, class_id, under, note, attributes from annotations order by min_x")).rows;

describe("outlines that a merge made alike", () => {
  it("[DSV10] are offered to whoever may join them, by layer and in groups, and nothing happens by itself", async () => {
    expect((await groups()).body.items).toEqual([]);
    await merge();
    const before = await stored();
    const { body } = await groups();
    expect(body.items).toMatchObject([{ classId: aClassId("c"), bbox: [0, 0, 81, 40], geometry: { type: "polygon" } }]);
    expect(body.items[0]?.items.map(({ classId }) => classId).sort()).toEqual([aClassId("a"), aClassId("b")]);
    expect(await stored()).toEqual(before);
    const layers = async (name: Name) =>
      (await w.call<Page<DissolveLayer>>(name, "GET", `/projects/${w.projectId}/dissolves`)).body.items;
    const slide = { id: w.slideIds[0], name: "slide 0", mpp: 0.5, hash: "0".repeat(16), width: 4_096, height: 4_096 };
    expect(await layers("ada")).toMatchObject([{ slide, layer: { id: ada, mine: true }, outlines: 3 }]);
    expect(await layers("lena")).toMatchObject([{ layer: { id: ada, mine: false } }]);
    for (const name of ["bea", "vic"] as const) expect(await layers(name)).toEqual([]);
  });

  it("[MIG94] keep what a number means when they become one, in the unit of the version", async () => {
    const { number, retype } = aDepth("c");
    const asking = (unit: string) => withClass(MERGED, "c", { attributes: [number(unit)] });
    await w.world.rooms.edit(ada, w.people.ada.personId, (doc) => doc.setAttributes(A, { attrdepth: "1.5" }));
    await w.publish(asking("mm"), [declare.merge(["a", "b"], "c")]);
    await w.publish(asking("um"), [retype]);
    expect((await decide("ada", (await groups()).body.items[0])).status).toBe(200);
    expect((await stored())[0]).toMatchObject({ under: 3, attributes: { attrdepth: "1500", b: "said" } });
  });

  it("[DSV11] become one outline by one edit, in a locked read too, with what was said of all; one undo brings them back", async () => {
    await merge();
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    const before = await stored();
    const [group] = (await groups()).body.items;
    const id = newId(annotationId);
    for (let sent = 0; sent < 2; sent++) expect((await decide("ada", group, { id })).status).toBe(200);
    const [whole, far] = await stored();
    expect([whole.class_id, whole.under, whole.attributes]).toEqual([aClassId("c"), 2, { a: "said", b: "said" }]);
    expect(whole.note.split("\n").sort()).toEqual(["left", "right"]);
    expect(far.id).toBe(FAR);
    expect((await groups()).body.items).toEqual([]);
    expect((await w.call("bea", "POST", `/layers/${ada}/dissolves/undo`, { id })).status).toBe(403);
    expect((await w.call("lena", "POST", `/layers/${ada}/dissolves/undo`, { id })).status).toBe(404);
    expect((await w.call("ada", "POST", `/layers/${ada}/dissolves/undo`, { id })).status).toBe(200);
    expect(await stored()).toEqual(before);
    expect((await w.call("ada", "POST", `/layers/${ada}/dissolves/undo`, { id })).status).toBe(404);
    const audit = await w.database.pool.query("select action from audit where action like 'outlines.%' order by seq");
    expect(audit.rows.map(({ action }) => action)).toEqual(["outlines.dissolved", "outlines.undissolved"]);
  });

  it("[DSV12] that somebody left are not offered again until one of them changes; leaving is taken back too", async () => {
    await merge();
    const [group] = (await groups()).body.items;
    const id = newId(annotationId);
    await decide("lena", group, { id, decision: "left" });
    expect((await groups()).body.items).toEqual([]);
    await w.call("lena", "POST", `/layers/${ada}/dissolves/undo`, { id });
    expect((await groups()).body.items).toHaveLength(1);
    await decide("ada", group, { decision: "left" });
    await put({ id: B, name: "b", x: 40, note: "moved" });
    expect((await groups()).body.items).toHaveLength(1);
  });

  it("[DSV13] are refused where they have changed, are no one group, or are not one's own; a whole that changed is not undone", async () => {
    await merge();
    const [group] = (await groups()).body.items;
    const far = (await w.database.pool.query("select content_hash from annotations where id = $1", [FAR])).rows[0];
    const items = [{ annotationId: FAR, contentHash: far.content_hash }, ...(group?.items ?? [])];
    expect((await decide("ada", group, { items })).body).toMatchObject({ code: "not-touching" });
    const old = (group?.items ?? []).map((each) => ({ ...each, contentHash: "old" }));
    expect((await decide("ada", group, { items: old })).body).toMatchObject({ code: "content-changed" });
    expect((await decide("ada", group, { items: items.slice(0, 1) })).status).toBe(400);
    expect((await decide("bea", group)).status).toBe(403);
    expect((await decide("stranger", group)).status).toBe(404);
    const id = newId(annotationId);
    await decide("ada", group, { id });
    expect((await decide("lena", group, { id })).status).toBe(400);
    const whole = annotationId.parse((await stored())[0].id);
    await w.world.rooms.edit(ada, w.people.ada.personId, (doc) => {
      const drawn = doc.get(whole);
      if (drawn !== null) doc.put({ ...drawn, geometry: square(0, 0, 10) });
    });
    const undone = await w.call("ada", "POST", `/layers/${ada}/dissolves/undo`, { id });
    expect(undone.body).toMatchObject({ code: "content-changed" });
    expect(await stored()).toHaveLength(2);
  });

  it("[DSV14] of a blind round are offered to nobody before it is unblinded", async () => {
    const blind = await w.round("blind", ["ada", "bea"]);
    ada = blind.layers("ada");
    await put(
      { id: newId(annotationId), name: "a", x: 0, note: "" },
      { id: newId(annotationId), name: "b", x: 40, note: "" },
    );
    await merge();
    for (const name of ["ada", "lena"] as const) expect((await groups(name)).body.items).toEqual([]);
    for (const name of ["bea", "jo"] as const) expect((await groups(name)).status).toBe(404);
    const { body } = await w.call<Page<DissolveLayer>>("lena", "GET", `/projects/${w.projectId}/dissolves`);
    expect(body.items.map(({ layer }) => layer.id)).not.toContain(ada);
  });
});
