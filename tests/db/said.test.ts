import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnnotationRow, annotationRows, deleteAnnotations } from "#db/annotations.ts";
import { transact } from "#db/client.ts";
import { addJudgements, withdrawJudgements } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { restate, saidIn } from "#db/said.ts";
import { retally, sweepTallies, talliesOf } from "#db/tallies.ts";
import { addAnswers, addTask, markUndone } from "#db/tasks.ts";
import { writeTurn } from "#db/turn.ts";
import { type AnnotationId, annotationId, type LayerId, type TaskId, taskId } from "#domain/ids.ts";
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
const one = fc.integer({ min: 0, max: 4 });
const some = fc.uniqueArray(one, { minLength: 1, maxLength: 4 });
/** Few contents, so that an outline often comes back to one that was judged before. */
const content = fc.constantFrom("first", "second");

type Step = { readonly rolledBack: boolean } & (
  | { readonly do: "draw"; readonly drawn: readonly { readonly n: number; readonly content: string }[] }
  | { readonly do: "delete"; readonly ns: readonly number[]; readonly again: boolean }
  | {
      readonly do: "answer";
      readonly ns: readonly number[];
      readonly task: number;
      readonly verdict: "keep" | "cannot-tell" | "choose";
      readonly version: number;
    }
  | { readonly do: "undo"; readonly which: number }
);

const rolledBack = fc.integer({ min: 0, max: 5 }).map((n) => n === 0);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("draw" as const),
    rolledBack,
    drawn: fc.uniqueArray(fc.record({ n: one, content }), { selector: ({ n }) => n, minLength: 1, maxLength: 4 }),
  }),
  fc.record({ do: fc.constant("delete" as const), rolledBack, ns: some, again: fc.boolean() }),
  fc.record({
    do: fc.constant("answer" as const),
    rolledBack,
    ns: some,
    task: fc.integer({ min: 0, max: 1 }),
    verdict: fc.constantFrom("keep" as const, "cannot-tell" as const, "choose" as const),
    version: fc.constantFrom(2, 10, 11),
  }),
  fc.record({ do: fc.constant("undo" as const), rolledBack, which: fc.nat() }),
);

const TAKE_BACK = new Error("taken back");

/** A layer with two tasks, in which a step is done as the product does it: under the log, in one transaction. */
class Layer {
  readonly id: LayerId;
  readonly #tasks: readonly TaskId[];
  #seq = 0;
  /** Answers with their judgements, as far as they were not taken back. */
  #answers: { readonly id: string; readonly judgement: string | null; readonly annotation: AnnotationId }[] = [];

  private constructor(id: LayerId, tasks: readonly TaskId[]) {
    this.id = id;
    this.#tasks = tasks;
  }

  static async make(): Promise<Layer> {
    const layerId = await world.layer();
    const { projectId, slideId } = world;
    const ids = [newId(taskId), newId(taskId)];
    for (const id of ids) {
      const scope = { kind: "rework" as const, annotationIds: [], region: null };
      const task = { id, projectId, slideId, layerId, kind: "rework" as const, assigneeId: person(), scope };
      await addTask(database.db, task);
    }
    return new Layer(layerId, ids);
  }

  async play(given: Step): Promise<void> {
    const before = { seq: this.#seq, answers: this.#answers };
    try {
      await transact(database.db, async (tx) => {
        await this.#do(tx, given);
        if (given.rolledBack) throw TAKE_BACK;
        return { value: null, written: Promise.resolve() };
      });
    } catch (error) {
      if (error !== TAKE_BACK) throw error;
      [this.#seq, this.#answers] = [before.seq, before.answers];
    }
  }

  async #do(tx: Parameters<typeof restate>[0], given: Step): Promise<void> {
    if (given.do === "draw") return this.#turn(tx, [], given.drawn);
    if (given.do === "undo") return this.#undo(tx, given.which);
    if (given.do === "answer") return this.#answer(tx, given);
    const living = new Map((await annotationRows(tx, { layerIds: [this.id] })).map((row) => [row.id, row.contentHash]));
    const there = given.ns.filter((n) => living.has(idOf(n)));
    if (!given.again) return this.#turn(tx, there.map(idOf), []);
    await deleteAnnotations(tx, this.id, there.map(idOf));
    const back = there.map((n) => ({ n, content: living.get(idOf(n)) ?? "" }));
    return this.#turn(tx, [], back);
  }

  async #turn(
    tx: Parameters<typeof restate>[0],
    gone: readonly AnnotationId[],
    drawn: readonly { readonly n: number; readonly content: string }[],
  ): Promise<void> {
    const { projectId, slideId } = world;
    const rows = drawn.map(
      (each): AnnotationRow => ({
        ...{ layerId: this.id, projectId, slideId, under: 1, shape: "polygon", attributes: {}, areaPx: 1 + each.n },
        ...{ id: idOf(each.n), classId: aClassId("a"), geometryType: "polygon", record: new Uint8Array([1]), note: "" },
        ...{ minX: 0, minY: 0, maxX: 1, maxY: 1, contentHash: each.content, createdAt: AT, updatedAt: AT },
        ...{ createdBy: person(), updatedBy: person() },
      }),
    );
    const updates = [{ authorId: person(), bytes: new Uint8Array([1]) }];
    const place = { layerId: this.id, projectId, slideId, epoch: 1, at: AT, seq: this.#seq, claims: [] };
    await writeTurn(tx, { ...place, updates, gone, rows });
    this.#seq++;
  }

  async #answer(tx: Parameters<typeof restate>[0], given: Step & { readonly do: "answer" }): Promise<void> {
    const { verdict, version } = given;
    const task = this.#tasks[given.task];
    if (task === undefined) throw new Error("there is no such task");
    const rows = await annotationRows(tx, { layerIds: [this.id], ids: given.ns.map(idOf) });
    const answers = rows.map(({ id, contentHash }) => {
      const judgement = verdict === "choose" ? null : newId(annotationId);
      return { id: newId(annotationId), judgement, annotation: id, contentHash };
    });
    await addJudgements(
      tx,
      answers.flatMap(({ judgement, annotation, contentHash }) =>
        judgement === null || verdict === "choose"
          ? []
          : [
              {
                ...{ id: judgement, layerId: this.id, annotationId: annotation },
                contentHash,
                verdict,
                version,
                personId: person(),
              },
            ],
      ),
    );
    await addAnswers(
      tx,
      answers.map(({ id, judgement, annotation, contentHash }) => ({
        ...{ id, taskId: task, annotationId: annotation, personId: person(), verdict, judgementId: judgement },
        formerHash: contentHash,
        afterHash: contentHash,
      })),
    );
    await restate(
      tx,
      this.id,
      answers.map(({ annotation }) => annotation),
    );
    this.#answers = [...this.#answers, ...answers];
  }

  async #undo(tx: Parameters<typeof restate>[0], which: number): Promise<void> {
    const answer = this.#answers[which % Math.max(1, this.#answers.length)];
    if (answer === undefined) return;
    await markUndone(tx, [answer.id], AT);
    await withdrawJudgements(tx, answer.judgement === null ? [] : [answer.judgement], AT);
    await restate(tx, this.id, [answer.annotation]);
    this.#answers = this.#answers.filter((each) => each !== answer);
  }
}

function person() {
  const [first] = world.people;
  if (first === undefined) throw new Error("there is nobody");
  return first.personId;
}

/** What was said of each outline that is there, by going over all judgements and answers. */
async function heard(layerId: LayerId) {
  const { rows } = await database.db.execute<{ id: string; keeps: number[]; handed: number[]; tasks: string[] }>(sql`
    select a.id,
      array(select version from judgements j where j.layer_id = a.layer_id and j.annotation_id = a.id
        and j.content_hash = a.content_hash and j.withdrawn_at is null and j.verdict = 'keep') keeps,
      array(select version from judgements j where j.layer_id = a.layer_id and j.annotation_id = a.id
        and j.content_hash = a.content_hash and j.withdrawn_at is null and j.verdict = 'cannot-tell') handed,
      array(select t.id from task_answers w join tasks t on t.id = w.task_id
        where t.layer_id = a.layer_id and w.annotation_id = a.id and w.undone_at is null) tasks
    from annotations a where a.layer_id = ${layerId} order by a.id`);
  return rows.map(({ id, keeps, handed, tasks }) => ({
    id,
    keeps: [...new Set(keeps)].sort((a, b) => a - b),
    handedOn: Math.max(0, ...handed),
    answeredIn: [...new Set(tasks)].sort(),
  }));
}

async function stored(layerId: LayerId) {
  const { rows } = await database.db.execute<{ id: string; said: string }>(
    sql`select id, said from annotations where layer_id = ${layerId} order by id`,
  );
  return rows.map(({ id, said }) => ({ id, ...saidIn(said) }));
}

async function counted(layerId: LayerId) {
  const { rows } = await database.db.execute<{ said: string; count: number; areaUnits: number }>(sql`
    select said, count(*)::int count, sum(area_px * 8192)::float8 "areaUnits"
    from annotations where layer_id = ${layerId} group by 1 order by 1`);
  return rows;
}

async function tallied(layerId: LayerId) {
  const rows = (await talliesOf(database.db, layerId)).map(({ said, count, areaUnits }) => ({
    said,
    count,
    areaUnits,
  }));
  return rows.sort((a, b) => (a.said < b.said ? -1 : 1));
}

describe("what people said", () => {
  it("[SCA7] is in the rows and tallies as judgements and answers say, after any answers, undoing, edits and rollbacks", async () => {
    let [judged, back] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        const layer = await Layer.make();
        for (const each of steps) {
          await layer.play(each);
          back += Number(each.rolledBack);
          const told = await stored(layer.id);
          expect(told).toEqual(await heard(layer.id));
          expect(await tallied(layer.id)).toEqual(await counted(layer.id));
          judged += told.filter(({ answeredIn }) => answeredIn.length > 0).length;
        }
        const before = await tallied(layer.id);
        await sweepTallies(database.db, layer.id);
        expect(await tallied(layer.id)).toEqual(before);
        const empty = sql`select 1 from annotation_tallies where layer_id = ${layer.id} and count = 0`;
        expect((await database.db.execute(empty)).rows).toEqual([]);
        expect(await retally(database.db, [layer.id])).toEqual([]);
        expect(await tallied(layer.id)).toEqual(before);
      }),
      { numRuns: 40 },
    );
    expect(judged).toBeGreaterThan(50);
    expect(back).toBeGreaterThan(5);
  });

  it("[SCA7] is made anew where rows or tallies say something else", async () => {
    const layer = await Layer.make();
    await layer.play({ do: "draw", rolledBack: false, drawn: [0, 1].map((n) => ({ n, content: "first" })) });
    await layer.play({ do: "answer", rolledBack: false, ns: [0], task: 0, verdict: "keep", version: 2 });
    const [rows, tallies] = [await stored(layer.id), await tallied(layer.id)];
    for (const lie of [sql`update annotations set said = '9/9/'`, sql`update annotations set said = ''`]) {
      await database.db.execute(sql`${lie} where layer_id = ${layer.id}`);
      expect(await retally(database.db, [layer.id])).toContain(idOf(0));
      expect(await stored(layer.id)).toEqual(rows);
      expect(await tallied(layer.id)).toEqual(tallies);
    }
  });
});
