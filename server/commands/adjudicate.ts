import { annotationOf, annotationRows } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import { addAdjudication, supersedeAdjudications } from "#db/consensus.ts";
import { addLayer, layerOfKind, lockSlide } from "#db/layer-rows.ts";
import { newId } from "#db/new-id.ts";
import { type Annotation, type Geometry, geometryOf, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { type ClassRule, majorityShapeAt, type Vote } from "#domain/consensus.ts";
import { isDrawable } from "#domain/guideline.ts";
import { annotationId, type ClassId, classId, type LayerId, layerId, type RoundId, type SlideId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { resolve } from "#domain/migration.ts";
import { intersection, normalise, union } from "#domain/overlay.ts";
import { refuseMalformed } from "#domain/quality.ts";
import { allow, unwrap } from "#server/access.ts";
import type { AdjudicateBody, AdjudicateRequest } from "#server/api/schemas/consensus.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { unpackShapes } from "#server/jobs/consensus-parts.ts";
import { consensusWithDecisions, disputeSubject, requireConsensus } from "#server/queries/consensus.ts";
import { type Decision, type DecisionInputs, type DisputeStanding, decisionsOn } from "#server/queries/decisions.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import type { ConsensusBasis, Current } from "./compute-consensus.ts";

type Item = {
  readonly basis: ConsensusBasis;
  readonly current: Current;
  readonly standing: DisputeStanding;
};

/**
 * Takes a decision about one dispute: the outlines go into the slide's ground-truth layer, the decision with its inputs
 * and votes beside them, in one transaction. A former decision about the place is superseded and its outlines removed.
 * @throws AppError dispute-gone where the reads changed, dispute-decided where somebody was faster, no-majority
 */
export async function adjudicate(
  world: World,
  caller: Caller,
  roundId: RoundId,
  slideId: SlideId,
  body: AdjudicateBody,
): Promise<{ readonly decision: Decision; readonly groundTruthLayerId: LayerId }> {
  const { member, subject } = await requireConsensus(world, caller, roundId, slideId);
  allow(member, "consensus.adjudicate", subject);
  const compared = await consensusWithDecisions(world, roundId, slideId);
  const { basis, standings } = compared;
  const found = standings.find((each) => each.dispute.key === body.disputeKey);
  if (basis.key !== body.consensusKey || found === undefined)
    throw new AppError("dispute-gone", { dispute: body.disputeKey });
  allow(member, "consensus.adjudicate", disputeSubject(subject, basis.guideline, found.dispute));
  const shapes = await decidedShapes(world, { basis, current: compared, standing: found }, body.decision);
  const layer = await groundTruthLayer(world, caller, basis);
  const id = newId(annotationId);
  const outlines = shapes.map(
    (shape): Annotation => ({
      ...shape,
      id: newId(annotationId),
      under: basis.guidelineNumber,
      attributes: { adjudication: id },
      note: "",
    }),
  );
  await world.rooms.edit(layer, caller.personId, (doc) => write(doc, found.decision, outlines), {
    alongside: (tx) => record(tx, caller, { id, roundId, layer, basis, found, body, outlines }),
  });
  const audience = await watchers(world.db, basis.slide.projectId, "consensus.view", [subject]);
  world.events.tell(basis.slide.projectId, audience, { kind: "consensus", toast: null });
  const decision = (await decisionsOn(world, roundId, slideId)).find((each) => each.id === id);
  if (decision === undefined) throw new AppError("dispute-decided", { dispute: body.disputeKey });
  return { decision, groundTruthLayerId: layer };
}

function write(doc: LayerDoc, former: Decision | null, outlines: readonly Annotation[]): void {
  for (const id of former?.annotationIds ?? []) doc.remove(id, { origin: "command" });
  for (const outline of outlines) doc.put(outline, { origin: "command" });
}

async function record(
  tx: World["db"],
  caller: Caller,
  taken: {
    readonly id: string;
    readonly roundId: RoundId;
    readonly layer: LayerId;
    readonly basis: ConsensusBasis;
    readonly found: DisputeStanding;
    readonly body: AdjudicateBody;
    readonly outlines: readonly Annotation[];
  },
): Promise<void> {
  const { id, roundId, layer, basis, found, body, outlines } = taken;
  const at = new Date();
  await lockSlide(tx, basis.slide.id);
  const keys = [found.dispute.key, ...(found.decision === null ? [] : [found.decision.disputeKey])];
  const replaced = await supersedeAdjudications(tx, { roundId, disputeKeys: keys, at });
  const expected = body.replaces === null ? [] : [body.replaces];
  if (replaced.length !== expected.length || replaced.some((row) => row !== body.replaces)) {
    throw new AppError("dispute-decided", { dispute: found.dispute.key });
  }
  const { projectId, id: slideId } = basis.slide;
  const inputs: DecisionInputs = {
    reads: basis.reads.map((read) => ({ layerId: read.layerId, seq: read.seq })),
    votes: found.dispute.votes,
    region: found.dispute.geometry,
    quorum: basis.parameters.quorum,
    verdict: found.dispute.verdict,
    majority: found.dispute.majority,
  };
  await addAdjudication(tx, {
    id,
    projectId,
    slideId,
    roundId,
    disputeKey: found.dispute.key,
    consensusKey: basis.key,
    method: body.decision.method,
    reason: body.decision.reason,
    note: body.decision.note,
    inputs,
    groundTruthLayerId: layer,
    annotationIds: outlines.map((outline) => outline.id),
    version: basis.guidelineNumber,
    personId: caller.personId,
    at,
  });
  const detail = {
    slide: slideId,
    method: body.decision.method,
    reason: body.decision.reason,
    replaces: body.replaces,
  };
  await appendAudit(tx, { personId: caller.personId, projectId, action: "dispute.adjudicated", subject: id, detail });
}

type Decided = Pick<Annotation, "classId" | "geometry">;

/** What the ground truth is to hold at the dispute: whole outlines, so that a structure is not cut at its border. */
async function decidedShapes(world: World, item: Item, decision: AdjudicateRequest): Promise<Decided[]> {
  switch (decision.method) {
    case "accept-read":
      return acceptedRead(world, item, decision.read);
    case "majority":
      return majority(item);
    case "union":
    case "intersection":
      return [await combined(world, item, decision)];
    case "redraw":
      return [redrawn(item, decision.classId, decision.geometry)];
    case "exclude":
    case "unresolved":
      return [];
    default:
      return decision satisfies never;
  }
}

async function acceptedRead(world: World, { basis, standing: found }: Item, read: number): Promise<Decided[]> {
  const layer = basis.reads[read]?.layerId;
  const vote = found.dispute.votes.find((each) => each.readerKey === layer);
  if (layer === undefined || vote === undefined) throw new AppError("bad-request", { read });
  if (vote.waitingIds !== undefined) throw new AppError("read-waits", { read, annotationIds: vote.waitingIds });
  return votedOutlines(world, basis, vote);
}

/** The outlines behind one read's vote, with the class that counts now. */
async function votedOutlines(world: World, basis: ConsensusBasis, vote: Vote): Promise<Decided[]> {
  const layer = basis.reads.find(({ layerId: id }) => id === vote.readerKey)?.layerId;
  if (layer === undefined || vote.annotationIds.length === 0) return [];
  const rows = await annotationRows(world.db, { layerIds: [layer], ids: vote.annotationIds });
  return rows.map((row) => {
    const { geometry, classId: stored, under } = annotationOf(row);
    return { classId: resolve(stored, under, basis.history).classId, geometry };
  });
}

/** What any read, or every one, of those that name a class gave it here. */
async function combined(
  world: World,
  { basis, standing: found }: Item,
  decision: Extract<AdjudicateRequest, { method: "union" | "intersection" }>,
): Promise<Decided> {
  const { dispute } = found;
  const named = [...new Set(dispute.votes.flatMap((vote) => vote.classId ?? []))];
  const wanted = decision.classId ?? dispute.majority ?? (named.length === 1 ? named[0] : undefined);
  const chosen = named.find((each) => each === wanted);
  if (chosen === undefined) throw new AppError("no-majority", { dispute: dispute.key, named });
  const shapes: (readonly Polygon[])[] = [];
  for (const vote of dispute.votes.filter((each) => each.classId === chosen)) {
    const outlines = await votedOutlines(world, basis, vote);
    shapes.push(union(outlines.map(({ geometry }) => geometry)));
  }
  const [first = [], ...others] = shapes;
  const polygons = decision.method === "union" ? union(shapes) : others.reduce((a, b) => intersection(a, b), first);
  const geometry = polygons.length === 0 ? null : normalise(geometryOf(polygons));
  if (geometry === null) throw new AppError("no-common-area", { dispute: dispute.key, method: decision.method });
  return { classId: chosen, geometry };
}

async function majority({ current, standing: found }: Item): Promise<Decided[]> {
  const { dispute } = found;
  if (dispute.verdict === "tie" || dispute.verdict === "no-consensus") {
    throw new AppError("no-majority", { dispute: dispute.key });
  }
  if (dispute.majority === null) return [];
  const shapes = await unpackShapes(await current.part("shapes"));
  const object = shapes.objects.find(({ clusterId }) => clusterId === dispute.clusterId);
  if (object !== undefined) return [{ classId: object.classId, geometry: object.geometry }];
  const polygons = majorityShapeAt(shapes, dispute);
  const geometry = polygons.length === 0 ? null : normalise(geometryOf(polygons));
  return geometry === null ? [] : [{ classId: dispute.majority, geometry }];
}

function redrawn({ basis }: Item, wanted: string, geometry: Geometry): Decided {
  const chosen = classId.safeParse(wanted);
  const known = basis.guideline.classes.find((each) => chosen.success && each.id === chosen.data && isDrawable(each));
  if (known === undefined) throw new AppError("unknown-class", { classId: wanted });
  const { width, height } = basis.slide.meta;
  const checked = unwrap(refuseMalformed(geometry, { width, height }));
  const isPoint = checked.type === "point" && basis.parameters.rules?.some(isPointObject(known.id)) === true;
  const clean = isPoint ? checked : polygonsOf(checked).length === 0 ? null : normalise(checked);
  if (clean === null) throw new AppError("outline-malformed", { classId: wanted });
  return { classId: known.id, geometry: clean };
}

/** Where objects are told apart by distance a point is all that has to be drawn. */
function isPointObject(id: ClassId) {
  return (rule: ClassRule) => rule.classId === id && rule.objects !== null;
}

async function groundTruthLayer({ db }: World, caller: Caller, { slide }: ConsensusBasis): Promise<LayerId> {
  const present = await layerOfKind(db, slide.id, "ground-truth");
  if (present !== null) return present;
  return db.transaction(async (tx) => {
    await lockSlide(tx, slide.id);
    const made = await layerOfKind(tx, slide.id, "ground-truth");
    if (made !== null) return made;
    const id = newId(layerId);
    await addLayer(tx, { id, projectId: slide.projectId, slideId: slide.id, kind: "ground-truth" });
    const entry = { personId: caller.personId, projectId: slide.projectId, subject: id, detail: { slide: slide.id } };
    await appendAudit(tx, { ...entry, action: "layer.created" });
    return id;
  });
}
