import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClassDefinition } from "#domain/guideline.ts";
import type { Blocker, FindingView } from "#server/api/schemas/releases.ts";
import type { Layer } from "#server/api/schemas/slides.ts";
import { type ApiWorld, apiWorld, type Page } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, square } from "#tests/support/builders.ts";

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

/** The smallest area is set on the class above, and blocks; the class that is drawn inherits it. */
function guideline(severity: "warn" | "block"): ClassDefinition[] {
  const parent = aClass("a", { minAreaUm2: 10_000, rules: { ...aClass("a").rules, severity } });
  const child = aClass("b", { parentId: aClassId("a"), rules: { ...aClass("b").rules, inherits: true } });
  return [parent, child];
}
type Refused = { code: string; detail: { count: number; findings: (FindingView & { href: string })[] } };
const submit = (layer: string) => w.call<Refused>("ada", "POST", `/layers/${layer}/submit`);

describe("findings that block", () => {
  it("[FND3] stop a submit, with outline, place, value, limit and a link to each, and leave the read open", async () => {
    const project = await w.project(aGuideline(guideline("block"), { exhaustive: false }));
    const slide = await w.bareSlide(project, "s");
    const layer = (await w.round(project, "open", [slide], ["ada"])).layer(slide, "ada");
    const [small] = await w.draw("ada", layer, [
      { classId: "b", geometry: square(100, 100, 100) },
      { classId: "b", geometry: square(400, 400, 200) },
    ]);
    const refused = await submit(layer);
    expect(refused).toMatchObject({ status: 409, body: { code: "findings-block", detail: { count: 1 } } });
    expect(refused.body.detail.findings).toEqual([
      {
        annotationId: small?.id,
        code: "too-small",
        bbox: { minX: 100, minY: 100, maxX: 200, maxY: 200 },
        measured: 2_500,
        limit: 10_000,
        unit: "um2",
        other: null,
        href: `/projects/${project}/slides/${slide}?layer=${layer}&annotation=${small?.id}#x=150.0&y=150.0&z=0.000`,
      },
    ]);
    const state = await w.pool.query("select state from layers where id = $1", [layer]);
    expect(state.rows).toEqual([{ state: "open" }]);
    const signed = await w.pool.query("select count(*)::int as n from screenings where layer_id = $1", [layer]);
    expect(signed.rows).toEqual([{ n: 0 }]);
    await w.running.product.world.rooms.edit(layer, w.people.ada.id, (doc) => doc.remove(small?.id as never));
    expect((await submit(layer)).status).toBe(200);
  });

  it("[FND3] that only warn stop nothing, and neither does a size where the slide has no scale", async () => {
    for (const [severity, mpp] of [
      ["warn", 0.5],
      ["block", null],
    ] as const) {
      const project = await w.project(aGuideline(guideline(severity), { exhaustive: false }));
      const slide = await w.bareSlide(project, "s", { mpp });
      const layer = (await w.round(project, "open", [slide], ["ada"])).layer(slide, "ada");
      await w.draw("ada", layer, [{ classId: "b", geometry: square(100, 100, 100) }]);
      expect((await submit(layer)).status).toBe(200);
    }
  });

  it("[FND4] stop a release, by the slide's scale, each with its finding and a link to the place", async () => {
    const project = await w.project(aGuideline(guideline("block"), { exhaustive: false }));
    const slide = await w.bareSlide(project, "s");
    const layer = (await w.call<Layer>("lena", "POST", `/slides/${slide}/layers`)).body.id;
    const [small] = await w.draw("ada", layer, [
      { classId: "b", geometry: square(1_000, 200, 100) },
      { classId: "b", geometry: square(400, 400, 200) },
    ]);
    const { items } = (await w.call<Page<Blocker>>("lena", "GET", `/projects/${project}/blockers`)).body;
    expect(items).toMatchObject([
      {
        code: "blocking-findings",
        count: 1,
        links: [
          {
            href: `/projects/${project}/slides/${slide}#x=1050.0&y=250.0&z=0.000`,
            finding: { annotationId: small?.id, code: "too-small", measured: 2_500, limit: 10_000, unit: "um2" },
          },
        ],
      },
    ]);
    const frozen = await w.call("lena", "POST", `/projects/${project}/releases`, { name: "r" });
    expect(frozen).toMatchObject({ status: 409, body: { code: "release-blocked", detail: { blockers: items } } });
    await w.running.product.world.rooms.edit(layer as never, w.people.ada.id, (doc) => doc.remove(small?.id as never));
    expect((await w.call("lena", "POST", `/projects/${project}/releases`, { name: "r" })).status).toBe(200);
  });
});
