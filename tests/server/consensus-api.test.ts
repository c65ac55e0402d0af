import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProjectId } from "#domain/ids.ts";
import type { ConsensusSlide, ConsensusView, Dispute } from "#server/api/schemas/consensus.ts";
import type { AuditEntry } from "#server/api/schemas/projects.ts";
import type { AnnotationRow, Layer } from "#server/api/schemas/slides.ts";
import { type ApiWorld, apiWorld, type Name, type Page } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, square } from "#tests/support/builders.ts";
import { box, readSlide as makeRead, READERS, type ReadCase, type Reader } from "#tests/support/read-case.ts";

const [A, B] = [aClassId("a"), aClassId("b")];

let w: ApiWorld;
let project: ProjectId;
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(aGuideline(["a", "b"]));
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

const readSlide = (reads?: Parameters<typeof makeRead>[2]) => makeRead(w, project, reads);

const at = (view: ConsensusView, x: number, y: number): Dispute => {
  const found = view.disputes.find(({ bbox }) => bbox[0] === x && bbox[1] === y);
  if (found === undefined) throw new Error(`no dispute at ${x}, ${y}: ${JSON.stringify(view.disputes)}`);
  return found;
};
const value = (measure: { defined: boolean } | undefined): number =>
  measure !== undefined && "value" in measure ? Number(measure.value) : Number.NaN;

describe("consensus", () => {
  let one: ReadCase;
  beforeAll(async () => {
    one = await readSlide();
  });

  it("[CNS1] the numbers of three reads of squares are those computed by hand", async () => {
    const view = await one.view("lena");
    expect(view).toMatchObject({ roundId: one.round, guidelineNumber: 1, slide: { id: one.slide, mpp: 0.5 } });
    const place = (reader: Reader) => view.reads.findIndex((read) => read.reader?.id === w.people[reader].id);
    const pair = (classId: string, left: Reader, right: Reader) => {
      const wanted = [place(left), place(right)].sort();
      const pairs = view.classes.find((each) => each.classId === classId)?.pairs ?? [];
      return pairs.find(({ a, b }) => a === wanted[0] && b === wanted[1]);
    };
    expect(value(pair(A, "ada", "bea")?.dice)).toBeCloseTo(40 / 90, 9);
    expect(value(pair(A, "ada", "bea")?.iou)).toBeCloseTo(20 / 70, 9);
    expect(value(pair(A, "ada", "cem")?.dice)).toBeCloseTo(80 / 90, 9);
    expect(value(pair(A, "ada", "cem")?.iou)).toBeCloseTo(0.8, 9);
    expect(value(pair(A, "bea", "cem")?.dice)).toBeCloseTo(0.5, 9);
    expect(value(pair(B, "ada", "bea")?.dice)).toBeCloseTo(20 / 30, 9);
    expect(value(pair(B, "ada", "cem")?.dice)).toBe(1);
    // Evaluated within 200 px of the outlines: 700 x 600 and twice 500 x 500 px2; 40,000 with one pair, 10,000 with none.
    expect(value(view.overall.percentAgreement)).toBeCloseTo((920_000 - 50_000 + 40_000 / 3) / 920_000, 9);
    expect(view.confusion.classIds).toEqual([A, B]);
    expect(view.confusion.cells[1]?.[2]).toBeCloseTo((10_000 * 0.25) / 6, 6);
    expect(view.confusion.cells[2]?.[2]).toBeCloseTo(10_000 * 0.25, 6);
    expect(JSON.stringify(view)).not.toMatch(/NaN|Infinity/);
  });

  it("[CNS2] disputes are ranked worst first, each with its votes, its verdict and the outlines behind them", async () => {
    const view = await one.view("lena");
    expect(view.disputes.map(({ areaPx }) => Math.round(areaPx))).toEqual([10_000, 20_000, 20_000]);
    expect(view.disputes.map(({ areaUm2 }) => Math.round(areaUm2 ?? 0))).toEqual([2_500, 5_000, 5_000]);
    // 130,000 px2 of votes are for a, 40,000 for b: b is 85,000 / 40,000 as rare as the mean, and three say three things.
    expect(view.disputes[0]?.score).toBeCloseTo((2_500 * 85_000) / 40_000, 6);
    expect(at(view, 400, 400)).toMatchObject({ kind: "missed", verdict: "class", majority: A, settled: false });
    expect(at(view, 600, 400)).toMatchObject({ kind: "missed", verdict: "not-marked", majority: null });
    const conflict = at(view, 1_200, 1_200);
    expect(conflict).toMatchObject({ kind: "class-conflict", verdict: "tie", majority: null, decision: null });
    expect(conflict.votes.map((vote) => vote.read)).toEqual([0, 1, 2]);
    const votes = conflict.votes.map((vote) => [view.reads[vote.read]?.reader?.name, vote.classId]);
    expect(Object.fromEntries(votes)).toEqual({ ada: A, bea: B, cem: null });
    expect(conflict.votes.map((vote) => vote.annotationIds.length).sort()).toEqual([0, 1, 1]);
    expect(view.overlay.columns * view.overlay.rows).toBe(Buffer.from(view.overlay.entropy, "base64").length);
  });

  it("[CNS3] an adjudicator sees reads by letter only, in an order that says nothing", async () => {
    const [jo, lena, vic] = [await one.view("jo"), await one.view("lena"), await one.view("vic")];
    expect(jo.reads.map(({ label, reader }) => [label, reader])).toEqual([
      ["A", null],
      ["B", null],
      ["C", null],
    ]);
    for (const name of READERS) expect(JSON.stringify(jo)).not.toContain(w.people[name].id);
    expect(lena.reads.map((read) => read.reader?.name).sort()).toEqual([...READERS]);
    expect(vic.reads.every((read) => read.reader !== null)).toBe(true);
    expect(jo.reads.map((read) => read.layerId)).toEqual([...jo.reads.map((read) => read.layerId)].sort());
  });

  it("[CNS14] nor do the slide's layers and the outlines of a read tell an adjudicator whose they are", async () => {
    const seen = await w.call<unknown>("jo", "GET", `/slides/${one.slide}/view`);
    const [read] = (await one.view("jo")).reads;
    const rows = await w.call<Page<{ createdBy: { name: string } }>>(
      "jo",
      "GET",
      `/layers/${read?.layerId}/annotations`,
    );
    expect(rows.body.items.length).toBeGreaterThan(0);
    const told = JSON.stringify([seen.body, rows.body]);
    for (const name of READERS) expect(told).not.toContain(w.people[name].id);
    const leads = await w.call<unknown>("lena", "GET", `/slides/${one.slide}/view`);
    expect(READERS.some((name) => JSON.stringify(leads.body).includes(w.people[name].id))).toBe(true);
  });

  it("[CNS4] the list of a project says how far each slide is, and the same inputs are computed once", async () => {
    await one.view();
    const results = async () => (await w.pool.query("select key from consensus_results")).rows.length;
    const before = await results();
    const { body } = await w.call<Page<ConsensusSlide>>("vic", "GET", `/projects/${project}/consensus`);
    expect(body.items.find((each) => each.slideId === one.slide)).toMatchObject({
      readsSubmitted: 3,
      readsTotal: 3,
      disputes: 3,
      undecided: 3,
    });
    const [first, again] = [await one.view("lena"), await one.view("lena")];
    expect(again).toEqual(first);
    expect(await results()).toBe(before);
  });

  it("[CNS5] below two submitted reads there is none", async () => {
    const slide = await w.bareSlide(project, "lonely");
    const round = await w.round(project, "open", [slide], ["ada", "bea"]);
    await w.call("ada", "POST", `/layers/${round.layer(slide, "ada")}/submit`);
    const path = `/rounds/${round.id}/slides/${slide}/consensus`;
    expect(await w.call("jo", "GET", path)).toMatchObject({ status: 409, body: { code: "too-few-reads" } });
    expect((await w.call("jo", "GET", `/rounds/${round.id}/slides/${one.slide}/consensus`)).status).toBe(404);
  });

  it("[CNS6] a thin strip along one edge is settled by the quorum; a person may still decide it", async () => {
    const edge = await readSlide({
      ada: [box("a", 400, 400, 400)],
      bea: [box("a", 400, 400, 400)],
      cem: [box("a", 420, 400, 380)],
    });
    const view = await edge.view();
    expect(view.disputes.map(({ kind }) => kind)).toEqual(["boundary"]);
    expect(view.disputes[0]).toMatchObject({ settled: true, decision: null, verdict: "class" });
    const [strip] = view.disputes;
    if (strip === undefined) throw new Error("no strip");
    expect((await edge.decide("jo", strip, { method: "exclude" })).status).toBe(200);
  });
});

describe("adjudication", () => {
  it("[CNS7] the majority goes into the ground-truth layer with provenance, and the numbers move", async () => {
    const one = await readSlide();
    const before = await one.view();
    const dispute = at(before, 400, 400);
    const { status, body } = await one.decide("jo", dispute, { method: "majority", reason: "too-tight", note: "wall" });
    expect(status).toBe(200);
    expect(body.decision).toMatchObject({ method: "majority", reason: "too-tight", note: "wall", outOfDate: false });
    expect(body.decision.person.name).toBe("jo");
    const truth = await one.truth();
    expect(truth).toMatchObject([
      {
        classId: A,
        under: 1,
        areaPx: 40_000,
        attributes: { adjudication: body.decision.id },
        createdBy: { name: "jo" },
      },
    ]);
    const after = await one.view();
    expect(value(after.overall.percentAgreement)).toBeCloseTo((920_000 - 30_000 + 20_000 / 3) / 920_000, 9);
    expect(after.overallAsRead).toEqual(before.overall);
    expect(at(after, 400, 400)).toMatchObject({ settled: true, decision: { id: body.decision.id } });
    const kept = await w.pool.query("select inputs, consensus_key, version from adjudications where id = $1", [
      body.decision.id,
    ]);
    expect(kept.rows[0]).toMatchObject({ consensus_key: before.key, version: 1, inputs: { quorum: 2 } });
    expect(kept.rows[0].inputs.reads).toHaveLength(3);
    expect(kept.rows[0].inputs.votes).toHaveLength(3);
    const audit = await w.call<Page<AuditEntry>>("lena", "GET", `/projects/${project}/audit?limit=3`);
    expect(audit.body.items[0]).toMatchObject({ action: "dispute.adjudicated", subject: body.decision.id });
    const originals = await w.call<Page<AnnotationRow>>("lena", "GET", `/layers/${one.layer("bea")}/annotations`);
    expect(originals.body.items).toHaveLength(3);
  });

  it("[CNS8] a reader's shape is accepted whole, a redrawn one is checked, and a tie has no majority", async () => {
    const one = await readSlide();
    const lead = await one.view("lena");
    const beas = lead.reads.findIndex((read) => read.reader?.name === "bea");
    const [right, conflict] = [at(lead, 600, 400), at(lead, 1_200, 1_200)];
    expect((await one.decide("jo", right, { method: "accept-read", read: beas })).status).toBe(200);
    expect(await one.decide("jo", conflict, { method: "majority" })).toMatchObject({
      status: 409,
      body: { code: "no-majority" },
    });
    const redraw = (change: object) =>
      one.decide("jo", conflict, { method: "redraw", classId: B, geometry: square(1_200, 1_200, 90), ...change });
    const bad: [object, number, string][] = [
      [{ classId: aClassId("z") }, 422, "unknown-class"],
      [{ classId: "no id" }, 422, "unknown-class"],
      [{ geometry: square(5_000, 5_000, 10) }, 422, "outline-off-slide"],
      [{ geometry: square(1_900, 1_900, 500) }, 422, "outline-off-slide"],
      [{ geometry: square(0, 0, 0) }, 422, "outline-malformed"],
      [{ geometry: { type: "point", at: [1, 1] } }, 422, "outline-malformed"],
      [{ geometry: { type: "polygon", rings: [] } }, 400, "bad-request"],
    ];
    for (const [change, status, code] of bad) {
      expect(await redraw(change), JSON.stringify(change)).toMatchObject({ status, body: { code } });
    }
    expect((await redraw({})).status).toBe(200);
    const truth = await one.truth();
    expect(truth.map((row) => [row.classId, row.areaPx]).sort()).toEqual([
      [A, 40_000],
      [B, 8_100],
    ]);
    const list = await w.call<Page<ConsensusSlide>>("jo", "GET", `/projects/${project}/consensus`);
    expect(list.body.items.find((each) => each.slideId === one.slide)?.undecided).toBe(1);
  });

  it("[AUD5] nothing is drawn anew as a class that is not drawn itself any more", async () => {
    const own = await w.project(aGuideline(["a", "b", "c"]));
    const one = await makeRead(w, own);
    const parted = aGuideline([aClass("a"), aClass("b", { parentId: aClassId("c") }), aClass("c", { abstract: true })]);
    expect((await w.publish(own, parted)).status).toBe(200);
    const redraw = { method: "redraw", classId: aClassId("c"), geometry: square(1_200, 1_200, 90) } as const;
    const refused = await one.decide("jo", at(await one.view(), 1_200, 1_200), redraw);
    expect(refused).toMatchObject({ status: 422, body: { code: "unknown-class" } });
  });

  it("[CNS9] an excluded region counts as marked by nobody, an unresolved one keeps its votes; both are decided", async () => {
    const one = await readSlide();
    const before = await one.view();
    expect((await one.decide("jo", at(before, 1_200, 1_200), { method: "exclude" })).status).toBe(200);
    // Nobody marks anything there any more, so it is not evaluated either: 250,000 px2 less.
    const excluded = await one.view();
    expect(value(excluded.overall.percentAgreement)).toBeCloseTo((670_000 - 40_000 + 40_000 / 3) / 670_000, 9);
    expect((await one.decide("jo", at(before, 400, 400), { method: "unresolved" })).status).toBe(200);
    const after = await one.view();
    expect(after.overall).toEqual(excluded.overall);
    expect(after.disputes.filter((dispute) => !dispute.settled).map((each) => each.bbox[0])).toEqual([600]);
    expect(await one.truth()).toEqual([]);
  });

  it("[CNS10] somebody who did not see the decision that stands is refused; who names it replaces it", async () => {
    const one = await readSlide();
    const dispute = at(await one.view(), 400, 400);
    const first = await one.decide("jo", dispute, { method: "majority" });
    const refused = { status: 409, body: { code: "dispute-decided" } };
    expect(await one.decide("lena", dispute, { method: "exclude" })).toMatchObject(refused);
    expect(await one.decide("lena", dispute, { method: "exclude" }, { replaces: "x".repeat(16) })).toMatchObject(
      refused,
    );
    expect(await one.truth()).toHaveLength(1);
    const replaces = first.body.decision.id;
    const second = await one.decide("lena", dispute, { method: "exclude" }, { replaces });
    expect(second).toMatchObject({ status: 200, body: { decision: { method: "exclude", person: { name: "lena" } } } });
    expect(await one.truth()).toEqual([]);
    expect(at(await one.view(), 400, 400).decision?.id).toBe(second.body.decision.id);
  });

  it("[CNS11] of two decisions at once one is refused and writes nothing", async () => {
    const one = await readSlide();
    const dispute = at(await one.view(), 400, 400);
    const answers = await Promise.all([
      one.decide("jo", dispute, { method: "majority" }),
      one.decide("lena", dispute, { method: "majority" }),
      one.decide("lars", dispute, { method: "majority" }),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    expect(await one.truth()).toHaveLength(1);
  });

  it("[CNS12] a changed input makes a decision out of date where it lies, and the dispute is in the queue again", async () => {
    const one = await readSlide();
    const before = await one.view();
    const decided = await one.decide("jo", at(before, 400, 400), { method: "majority" });
    const other = await one.decide("jo", at(before, 1_200, 1_200), { method: "exclude" });
    const layer = one.layer("cem");
    expect((await w.call("lena", "POST", `/layers/${layer}/reopen`)).status).toBe(200);
    const open = await w.call<ConsensusView>("jo", "GET", `/rounds/${one.round}/slides/${one.slide}/consensus`);
    expect(open.body.reads).toHaveLength(2);
    const rows = await w.call<Page<AnnotationRow>>("cem", "GET", `/layers/${layer}/annotations`);
    const old = rows.body.items.find((row) => row.classId === A);
    await w.running.product.world.rooms.edit(layer as never, w.people.cem.id, (doc) => doc.remove(old?.id as never));
    await w.draw("cem", layer, [box("a", 400, 400, 190)]);
    expect((await w.call("cem", "POST", `/layers/${layer}/submit`)).status).toBe(200);
    const after = await one.view();
    expect(after.key).not.toBe(before.key);
    const again = after.disputes.filter((dispute) => dispute.decision?.id === decided.body.decision.id);
    expect(again.length).toBeGreaterThan(0);
    for (const dispute of again) expect(dispute).toMatchObject({ settled: false, decision: { outOfDate: true } });
    expect(at(after, 1_200, 1_200).decision).toMatchObject({ id: other.body.decision.id, outOfDate: false });
    const stale = await one.decide("jo", at(before, 400, 400), { method: "majority" }, { consensusKey: before.key });
    expect(stale).toMatchObject({ status: 409, body: { code: "dispute-gone" } });
    const [first] = again;
    if (first === undefined) throw new Error("nothing in the queue");
    const replaces = decided.body.decision.id;
    expect((await one.decide("jo", first, { method: "majority" }, { replaces })).status).toBe(200);
    expect(await one.truth()).toHaveLength(1);
  });

  it("[CNS13] leads and adjudicators decide, nobody else; and what they write is theirs to see and to correct", async () => {
    const one = await readSlide();
    const dispute = at(await one.view(), 400, 400);
    for (const name of ["ada", "eve", "vic"] as const) {
      expect(await one.decide(name, dispute, { method: "exclude" }), name).toMatchObject({ status: 403 });
    }
    expect((await one.decide("stranger", dispute, { method: "exclude" })).status).toBe(404);
    const { body } = await one.decide("lena", dispute, { method: "majority" });
    const layerOf = async (name: Name) => (await w.call<Layer>(name, "GET", `/layers/${body.groundTruthLayerId}`)).body;
    expect(await layerOf("jo")).toMatchObject({ kind: "ground-truth", write: true });
    expect(await layerOf("ada")).toMatchObject({ kind: "ground-truth", write: false });
  });
});
