import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnnotationRow, annotationRows, countAnnotations, deleteAnnotations } from "#db/annotations.ts";
import { transact } from "#db/client.ts";
import { retally, talliesOf } from "#db/tallies.ts";
import { type TurnRows, writeTurn } from "#db/turn.ts";
import { type AnnotationId, annotationId, type LayerId, type PersonId } from "#domain/ids.ts";
import { aClassId } from "#tests/support/builders.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { type SyncWorld, syncWorld } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterAll(() => database.close());

const AT = new Date("2026-01-01T00:00:00Z");
const idOf = (n: number): AnnotationId => annotationId.parse(`annotation${String(n).padStart(6, "0")}`);

type Step = {
  readonly drawn: readonly (Pick<AnnotationRow, "under" | "shape" | "attributes" | "areaPx"> & {
    readonly n: number;
    readonly name: string;
    readonly who: number;
  })[];
  readonly gone: readonly number[];
  /** Deleted and drawn again in one turn: a statement of its own before the turn's. */
  readonly remade: readonly number[];
  readonly rolledBack: boolean;
};

const some = fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { maxLength: 4 });
const drawn = fc.record({
  n: fc.integer({ min: 0, max: 11 }),
  name: fc.constantFrom("a", "b"),
  under: fc.integer({ min: 1, max: 2 }),
  shape: fc.constantFrom("polygon" as const, "box" as const),
  who: fc.integer({ min: 0, max: 2 }),
  attributes: fc.constantFrom<Record<string, string>>({}, { grade: "1" }, { grade: "2", side: "left/right" }),
  areaPx: fc.integer({ min: 0, max: 1 << 30 }).map((units) => units / 8_192),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    drawn: fc.uniqueArray(drawn, { selector: ({ n }) => n, maxLength: 5 }),
    gone: some,
    remade: some,
    rolledBack: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

function turnOf(layerId: LayerId, seq: number, { drawn: rows, gone }: Step): TurnRows {
  const { projectId, slideId } = world;
  const ids = new Set(rows.map(({ n }) => n));
  return {
    ...{ layerId, projectId, slideId, epoch: 1, at: AT, seq, claims: [] },
    updates: [{ authorId: personOf(0), bytes: new Uint8Array([1]) }],
    gone: gone.filter((n) => !ids.has(n)).map(idOf),
    rows: rows.map(({ n, name, who, under, shape, attributes, areaPx }) => ({
      ...{ layerId, projectId, slideId, under, shape, attributes, areaPx },
      ...{ id: idOf(n), classId: aClassId(name), geometryType: "polygon", record: new Uint8Array([1]), note: "" },
      ...{ minX: 0, minY: 0, maxX: 1, maxY: 1, contentHash: "hash", createdAt: AT, updatedAt: AT },
      ...{ createdBy: personOf(who), updatedBy: personOf(who) },
    })),
  };
}

function personOf(who: number): PersonId {
  const person = world.people[who];
  if (person === undefined) throw new Error(`there is no person ${who}`);
  return person.personId;
}

const TAKE_BACK = new Error("taken back");

async function play(layerId: LayerId, seq: number, step: Step): Promise<number> {
  try {
    await transact(database.db, async (tx) => {
      await deleteAnnotations(tx, layerId, step.remade.map(idOf));
      const written = writeTurn(tx, turnOf(layerId, seq, step));
      if (!step.rolledBack) return { value: null, written };
      await written;
      throw TAKE_BACK;
    });
    return seq + 1;
  } catch (error) {
    if (error !== TAKE_BACK) throw error;
    return seq;
  }
}

const NAMES = [
  "layerId",
  "classId",
  "under",
  "shape",
  "createdBy",
  "attributes",
  "grade",
  "side",
  "count",
  "areaUnits",
];
const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row, NAMES.toSorted())).sort();

/** The same by going over all rows. */
async function counted(layerId: LayerId) {
  const { rows } = await database.db.execute(sql`
    select layer_id "layerId", class_id "classId", under, shape, created_by "createdBy", attributes,
      count(*)::int count, sum(area_px * 8192)::float8 "areaUnits"
    from annotations where layer_id = ${layerId} group by 1, 2, 3, 4, 5, 6`);
  return rows;
}

describe("tallies", () => {
  it("[SCA3] say what a count of the rows says, after any turns, also those that were taken back", async () => {
    let [living, undone] = [0, 0];
    await fc.assert(
      fc.asyncProperty(steps, async (turns) => {
        const layerId = await world.layer();
        let seq = 0;
        for (const step of turns) {
          seq = await play(layerId, seq, step);
          undone += Number(step.rolledBack);
          expect(sorted(await talliesOf(database.db, layerId))).toEqual(sorted(await counted(layerId)));
        }
        const rows = await annotationRows(database.db, { layerIds: [layerId] });
        const tallied = await countAnnotations(database.db, { layerIds: [layerId] });
        living += rows.length;
        expect(tallied.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
        expect(tallied.reduce((sum, { areaPx }) => sum + areaPx, 0)).toBe(
          rows.reduce((sum, { areaPx }) => sum + areaPx, 0),
        );
        const before = await talliesOf(database.db, layerId);
        await retally(database.db, [layerId]);
        expect(sorted(await talliesOf(database.db, layerId))).toEqual(sorted(before));
      }),
      { numRuns: 25 },
    );
    expect(living).toBeGreaterThan(10);
    expect(undone).toBeGreaterThan(3);
  });
});
