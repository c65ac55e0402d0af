import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Db } from "#db/client.ts";
import { submittedReads } from "#db/reads.ts";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import { startComputation } from "#server/jobs/computation.ts";
import { SILENT_LOG } from "#server/log.ts";
import { pairTable, type Work } from "#server/queries/drift-measures.ts";
import { type ApiWorld, apiWorld } from "#tests/support/api-world.ts";
import { aClassId, aGuideline, square } from "#tests/support/builders.ts";

let w: ApiWorld;
const computation = startComputation(SILENT_LOG);
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await computation.close();
  await w.close();
});

/** A database in which something happens right before a transaction begins. */
function before(db: Db, happen: () => Promise<void>): Db {
  const transaction: Db["transaction"] = async (work, config) => {
    await happen();
    return db.transaction(work, config);
  };
  return new Proxy(db, {
    get: (target, key, receiver) => (key === "transaction" ? transaction : Reflect.get(target, key, receiver)),
  });
}

async function twoReads(project: ProjectId): Promise<readonly [LayerId, LayerId]> {
  const slide = await w.bareSlide(project, "one");
  const round = await w.round(project, "open", [slide], ["ada", "bea"]);
  const [first, again] = [round.layer(slide, "ada"), round.layer(slide, "bea")];
  for (const [name, layer] of [
    ["ada", first],
    ["bea", again],
  ] as const) {
    await w.draw(name, layer, [{ classId: "a", geometry: square(100, 100, 200) }]);
    await w.call(name, "POST", `/layers/${layer}/submit`);
  }
  return [first, again];
}

describe("measures between reads", () => {
  it("[SCA5] are kept under the positions that their outlines were read at, whatever moved meanwhile", async () => {
    const project = await w.project(aGuideline(["a"]));
    const [firstId, againId] = await twoReads(project);
    const pairNow = async () => {
      const reads = await submittedReads(w.db, project);
      const [first, again] = [firstId, againId].map((id) => reads.find(({ layerId }) => layerId === id));
      if (first === undefined || again === undefined) throw new Error("both were handed in");
      return { first, again, within: null };
    };
    const measure = async (work: Work, pair: Awaited<ReturnType<typeof pairNow>>) =>
      pairTable(work, project, pair, { classIds: [aClassId("a")], history: [{ number: 1, changes: [] }] });
    const stored = async () => (await w.pool.query("select key from drift_measures")).rows.length;
    const old = await pairNow();
    const moved = before(w.db, async () => {
      // As another node does it: the log has gone on, and the outline with it.
      await w.pool.query("update layers set last_seq = last_seq + 1 where id = $1", [againId]);
      await w.pool.query("delete from annotations where layer_id = $1", [againId]);
    });
    const measured = await measure({ db: moved, computation }, old);
    expect(await stored()).toBe(1);
    // What was asked under the new position is that result; under the old one there is none.
    expect(await measure({ db: w.db, computation }, await pairNow())).toEqual(measured);
    expect(await stored()).toBe(1);
    const still = await measure({ db: w.db, computation }, old);
    expect(still).toEqual(measured);
    expect(await stored()).toBe(1);
  });
});
