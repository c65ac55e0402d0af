import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { draftOf, type PersonName, type StoredDraft, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { medianAnswerSeconds, screeningsIn } from "#db/judgements.ts";
import { peopleById } from "#db/people.ts";
import { finishableLayers, openBlindRounds } from "#db/rounds.ts";
import { slidesByIds } from "#db/slides.ts";
import { type AskedPair, askedCounts, stampCounts, type Within } from "#db/standing.ts";
import { lintBlindRounds, lintChanges } from "#domain/guideline/lint.ts";
import { outcomesOf } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { type LayerId, type PersonId, personId, slideId } from "#domain/ids.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import { classesAt, rescreens } from "#domain/migration.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { Preview } from "#server/api/schemas/guideline.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { changesOf, sentenceOf } from "./draft.ts";
import { heirsIn } from "./heirs.ts";
import { findingKey, measuredFindings } from "./measured-findings.ts";
import { measureOutlines } from "./outline-measures.ts";
import { qualificationNeeds } from "./qualification-needs.ts";
import { rescreenNeeds, rescreenOf } from "./rescreens.ts";
import { apartOf, askedWith, type Versions, violationsBy } from "./staleness.ts";
import { ANSWER_SECONDS } from "./task-hours.ts";

type Work = Pick<World, "db" | "computation">;

/**
 * What publishing the draft would cause, counted with the functions that decide it afterwards. A lead who reads blind
 * gets no counts of layers that are kept from them. @throws AppError not-found where there is no draft
 */
export async function previewFor(work: Work, member: Member, now: Date): Promise<Preview> {
  const { db } = work;
  const { projectId } = member;
  const draft = await draftOf(db, projectId);
  if (draft === null) throw new AppError("not-found", { projectId });
  const versions = await versionsOf(db, projectId);
  const parent = versions.at(-1) ?? null;
  const number = (parent?.number ?? 0) + 1;
  const diff = changesOf(parent?.content ?? null, draft);
  const changes = diff.ok ? diff.value : [];
  const refusal = diff.ok
    ? null
    : { code: diff.reason, title: sentenceOf(diff.reason), detail: diff.detail as Record<string, unknown> };
  await measureOutlines(work, projectId, versions);
  await measureOutlines(work, projectId, [...versions, { number, changes, content: draft.content }]);
  const counted = await countsOf(db, member, { versions, changes, content: draft.content, number });
  const asIfNow = { ...draft, number, changes, publishedAt: now };
  const needs = await rescreensOf(db, member, asIfNow);
  const requalify = await requalifyOf(db, member, versions, asIfNow);
  const pace = await paceOf(db, member);
  const touched = await touchedBlindRounds(db, member, draft, changes, counted.rows);
  return {
    parent: parent?.number ?? 0,
    number,
    changes: [...changes],
    outcomes: changes.map((change) => outcomesOf(change, draft.content.rules)),
    lint: [...lintChanges(changes, parent?.content, draft.content), ...lintBlindRounds(touched.changes)].map(
      (lint) => ({
        ...lint,
        changes: [...lint.changes],
      }),
    ),
    refusal,
    ...counted,
    rescreens: needs,
    requalify,
    people: await namesOf(db, [...counted.rows, ...needs, ...requalify]),
    slides: await slideNames(db, [...counted.rows, ...needs]),
    estimatedHours: ((counted.totals.review + counted.totals.choose) * pace.seconds) / 3_600,
    pace,
    openBlindRounds: touched.rounds,
  };
}

type DraftState = {
  readonly versions: readonly StoredVersion[];
  readonly changes: readonly GuidelineChange[];
  readonly content: GuidelineContent;
  readonly number: number;
};

async function countsOf(db: Db, member: Member, { versions, changes, content, number }: DraftState) {
  const visible = await visibleLayerIds(db, member);
  const published = [...versions, { number, changes, content }];
  const groups = await groupsFor(db, { projectId: member.projectId }, [versions, published]);
  const seen = groups.filter(({ layerId }) => visible.has(layerId));
  const { rows, totals, staleBefore, staleAfter } = previewCounts(seen, versions, changes, number);
  const { automatic, review, choose, archive, untouched } = totals;
  return { rows: [...rows], totals: { automatic, review, choose, archive, untouched }, staleBefore, staleAfter };
}

/** All annotations in groups that share what decides about them before and after a draft. */
async function groupsFor(db: Db, within: Within, [before, after]: readonly [Versions, Versions]) {
  const pairs = new Map<string, AskedPair | null>();
  const groups: AnnotationGroup[] = [];
  const stamps = await stampCounts(db, within);
  const findings = await measuredFindings(db, within, [before, after]);
  const askedOf = askedWith(findings, [before, after]);
  for (const { authorId: personId, under: stamp, ...each } of stamps) {
    const { classId, shape, layerId, slideId, count } = each;
    const key = `${classId}/${stamp}/${shape}`;
    if (!pairs.has(key)) pairs.set(key, askedOf({ classId, under: stamp, shape }));
    if (pairs.get(key) === null) groups.push({ classId, stamp, shape, personId, layerId, slideId, count });
  }
  const asked = [...pairs.values()].filter((pair) => pair !== null);
  const violationsIn = [before, after].map(violationsBy);
  for (const row of await askedCounts(db, within, asked, { apart: apartOf(findings) })) {
    const { classId, under: stamp, shape, authorId: personId, layerId, slideId, count, attributes } = row;
    const measured = row.apart === null ? undefined : findings.get(findingKey(layerId, row.apart))?.violations;
    const [inForce = [], inDraft = []] = violationsIn.map((violations, place) =>
      violations(row, row.violated[place] ?? [], measured?.[place] ?? []),
    );
    const verdicts = { keeps: row.keeps, handedOn: row.handedOn };
    const decides = { attributes, verdicts, violations: { before: inForce, after: inDraft } };
    groups.push({ classId, stamp, shape, personId, layerId, slideId, count, ...decides });
  }
  return groups;
}

async function visibleLayerIds(db: Db, member: Member): Promise<Set<LayerId>> {
  const facts = await layerFacts(db, { projectId: member.projectId });
  return new Set(facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId));
}

async function rescreensOf(
  db: Db,
  member: Member,
  draft: Parameters<typeof rescreenNeeds>[1][number],
): Promise<Preview["rescreens"]> {
  const { projectId } = member;
  const visible = await visibleLayerIds(db, member);
  const { heirs } = await heirsIn(db, projectId);
  const facts = await layerFacts(db, { projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const finished = (await finishableLayers(db, projectId)).filter(({ layer }) => visible.has(layer.id));
  const needs = rescreenNeeds(finished, [draft], await screeningsIn(db, { projectId }));
  return needs.map((need) => ({
    slideId: need.layer.slideId,
    layerId: need.layer.id,
    personId: heirs(need.personId, rescreenOf(need, layers)),
    classIds: [...need.classIds],
  }));
}

/** What the draft asks of readers that the version before does not: tasks of the same redefinition are there already. */
async function requalifyOf(
  db: Db,
  { projectId }: Member,
  versions: Parameters<typeof qualificationNeeds>[2],
  draft: Parameters<typeof qualificationNeeds>[2][number],
): Promise<Preview["requalify"]> {
  const { number } = draft;
  const needs = await qualificationNeeds(db, projectId, [...versions, draft], draft);
  return needs
    .filter(({ version }) => version === number)
    .map(({ classId, personId: reader, items }) => ({ classId, personId: reader, ready: items.length > 0 }));
}

type Placed = { readonly personId: string; readonly slideId: string };

async function namesOf(db: Db, rows: readonly Pick<Placed, "personId">[]): Promise<PersonName[]> {
  const ids: PersonId[] = [...new Set(rows.map((row) => row.personId))].map((id) => personId.parse(id));
  const people = await peopleById(db, ids);
  return [...people.values()].map(({ id, name, colour }) => ({ id, name, colour }));
}

async function slideNames(db: Db, rows: readonly Placed[]): Promise<{ id: string; name: string }[]> {
  const ids = [...new Set(rows.map((row) => row.slideId))].map((id) => slideId.parse(id));
  return (await slidesByIds(db, ids)).map(({ id, name }) => ({ id, name }));
}

async function paceOf(db: Db, { projectId }: Member): Promise<Preview["pace"]> {
  const seconds = await medianAnswerSeconds(db, projectId);
  return seconds === null ? { seconds: ANSWER_SECONDS, isAssumed: true } : { seconds, isAssumed: false };
}

/**
 * Open blind rounds in which outlines are affected, or whose finished reads will have to be looked through again, and the
 * positions of the changes that do so.
 */
async function touchedBlindRounds(
  db: Db,
  member: Member,
  draft: StoredDraft,
  changes: readonly GuidelineChange[],
  rows: Preview["rows"],
): Promise<{ readonly rounds: Preview["openBlindRounds"]; readonly changes: readonly number[] }> {
  const rounds = await openBlindRounds(db, member.projectId);
  if (rounds.length === 0) return { rounds: [], changes: [] };
  const facts = await layerFacts(db, { projectId: member.projectId });
  const hidden = new Set(facts.filter(({ subject }) => !subject.unblinded).map(({ layerId }) => layerId as string));
  const selectable = classesAt(draft.content).selectable.map(({ id }) => id);
  const looking = changes.flatMap((change, index) =>
    rescreens([change], draft.content.rules, selectable).length > 0 ? [index] : [],
  );
  const looksAgain = rescreens(changes, draft.content.rules, selectable).length > 0;
  const reached = rows.flatMap(({ layerId, change }) => (hidden.has(layerId) ? [change] : []));
  const touching = [...reached, ...(looksAgain ? looking : [])];
  return { rounds: touching.length === 0 ? [] : rounds.map(({ id, name }) => ({ id, name })), changes: touching };
}
