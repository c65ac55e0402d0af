import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guidelineHistory } from "#db/guidelines.ts";
import { addJudgements, addScreening } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { retally } from "#db/tallies.ts";
import { addTasks } from "#db/task-batches.ts";
import { addAnswers, openTasks, type TaskRow } from "#db/tasks.ts";
import { addWaiver } from "#db/waivers.ts";
import type { Annotation } from "#domain/annotation.ts";
import { type AnnotationId, annotationId, type LayerId, type PersonId, type SlideId, taskId } from "#domain/ids.ts";
import type { TaskKind, TaskScope, TaskState } from "#domain/task.ts";
import { openWork } from "#server/queries/heirs.ts";
import { openCounts } from "#server/queries/staleness.ts";
import { countsOf } from "#server/queries/task-counts.ts";
import { hoursOf, openPace, type Pace, UNMEASURED } from "#server/queries/task-hours.ts";
import { openHours } from "#server/queries/task-loads.ts";
import { aClassId, aGuideline, declare, square, withClass } from "#tests/support/builders.ts";
import { type WorkWorld, workWorld } from "#tests/support/work-world.ts";

type Layer = { readonly id: LayerId; readonly slideId: SlideId; readonly drawn: readonly Annotation[] };

let w: WorkWorld;
let layers: readonly Layer[];
let people: readonly PersonId[];

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const SECOND = withClass(FIRST, "a", { definition: "less" });
const THIRD = withClass(SECOND, "b", { definition: "less" });

beforeAll(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
  const round = await w.round("open", ["ada", "bea"], 2);
  people = [w.people.ada, w.people.bea, w.people.cem].map(({ personId }) => personId);
  const made: Layer[] = [];
  for (const name of ["ada", "bea"] as const) {
    for (const [place, slideId] of w.slideIds.entries()) {
      const id = round.layers(name, place);
      made.push({ id, slideId, drawn: await w.draw(name, id, ["a", "b", "a", "b"]) });
    }
  }
  await w.publish(SECOND, [declare.narrow("a")]);
  for (const name of ["ada", "bea"] as const) await w.draw(name, round.layers(name), ["a", "b"], 2);
  await w.publish(THIRD, [declare.narrow("b")]);
  layers = made;
});
afterAll(() => w.close());

const KINDS = ["migration", "re-screen", "rework", "repeat-read", "requalify"] as const satisfies readonly TaskKind[];
const STATES: readonly TaskState[] = ["open", "in-progress", "returned", "submitted", "accepted", "superseded"];
const place = fc.integer({ min: 0, max: 3 });
const places = fc.uniqueArray(place, { minLength: 1, maxLength: 4 });
const version = fc.integer({ min: 1, max: 3 });
const given = fc.record({
  kind: fc.constantFrom(...KINDS),
  state: fc.constantFrom(...STATES.slice(0, 3), ...STATES),
  layer: place,
  assignee: fc.integer({ min: 0, max: 2 }),
  authors: fc.uniqueArray(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 2 }),
  version,
  items: places,
  hasRegion: fc.boolean(),
  isLeftOut: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  answers: fc.array(fc.record({ item: place, verdict: fc.constantFrom("keep", "cannot-tell"), undone: fc.boolean() }), {
    maxLength: 3,
  }),
});
type Given = typeof given extends fc.Arbitrary<infer Value> ? Value : never;
const world = fc.record({
  tasks: fc.array(given, { minLength: 8, maxLength: 16 }),
  judged: fc.array(fc.record({ layer: place, item: place, verdict: fc.constantFrom("keep", "cannot-tell"), version }), {
    maxLength: 5,
  }),
  screened: fc.array(fc.record({ layer: place, classes: places, version }), { maxLength: 4 }),
  waived: fc.option(version, { nil: null }),
  handedIn: places,
  hidden: fc.uniqueArray(place, { maxLength: 2 }),
});
type Random = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function layerAt(n: number): Layer {
  const layer = layers[n];
  if (layer === undefined) throw new Error(`there is no layer ${n}`);
  return layer;
}

function personAt(n: number): PersonId {
  const person = people[n];
  if (person === undefined) throw new Error(`there is no person ${n}`);
  return person;
}

/** An outline of a layer; the last one is of no layer at all. */
function itemOf({ drawn }: Layer, n: number): AnnotationId {
  return drawn[n]?.id ?? annotationId.parse("nosuchoutline000");
}

function scopeOf({ kind, version: number, authors, items, hasRegion }: Given, layer: Layer): TaskScope {
  switch (kind) {
    case "migration":
      return { kind, version: number, authorIds: authors.map(personAt) };
    case "re-screen":
      return { kind, version: number, classIds: items.map((n) => aClassId("abcd".charAt(n))) };
    case "rework":
      return {
        kind,
        annotationIds: items.map((n) => (n === 3 ? itemOf(layer, 9) : itemOf(layer, n))),
        region: hasRegion ? square(0, 0, 10) : null,
      };
    case "repeat-read":
      return { kind, version: number, regionIds: ["region0000000001" as never] };
    default:
      return { kind, version: number, classId: aClassId("a") };
  }
}

async function makeWorld({ tasks, judged, screened, waived, handedIn }: Random): Promise<TaskRow["id"][]> {
  const { db } = w.world;
  const at = new Date("2026-01-01T00:00:00Z");
  await w.database.pool.query("truncate task_answers, judgements, screenings, waivers, waived_outlines");
  await w.database.pool.query("update tasks set state = 'cancelled'");
  await w.database.pool.query(
    "update layers set state = case when id = any($1::text[]) then 'submitted' else 'open' end",
    [handedIn.map((n) => layerAt(n).id)],
  );
  const rows = tasks.map((task) => {
    const layer = layerAt(task.layer);
    const { kind, state } = task;
    const where = { projectId: w.projectId, slideId: layer.slideId, layerId: layer.id };
    return {
      id: newId(taskId),
      ...where,
      kind,
      state,
      assigneeId: personAt(task.assignee),
      scope: scopeOf(task, layer),
    };
  });
  await addTasks(db, rows);
  await addAnswers(
    db,
    tasks.flatMap(({ answers, layer }, n) =>
      answers.map(({ item, verdict, undone }) => ({
        id: newId(annotationId),
        taskId: rows[n]?.id ?? newId(taskId),
        annotationId: itemOf(layerAt(layer), item),
        personId: personAt(0),
        verdict: verdict as "keep" | "cannot-tell",
        formerHash: "",
        at,
        undoneAt: undone ? at : null,
      })),
    ),
  );
  const hashes = await w.database.pool.query("select id, content_hash from annotations");
  const hashOf = new Map<string, string>(hashes.rows.map((row) => [row.id, row.content_hash]));
  await addJudgements(
    db,
    judged.map(({ layer, item, verdict, version: number }) => {
      const id = itemOf(layerAt(layer), item);
      const about = { layerId: layerAt(layer).id, annotationId: id, contentHash: hashOf.get(id) ?? "" };
      return {
        id: newId(annotationId),
        ...about,
        verdict: verdict as "keep" | "cannot-tell",
        version: number,
        personId: personAt(0),
      };
    }),
  );
  for (const { layer, classes, version: number } of screened) {
    const { id: layerId, slideId } = layerAt(layer);
    const classIds = classes.map((n) => aClassId("abcd".charAt(n)));
    await addScreening(db, {
      id: newId(annotationId),
      layerId,
      slideId,
      personId: personAt(0),
      classIds,
      version: number,
    });
  }
  if (waived !== null) {
    const scope = { kind: "slide" as const, slideId: layerAt(0).slideId };
    const ends = new Date(Date.now() + 86_400_000);
    const written = { reason: "as it is", approvedBy: personAt(0), version: waived, expiresAt: ends };
    await addWaiver(db, { id: newId(annotationId), projectId: w.projectId, scope, ...written });
  }
  await retally(
    db,
    layers.map(({ id }) => id),
  );
  return rows.flatMap(({ id }, n) => (tasks[n]?.isLeftOut ? [id] : []));
}

/** The plain way: every open task is read, and what is left of it counted. */
async function plainHours(without: readonly TaskRow["id"][], hidden: readonly LayerId[], pace: Pace = UNMEASURED) {
  const { db } = w.world;
  const history = await guidelineHistory(db, w.projectId);
  const open = (await openTasks(db, w.projectId)).filter(
    ({ id, layerId }) => !without.includes(id) && (layerId === null || !hidden.includes(layerId)),
  );
  const counts = await countsOf(db, open, history);
  const hours = new Map<PersonId, number>();
  const byTask = new Map<TaskRow["id"], number>();
  const left = new Map<TaskKind, number>();
  for (const { id, kind, assigneeId } of open) {
    const count = counts.get(id)?.left ?? 0;
    byTask.set(id, hoursOf(kind, count, pace));
    hours.set(assigneeId, (hours.get(assigneeId) ?? 0) + hoursOf(kind, count, pace));
    left.set(kind, (left.get(kind) ?? 0) + count);
  }
  return { hours, byTask, left };
}

const rounded = (hours: ReadonlyMap<PersonId, number>) =>
  [...hours].map(([person, each]) => [person, each.toFixed(9)]).sort();

describe("what people have to do", () => {
  it("[SCA9] is added up by the database as counting every open task says", async () => {
    const { db } = w.world;
    const seen = new Map<TaskKind, number>();
    await fc.assert(
      fc.asyncProperty(world, async (random) => {
        const without = await makeWorld(random);
        const history = await guidelineHistory(db, w.projectId);
        const hidden = random.hidden.map((n) => layerAt(n).id);
        const { open } = await openCounts(db, { projectId: w.projectId }, history);
        const hours = await openHours(db, w.projectId, { history, pace: UNMEASURED, open, without, hidden });
        const plain = await plainHours(without, hidden);
        expect(rounded(hours)).toEqual(rounded(plain.hours));
        for (const [kind, left] of plain.left) seen.set(kind, (seen.get(kind) ?? 0) + left);
      }),
      { numRuns: 25 },
    );
    for (const kind of KINDS) expect(seen.get(kind), kind).toBeGreaterThan(0);
  });

  it("[HEI1] is so for the rule that balances too, without what is done where somebody reads blind", async () => {
    const { db } = w.world;
    const { id: blind } = await w.round("blind", ["cem"]);
    const hiddenOnes = layers.filter(({ slideId }) => slideId === w.slideIds[0]).map(({ id }) => id);
    let unweighed = 0;
    await fc.assert(
      fc.asyncProperty(world, fc.boolean(), async (random, isBlind) => {
        await makeWorld(random);
        await w.database.pool.query("update rounds set unblinded_at = $2 where id = $1", [
          blind,
          isBlind ? null : new Date(0),
        ]);
        const { load, pace, hoursIn } = await openWork(db, w.projectId);
        const plain = await plainHours([], isBlind ? hiddenOnes : [], await openPace(db, w.projectId));
        expect(rounded(load)).toEqual(rounded(plain.hours));
        expect(pace).toEqual(await openPace(db, w.projectId));
        const asked = await openTasks(db, w.projectId);
        expect([...(await hoursIn(asked))].sort()).toEqual([...plain.byTask].sort());
        unweighed += isBlind ? asked.length - plain.byTask.size : 0;
      }),
      { numRuns: 20 },
    );
    expect(unweighed).toBeGreaterThan(0);
  });
});
