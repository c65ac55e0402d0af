import { afterAll, beforeAll, expect, test } from "vitest";
import { annotationRows, recordPages } from "#db/annotations.ts";
import { layerId } from "#domain/ids.ts";
import { type ApiWorld, apiWorld } from "#tests/support/api-world.ts";
import { aGuideline, square } from "#tests/support/builders.ts";

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(() => w.close());

test("[CNS75] the outlines of a read come some at a time, each once, by id", async () => {
  const project = await w.project(aGuideline(["a"]));
  const slide = await w.bareSlide(project, "slide");
  const round = await w.round(project, "open", [slide], ["ada", "bea"]);
  const [adas, beas] = [round.layer(slide, "ada"), round.layer(slide, "bea")];
  const outlines = Array.from({ length: 20 }, (_, at) => ({ classId: "a", geometry: square(50 * at, 0, 40) }));
  await w.draw("ada", adas, outlines);
  await w.draw("bea", beas, outlines.slice(0, 3));
  const rows = (await annotationRows(w.db, { layerIds: [layerId.parse(adas)] })).map(({ id, record, shape }) => ({
    id,
    record,
    shape,
  }));
  for (const [length, pages] of [
    [7, [7, 7, 6]],
    [10, [10, 10, 0]],
    [100, [20]],
  ] as const) {
    const [found, lengths]: [unknown[], number[]] = [[], []];
    for await (const page of recordPages(w.db, layerId.parse(adas), length)) {
      found.push(...page);
      lengths.push(page.length);
    }
    expect(lengths).toEqual(pages);
    expect(found).toEqual(rows);
  }
});
