import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barredOn } from "#db/access.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { layerId, type ProjectId, slideId } from "#domain/ids.ts";
import { layerAccess } from "#server/access.ts";
import type { BoardView, Estimate, QueueView } from "#server/api/schemas/agreement.ts";
import type { ConsensusView, Dispute } from "#server/api/schemas/consensus.ts";
import type { Reconsidered } from "#server/api/schemas/guideline.ts";
import { type ApiWorld, apiWorld, type Name } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, aPersonId, square, withClass } from "#tests/support/builders.ts";
import { box, READERS, type ReadCase, readSlide, THREE_READS } from "#tests/support/read-case.ts";

const [A, B] = [aClassId("a"), aClassId("b")];
const GUIDELINE = aGuideline(["a", aClass("b", { matching: { by: "iou", min: 0.3 } })]);

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

const value = ({ value: measure }: Pick<Estimate, "value"> = { value: { defined: false, reason: "absent" } }) =>
  measure.defined ? measure.value : Number.NaN;

async function boardOf(project: ProjectId, who: Name = "lena", query = ""): Promise<BoardView> {
  const { status, body } = await w.call<BoardView>(who, "GET", `/projects/${project}/agreement${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

function disputeAt(view: ConsensusView, x: number, y: number): Dispute {
  const found = view.disputes.find(({ bbox }) => bbox[0] === x && bbox[1] === y);
  if (found === undefined) throw new Error(`no dispute at ${x}, ${y}: ${JSON.stringify(view.disputes)}`);
  return found;
}

describe("the board of a project", () => {
  let project: ProjectId;
  const cases: ReadCase[] = [];
  beforeAll(async () => {
    project = await w.project(GUIDELINE);
    for (let number = 0; number < 6; number++) {
      cases.push(
        await readSlide(w, project, {
          ada: [box("a", 400, 400, 200), box("b", 1_600, 400, 30)],
          bea: [box("a", 400 + 10 * number, 400, 200), box("b", 1_600, 400, 30)],
          cem: [box("a", 400, 400, 200), ...(number % 2 === 0 ? [box("b", 1_601, 400, 30)] : [])],
        }),
      );
    }
  });

  it("[CNS48] has each class by its own comparison, each number with its interval over cases, in one answer", async () => {
    const board = await boardOf(project);
    expect(board).toMatchObject({ of: "decided", guidelineNumber: 1, clusters: 6 });
    expect(board.classes.map(({ classId, basis }) => [classId, basis])).toEqual([
      [A, "regions"],
      [B, "objects"],
    ]);
    // 15 votes of 18 for six objects: mean over objects of pairs that agree is (3 x 1 + 3 x 1/3) / 6.
    expect(value(board.classes[1]?.percentAgreement)).toBeCloseTo(4 / 6, 9);
    expect(value(board.classes[1]?.prevalence)).toBeCloseTo(15 / 18, 9);
    const { limits } = board.classes[0]?.alpha ?? {};
    if (limits?.defined !== true) throw new Error("no interval");
    expect(limits.low).toBeLessThan(value(board.classes[0]?.alpha));
    expect(board.slides).toHaveLength(6);
    expect(board.slides.map(({ disagreementShare }) => disagreementShare)).toEqual(
      board.slides.map(({ disagreementShare }) => disagreementShare).toSorted((a, b) => b - a),
    );
    expect(board.versions).toMatchObject([{ guidelineNumber: 1, slides: 6 }]);
    expect(JSON.stringify(board)).not.toMatch(/NaN|Infinity/);
  });

  it("[CNS48] is computed once for the same slides, and asked for one round only it has that round's", async () => {
    const [first, again] = [await boardOf(project), await boardOf(project)];
    expect(again).toEqual(first);
    const rows = await w.pool.query("select key from agreement_results where key = $1", [first.key]);
    expect(rows.rows).toHaveLength(1);
    const one = await boardOf(project, "lena", `?round=${cases[0]?.round}`);
    expect(one.slides.map(({ slideId }) => slideId)).toEqual([cases[0]?.slide]);
    expect(one.classes[0]?.alpha.limits).toEqual({ defined: false, reason: "too few slides" });
    expect((await w.call("stranger", "GET", `/projects/${project}/agreement`)).status).toBe(404);
    expect((await w.call("lena", "GET", `/projects/${project}/agreement?of=guess`)).status).toBe(400);
  });

  it("[CNS49] tells an adjudicator nothing of who the readers are, and has nothing of a round that is blind", async () => {
    const board = await boardOf(project, "jo");
    expect(board.readers.map(({ label, reader }) => [label, reader])).toEqual([
      ["A", null],
      ["B", null],
      ["C", null],
    ]);
    for (const name of READERS) expect(JSON.stringify(board)).not.toContain(w.people[name].id);
    expect((await boardOf(project, "vic")).readers.map(({ reader }) => reader?.name).sort()).toEqual([...READERS]);
    const blind = await w.project(GUIDELINE);
    const slide = await w.bareSlide(blind, "blind");
    const round = await w.round(blind, "blind", [slide], ["ada", "bea"]);
    for (const name of ["ada", "bea"] as const) {
      await w.draw(name, round.layer(slide, name), [box("a", 100, 100, 50)]);
      await w.call(name, "POST", `/layers/${round.layer(slide, name)}/submit`);
    }
    expect((await boardOf(blind, "ada")).slides).toEqual([]);
    expect((await boardOf(blind, "lena")).slides).toHaveLength(1);
  });

  it("[CNS50] moves with a decision, and keeps the numbers of the reads as they were", async () => {
    const [before, asRead] = [await boardOf(project), await boardOf(project, "lena", "?of=read")];
    const moved = cases.at(-1);
    const view = await moved?.view();
    const dispute = view?.disputes.find(({ basis }) => basis === "region");
    if (moved === undefined || dispute === undefined) throw new Error("nothing to decide");
    expect((await moved.decide("jo", dispute, { method: "majority" })).status).toBe(200);
    const after = await boardOf(project);
    expect(value(after.classes[0]?.alpha)).toBeGreaterThan(value(before.classes[0]?.alpha));
    expect(await boardOf(project, "lena", "?of=read")).toEqual({ ...asRead, slides: expect.anything() });
    const line = after.slides.find(({ slideId }) => slideId === moved.slide);
    expect(line?.undecided).toBeLessThan(line?.disputes ?? 0);
  });
});

describe("the queue behind a number", () => {
  it("[CNS51] holds the disputes of a class, a kind, a slide, two readers and what they say, worst first and paged", async () => {
    const project = await w.project(aGuideline(["a", "b"]));
    const one = await readSlide(w, project, THREE_READS);
    await readSlide(w, project, { ada: [box("a", 100, 100, 50)], bea: [] });
    const ask = async (query: string, who: Name = "lena") =>
      (await w.call<QueueView>(who, "GET", `/projects/${project}/disputes${query}`)).body;
    const all = await ask("");
    expect(all.total).toBe(4);
    expect(all.items.map(({ score }) => score)).toEqual(all.items.map(({ score }) => score).toSorted((x, y) => y - x));
    expect((await ask(`?class=${B}`)).items).toMatchObject([{ kind: "class-conflict", slideId: one.slide }]);
    expect((await ask(`?slide=${one.slide}&kind=missed`)).total).toBe(2);
    const place = (name: Name) => all.readers.findIndex(({ reader }) => reader?.name === name);
    const [ada, bea, cem] = [place("ada"), place("bea"), place("cem")];
    // Ada and cem drew the same but for the conflict; cem has not read the other slide.
    expect((await ask(`?a=${ada}&b=${cem}`)).items.map(({ kind }) => kind)).toEqual(["class-conflict"]);
    expect((await ask(`?a=${ada}&b=${bea}&x=${A}&y=${B}`)).total).toBe(1);
    expect((await ask(`?a=${bea}&b=${ada}&x=${A}&y=${B}`)).total).toBe(0);
    expect((await ask(`?x=${A}&y=${B}`)).total).toBe(1);
    expect((await ask("?x=none&y=none")).total).toBe(1);
    const first = await ask("?limit=3");
    expect([first.items.length, first.nextCursor]).toEqual([3, "3"]);
    expect((await ask("?limit=3&cursor=3")).items.map(({ key }) => key)).toEqual([all.items[3]?.key]);
    await one.decide("jo", disputeAt(await one.view(), 600, 400), { method: "majority" });
    expect((await ask("")).total).toBe(3);
    expect((await ask("?state=all")).items.filter(({ decided }) => decided !== null)).toHaveLength(1);
    const jo = await ask("", "jo");
    for (const name of READERS) expect(JSON.stringify(jo)).not.toContain(w.people[name].id);
    expect((await w.call("stranger", "GET", `/projects/${project}/disputes`)).status).toBe(404);
    expect((await w.call("lena", "GET", `/projects/${project}/disputes?kind=odd`)).status).toBe(400);
  });
});

describe("the queue of what is behind the numbers of a reader and of a version", () => {
  it("[CVW8] holds where one reader says something else than all together, and rounds of one guideline version", async () => {
    const project = await w.project(aGuideline(["a", "b"]));
    const one = await readSlide(w, project, THREE_READS);
    const ask = async (query: string) =>
      (await w.call<QueueView>("lena", "GET", `/projects/${project}/disputes${query}`)).body;
    const { readers } = await ask("");
    const b = readers.findIndex(({ reader }) => reader?.name === "bea");
    // Bea lies 100 px to the right of two others; where one says a, one b, and one nothing, all together say nothing.
    const against = await ask(`?b=${b}&state=all`);
    const view = await one.view();
    const wanted = [disputeAt(view, 400, 400), disputeAt(view, 600, 400)].map(({ key }) => key);
    expect(against.items.map(({ key }) => key).toSorted()).toEqual(wanted.toSorted());
    expect((await ask(`?b=${b}&x=${A}&y=none`)).items.map(({ key }) => key)).toEqual([wanted[0]]);
    expect((await ask(`?b=${b}&x=none&y=${A}`)).items.map(({ key }) => key)).toEqual([wanted[1]]);
    expect((await ask("?version=1")).total).toBe(3);
    expect((await ask("?version=2")).total).toBe(0);
    expect((await w.call("lena", "GET", `/projects/${project}/disputes?version=0`)).status).toBe(400);
  });
});

describe("the board of one guideline version", () => {
  it("[CNS78] has the numbers of the rounds that were opened under it, in which readers keep their places", async () => {
    const project = await w.project(GUIDELINE);
    const old = await readSlide(w, project, { ada: [box("a", 400, 400, 200)], bea: [box("a", 450, 400, 200)] });
    const words = withClass(GUIDELINE, "a", { whenUnsure: "Ask a colleague." });
    expect((await w.publish(project, words)).status).toBe(200);
    const recent = await readSlide(w, project, {
      bea: [box("a", 400, 400, 200)],
      cem: [box("a", 400, 400, 200), box("b", 1_200, 1_200, 40)],
    });
    const [all, first, second] = [
      await boardOf(project),
      await boardOf(project, "lena", "?version=1"),
      await boardOf(project, "lena", "?version=2"),
    ];
    expect([all, first, second].map(({ slides }) => slides.map(({ slideId }) => slideId).toSorted())).toEqual([
      [old.slide, recent.slide].toSorted(),
      [old.slide],
      [recent.slide],
    ]);
    expect(new Set([all, first, second].map(({ key }) => key)).size).toBe(3);
    for (const board of [first, second]) expect(board.readers).toEqual(all.readers);
    const place = (name: Name) => all.readers.findIndex(({ reader }) => reader?.name === name);
    const regions = ({ bases }: BoardView) => bases.find(({ basis }) => basis === "regions");
    const between = (board: BoardView, one: Name, other: Name) => {
      const [a, b] = [place(one), place(other)].sort((x, y) => x - y);
      return (
        regions(board)
          ?.confusions.find((pair) => pair.a === a && pair.b === b)
          ?.cells.flat() ?? []
      );
    };
    const sum = (cells: readonly number[]) => cells.reduce((total, cell) => total + cell, 0);
    expect([sum(between(first, "ada", "bea")) > 0, sum(between(first, "bea", "cem"))]).toEqual([true, 0]);
    expect([sum(between(second, "ada", "bea")), sum(between(second, "bea", "cem")) > 0]).toEqual([0, true]);
    expect(value(second.classes[0]?.alpha)).toBe(1);
    expect(value(first.classes[0]?.alpha)).toBeLessThan(1);
    expect(all.versions.map(({ classes }) => classes[0]?.alpha.value)).toEqual([
      first.classes[0]?.alpha.value,
      second.classes[0]?.alpha.value,
    ]);
    expect((await boardOf(project, "lena", "?version=3")).slides).toEqual([]);
    expect((await w.call("lena", "GET", `/projects/${project}/agreement?version=0`)).status).toBe(400);
  });
});

describe("decisions", () => {
  it("[ADJ1] the union and the intersection of what was drawn are taken for the class that is meant", async () => {
    const project = await w.project(GUIDELINE);
    const one = await readSlide(w, project, {
      ada: [box("a", 400, 400, 100), box("a", 1_000, 1_000, 100)],
      bea: [box("a", 450, 400, 100)],
    });
    const view = await one.view();
    const common = await one.decide("jo", disputeAt(view, 400, 400), { method: "intersection" });
    expect(common.status).toBe(200);
    const whole = await one.decide("jo", disputeAt(view, 1_000, 1_000), { method: "union", classId: null });
    expect(whole.status).toBe(200);
    expect((await one.truth()).map((row) => row.areaPx).sort()).toEqual([10_000, 10_000]);
    const wrong = await one.decide("jo", disputeAt(view, 500, 400), { method: "union", classId: B });
    expect(wrong).toMatchObject({ status: 409, body: { code: "no-majority" } });
  });

  it("[ADJ2] an object is decided as one: its outline goes into the ground truth and all reads count as saying so", async () => {
    const project = await w.project(GUIDELINE);
    const one = await readSlide(w, project, {
      ada: [box("b", 400, 400, 30), box("b", 800, 800, 30)],
      bea: [box("b", 402, 400, 30), box("b", 800, 800, 30)],
      cem: [box("b", 402, 400, 30)],
    });
    const view = await one.view();
    expect(view.disputes).toMatchObject([{ basis: "object", kind: "missed", verdict: "class", majority: B }]);
    expect(view.disputes[0]?.votes.filter((vote) => vote.classId === null)).toHaveLength(1);
    expect((await one.decide("jo", disputeAt(view, 800, 800), { method: "majority" })).status).toBe(200);
    const after = await one.view();
    expect(value({ value: after.classes.find(({ classId }) => classId === B)?.percentAgreement as never })).toBe(1);
    const [before, now] = [view.objects, after.objects];
    // Two objects: one that all have, one that two of three have; nobody says that there is another.
    expect(before?.overall.percentAgreement).toEqual({ defined: true, value: (1 + 1 / 3) / 2 });
    expect([now?.overall.percentAgreement, now?.overallAsRead]).toEqual([{ defined: true, value: 1 }, before?.overall]);
    expect(before?.confusion.classIds).toEqual([B]);
    expect(before?.confusion.cells.map((row) => row.map((cell) => Math.round(cell * 6)))).toEqual([
      [0, 2],
      [2, 8],
    ]);
    expect(now?.confusion.cells[1]?.[1]).toBe(2);
    expect(after.disputes).toMatchObject([{ settled: true, record: { classId: B } }]);
    expect(await one.truth()).toMatchObject([{ classId: B, areaPx: 900 }]);
  });

  it("[ADJ3] where a new quorum makes another majority, decisions that took the old one are out of date; others stand", async () => {
    const project = await w.project(GUIDELINE);
    const one = await readSlide(w, project);
    const view = await one.view();
    const taken = await one.decide("jo", disputeAt(view, 400, 400), { method: "majority" });
    const chosen = await one.decide("jo", disputeAt(view, 600, 400), { method: "exclude" });
    expect([taken.status, chosen.status]).toEqual([200, 200]);
    expect((await w.publish(project, { ...GUIDELINE, rules: { ...GUIDELINE.rules, quorum: 3 } })).status).toBe(200);
    const after = await one.view();
    expect(after.guidelineNumber).toBe(2);
    expect(disputeAt(after, 400, 400)).toMatchObject({
      verdict: "no-consensus",
      settled: false,
      record: null,
      decision: { id: taken.body.decision.id, outOfDate: true },
    });
    expect(disputeAt(after, 600, 400)).toMatchObject({ settled: true, decision: { outOfDate: false } });
    const replaces = taken.body.decision.id;
    const again = await one.decide("jo", disputeAt(after, 400, 400), { method: "accept-read", read: 0 }, { replaces });
    expect(again.status).toBe(200);
  });

  it("[ADJ4] each read's reader is told which it is, and what the record says where it has something to say", async () => {
    const project = await w.project(GUIDELINE);
    const one = await readSlide(w, project, THREE_READS);
    await one.decide("jo", disputeAt(await one.view(), 600, 400), { method: "majority" });
    const bea = await one.view("bea");
    const mine = bea.reads.findIndex((read) => read.mine);
    expect(bea.reads[mine]?.reader?.name).toBe("bea");
    const differs = bea.disputes.filter(({ record, votes }) => {
      const own = votes.find((vote) => vote.read === mine)?.classId ?? null;
      return record !== null && record.classId !== own;
    });
    expect(differs.map(({ bbox }) => bbox[0])).toEqual([600]);
    expect((await one.view("jo")).reads.some((read) => read.mine)).toBe(false);
  });

  it("[GED26] the preview names the decisions that publishing then reopens, and no other; what a rule settles is told too", async () => {
    const project = await w.project(GUIDELINE);
    const one = await readSlide(w, project);
    const two = await readSlide(w, project);
    const view = await one.view();
    const taken = await one.decide("jo", disputeAt(view, 400, 400), { method: "majority" });
    await one.decide("jo", disputeAt(view, 600, 400), { method: "exclude" });
    await two.decide("jo", disputeAt(await two.view(), 600, 400), { method: "majority" });
    const path = `/projects/${project}/guideline`;
    const lookAt = async (content: GuidelineContent, revision: number) => {
      const saved = await w.call<{ revision: number }>("lena", "PUT", `${path}/draft`, {
        revision,
        content,
        declarations: [],
      });
      const found = (await w.call<Reconsidered>("lena", "GET", `${path}/preview/decisions`)).body;
      return { ...found, revision: saved.body.revision };
    };
    const outOfDate = async (of: ReadCase) =>
      (await of.view()).disputes.flatMap(({ decision }) => (decision?.outOfDate === true ? [decision.id] : []));
    const same = await lookAt(withClass(GUIDELINE, "a", { colour: "#123456" }), 0);
    expect(same).toMatchObject({ counted: true, slides: [] });
    // Larger disputes only: those that were decided are none any more.
    const fewer = await lookAt({ ...GUIDELINE, rules: { ...GUIDELINE.rules, minDisputeUm2: 1e9 } }, same.revision);
    expect(fewer.slides.flatMap(({ reopened }) => reopened)).toEqual([]);
    expect(new Map(fewer.slides.map(({ slideId, settled }) => [slideId, settled.length]))).toEqual(
      new Map([
        [one.slide, 2],
        [two.slide, 1],
      ]),
    );
    const own = withClass(GUIDELINE, "a", { consensus: { method: "quorum", quorum: 3, adjudicatorId: null } });
    const strict = await lookAt(own, fewer.revision);
    expect(strict.slides).toMatchObject([{ slideId: one.slide, reopened: [taken.body.decision.id], settled: [] }]);
    expect((await one.view()).guidelineNumber).toBe(1);
    expect((await w.call("lena", "POST", `${path}/publish`, { parent: 1 })).status).toBe(200);
    expect([await outOfDate(one), await outOfDate(two)]).toEqual([strict.slides[0]?.reopened, []]);
    for (const name of ["jo", "ada", "vic"] as const) {
      expect((await w.call(name, "GET", `${path}/preview/decisions`)).status).toBe(403);
    }
    expect((await w.call("lena", "GET", `${path}/preview/decisions`)).status).toBe(404);
  });

  it("[ADJ5] a lead gives disputes to an adjudicator as a task, which is done when each has a decision", async () => {
    const project = await w.project(aGuideline(["a", "b"], { barredAdjudicators: [w.people.lars.id] }));
    const one = await readSlide(w, project, THREE_READS);
    const path = `/rounds/${one.round}/slides/${one.slide}/adjudication-tasks`;
    const keys = [disputeAt(await one.view(), 600, 400).key];
    const made = await w.call<{ taskId: string }>("lena", "POST", path, {
      assigneeId: w.people.jo.id,
      disputeKeys: keys,
    });
    expect(made.status).toBe(200);
    type Shown = { kind: string; left: number; total: number; title: string };
    const shown = async (id: string) => (await w.call<{ task: Shown }>("jo", "GET", `/tasks/${id}`)).body.task;
    const task = () => shown(made.body.taskId);
    expect(await task()).toMatchObject({
      kind: "adjudication",
      left: 1,
      total: 1,
      title: "Adjudication of one dispute",
    });
    const refused: [Name, object, number, string][] = [
      ["jo", { assigneeId: w.people.jo.id }, 403, "not-allowed"],
      ["lena", { assigneeId: w.people.ada.id }, 422, "person-not-suitable"],
      ["lena", { assigneeId: w.people.lars.id }, 422, "person-not-suitable"],
      ["lena", { assigneeId: "nobody" }, 422, "person-not-suitable"],
      ["lena", { assigneeId: w.people.jo.id, disputeKeys: ["gone"] }, 409, "dispute-gone"],
    ];
    for (const [who, body, status, code] of refused) {
      expect(await w.call(who, "POST", path, body), JSON.stringify(body)).toMatchObject({ status, body: { code } });
    }
    await one.decide("lena", disputeAt(await one.view(), 600, 400), { method: "majority" });
    expect(await task()).toMatchObject({ left: 0, total: 1 });
    const all = await w.call<{ taskId: string }>("lena", "POST", path, { assigneeId: w.people.jo.id });
    expect(await shown(all.body.taskId)).toMatchObject({ left: 2, total: 2 });
  });

  it("[LVE1] adjudicators see which dispute the others are at, for a minute; nobody else does", async () => {
    const project = await w.project(GUIDELINE);
    const one = await readSlide(w, project, THREE_READS);
    const { key } = disputeAt(await one.view(), 400, 400);
    const path = `/rounds/${one.round}/slides/${one.slide}/adjudicators/me`;
    expect((await w.call("jo", "PUT", path, { disputeKey: key })).body).toEqual({ others: [] });
    expect((await one.view("lena")).others).toMatchObject([{ person: { name: "jo" }, disputeKey: key }]);
    expect((await w.call("lena", "PUT", path, { disputeKey: "elsewhere" })).body).toMatchObject({
      others: [{ person: { name: "jo" } }],
    });
    expect((await one.view("jo")).others).toMatchObject([{ person: { name: "lena" }, disputeKey: "elsewhere" }]);
    expect((await one.view("ada")).others).toEqual([]);
    expect((await w.call("ada", "PUT", path, { disputeKey: key })).status).toBe(403);
    const queueOf = async (who: Name) => (await w.call<QueueView>(who, "GET", `/projects/${project}/disputes`)).body;
    expect((await queueOf("lena")).others).toMatchObject([
      { person: { name: "jo" }, roundId: one.round, slideId: one.slide, disputeKey: key },
    ]);
    // Where the lead is, nothing is listed.
    expect((await queueOf("jo")).others).toEqual([]);
    expect((await queueOf("ada")).others).toEqual([]);
    await w.pool.query("update dispute_places set at = now() - interval '61 seconds'");
    expect((await one.view("jo")).others).toEqual([]);
    expect((await queueOf("lena")).others).toEqual([]);
  });
});

describe("bars", () => {
  it("[BAR1] whom the project bars decides nothing, nor does a reader of the case where it bars those", async () => {
    const barred = aGuideline(["a", "b"], { barReaders: true, barredAdjudicators: [w.people.lars.id] });
    const project = await w.project(barred);
    const slide = await w.bareSlide(project, "read by jo");
    const round = await w.round(project, "open", [slide], ["ada", "jo"]);
    await w.draw("ada", round.layer(slide, "ada"), [{ classId: "a", geometry: square(100, 100, 100) }]);
    for (const name of ["ada", "jo"] as const) await w.call(name, "POST", `/layers/${round.layer(slide, name)}/submit`);
    const path = `/rounds/${round.id}/slides/${slide}`;
    const view = (await w.call<ConsensusView>("jo", "GET", `${path}/consensus`)).body;
    expect(view).toMatchObject({ mayDecide: false, barred: true });
    expect(view.reads.every(({ reader }) => reader === null)).toBe(true);
    const decision = { method: "exclude", reason: "artefact" };
    const body = { consensusKey: view.key, disputeKey: view.disputes[0]?.key, decision };
    for (const name of ["jo", "lars"] as const) {
      const refused = await w.call(name, "POST", `${path}/adjudications`, body);
      expect(refused).toMatchObject({ status: 403, body: { code: "not-allowed" } });
    }
    expect((await w.call("lena", "POST", `${path}/adjudications`, body)).status).toBe(200);
    expect((await w.call<ConsensusView>("vic", "GET", `${path}/consensus`)).body).toMatchObject({ barred: false });
  });

  it("[AUD4] whom the project bars writes nothing into the record by hand either, readers of the bridge set included", async () => {
    const project = await w.project(aGuideline(["a", "b"]));
    const one = await readSlide(w, project);
    const decided = await one.decide("lena", disputeAt(await one.view(), 400, 400), { method: "majority" });
    const truth = layerId.parse(decided.body.groundTruthLayerId);
    const may = async (name: Name) => {
      const access = await layerAccess(w.db, w.people[name].id, truth);
      const { body } = await w.call<{ write: boolean }>(name, "GET", `/layers/${truth}`);
      expect(body.write).toBe(access?.write);
      return body.write;
    };
    expect([await may("jo"), await may("lars"), await may("ada")]).toEqual([true, true, false]);
    const bars = { barReaders: true, barredAdjudicators: [w.people.lars.id] };
    await w.publish(project, aGuideline(["a", "b"], bars));
    expect([await may("jo"), await may("lars"), await may("lena")]).toEqual([true, false, true]);
    const bridge = {
      regions: [{ slideId: one.slide, box: [0, 0, 900, 900], name: "one" }],
      readerIds: [w.people.jo.id],
    };
    expect((await w.call("lena", "PUT", `/projects/${project}/bridge`, bridge)).status).toBe(200);
    expect(await may("lena")).toBe(true);
    const barred = [...READERS.map((name) => w.people[name].id), w.people.jo.id, w.people.lars.id].sort();
    expect(await barredOn(w.db, slideId.parse(one.slide))).toEqual(barred);
    for (const [name, status] of [
      ["lars", 403],
      ["lena", 200],
    ] as const) {
      const file = { type: "FeatureCollection", features: [] };
      expect((await w.call(name, "POST", `/layers/${truth}/geojson`, file)).status, name).toBe(status);
    }
  });

  it("[BAR2] where the project names the one who decides, nobody else does; a named stranger leaves it to nobody", async () => {
    const sole = aGuideline(["a", "b"], { method: "single", adjudicatorId: w.people.jo.id });
    const project = await w.project(sole);
    const one = await readSlide(w, project, THREE_READS);
    const dispute = disputeAt(await one.view(), 400, 400);
    expect(dispute.verdict).toBe("no-consensus");
    expect((await one.decide("lena", dispute, { method: "exclude" })).status).toBe(403);
    expect((await one.decide("jo", dispute, { method: "exclude" })).status).toBe(200);
    const nobody = await w.project(aGuideline(["a", "b"], { method: "single", adjudicatorId: aPersonId("q") }));
    const other = await readSlide(w, nobody, THREE_READS);
    const open = disputeAt(await other.view(), 400, 400);
    expect((await other.decide("jo", open, { method: "exclude" })).status).toBe(403);
  });

  it("[GED25] where one person's word is taken for a class, disputes about it are theirs alone, also when given away", async () => {
    const consensus = { method: "single", quorum: 2, adjudicatorId: w.people.jo.id } as const;
    const project = await w.project(aGuideline([aClass("a", { consensus }), "b"]));
    const one = await readSlide(w, project, { ...THREE_READS, cem: [...THREE_READS.cem, box("b", 1_200, 400, 100)] });
    const [view, asJo] = [await one.view("lena"), await one.view("jo")];
    expect(view.classes.map(({ classId }) => classId)).toEqual([A, B]);
    const [ofA, ofB] = [disputeAt(view, 400, 400), disputeAt(view, 1_200, 400)];
    expect([view.mayDecide, ofA.mayDecide, ofB.mayDecide]).toEqual([true, false, true]);
    expect(asJo.disputes.every(({ mayDecide }) => mayDecide)).toBe(true);
    // Jo has not read, so the reads decide alone what all of them say: the quorum of two is not asked.
    expect([ofA.verdict, ofB.verdict]).toEqual(["no-consensus", "not-marked"]);
    expect((await one.decide("lena", ofA, { method: "exclude" })).body).toMatchObject({ code: "not-allowed" });
    const path = `/rounds/${one.round}/slides/${one.slide}/adjudication-tasks`;
    const give = (assigneeId: string, disputeKeys: string[] | null) =>
      w.call<{ taskId: string; code: string }>("lena", "POST", path, { assigneeId, disputeKeys });
    expect(await give(w.people.lars.id, [ofA.key, ofB.key])).toMatchObject({
      status: 422,
      body: { code: "person-not-suitable", detail: { disputes: [ofA.key] } },
    });
    const given = await give(w.people.lars.id, null);
    const task = await w.call<{ task: { total: number } }>("lars", "GET", `/tasks/${given.body.taskId}`);
    const theirs = view.disputes.filter(({ mayDecide, settled }) => mayDecide && !settled);
    expect(task.body.task.total).toBe(theirs.length);
    expect((await one.decide("jo", ofA, { method: "exclude" })).status).toBe(200);
    expect((await one.decide("lena", ofB, { method: "exclude" })).status).toBe(200);
  });
});
