import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { draftOf, type PersonName, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { screeningsIn } from "#db/judgements.ts";
import { outlineKey } from "#db/outline-at.ts";
import { peopleById } from "#db/people.ts";
import { finishableLayers } from "#db/rounds.ts";
import { slidesByIds } from "#db/slides.ts";
import { type AskedPair, askedCounts, stampCounts, type Within } from "#db/standing.ts";
import { lintBlindRounds, lintChanges } from "#domain/guideline/lint.ts";
import { outcomesOf } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { type LayerId, type PersonId, personId, slideId } from "#domain/ids.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import type { Member } from "#domain/permissions.ts";
import type { Preview, PreviewProgress } from "#server/api/schemas/guideline.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { changesOf, sentenceOf } from "./draft.ts";
import { heirsIn } from "./heirs.ts";
import { measureProgress } from "./measure-progress.ts";
import { measuredFindings } from "./measured-findings.ts";
import { measureOutlines } from "./outline-measures.ts";
import { qualificationNeeds } from "./qualification-needs.ts";
import { rescreenNeeds, rescreenOf } from "./rescreens.ts";
import { apartOf, askedWith, type Versions, violationsBy } from "./staleness.ts";
import { hoursOf, paceFor, secondsFor } from "./task-hours.ts";
import { readingRounds, touchedBlindRounds } from "./touched-rounds.ts";
import { visibleLayerIds } from "./visible-layers.ts";

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
  const { visible } = await visibleLayerIds(db, member);
  const published = { versions, changes, content: draft.content, number };
  const { asked, ...counted } = await countsOf(db, member, visible, published);
  const asIfNow = { ...draft, number, changes, publishedAt: now };
  const needs = await rescreensOf(db, member, visible, [...versions, asIfNow]);
  const requalify = await requalifyOf(db, member, versions, asIfNow);
  const touched = await touchedBlindRounds(db, member, draft.content, changes, counted.rows);
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
    ...(await costOf(db, member, { ...counted, rescreens: needs, requalify })),
    openBlindRounds: touched.rounds,
    openRounds: await readingRounds(db, member, visible, asked),
  };
}

/** What all that takes, by the project's own medians. */
async function costOf(
  db: Db,
  member: Member,
  { totals, rescreens, requalify }: Pick<Preview, "totals" | "rescreens" | "requalify">,
): Promise<Pick<Preview, "estimatedHours" | "pace" | "screenPace" | "testPace">> {
  const pace = await paceFor(db, member);
  const classes = rescreens.reduce((sum, { classIds }) => sum + classIds.length, 0);
  const tests = requalify.filter(({ ready }) => ready).length;
  return {
    estimatedHours:
      hoursOf("migration", totals.review + totals.choose, pace) +
      hoursOf("re-screen", classes, pace) +
      hoursOf("requalify", tests, pace),
    pace: secondsFor("migration", pace),
    screenPace: secondsFor("re-screen", pace),
    testPace: secondsFor("requalify", pace),
  };
}

/** How far the measuring is that a preview waits for. A lead who reads blind is told nothing: what moves it may be hidden. */
export async function previewProgress({ db, computation }: Work, member: Member): Promise<PreviewProgress> {
  const { isAll } = await visibleLayerIds(db, member);
  return { measuring: isAll ? measureProgress(computation, member.projectId) : null };
}

type DraftState = {
  readonly versions: readonly StoredVersion[];
  readonly changes: readonly GuidelineChange[];
  readonly content: GuidelineContent;
  readonly number: number;
};

async function countsOf(
  db: Db,
  member: Member,
  visible: ReadonlySet<LayerId>,
  { versions, changes, content, number }: DraftState,
) {
  const published = [...versions, { number, changes, content }];
  const groups = await groupsFor(db, { projectId: member.projectId }, [versions, published]);
  const seen = groups.filter(({ layerId }) => visible.has(layerId));
  const { rows, totals, staleBefore, staleAfter, asked } = previewCounts(seen, versions, changes, number);
  const { automatic, review, choose, archive, untouched } = totals;
  return { rows: [...rows], totals: { automatic, review, choose, archive, untouched }, staleBefore, staleAfter, asked };
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
    const measured = row.apart === null ? undefined : findings.get(outlineKey({ layerId, id: row.apart }))?.violations;
    const [inForce = [], inDraft = []] = violationsIn.map((violations, place) =>
      violations(row, row.violated[place] ?? [], measured?.[place] ?? []),
    );
    const verdicts = { keeps: row.keeps, handedOn: row.handedOn };
    const decides = { attributes, verdicts, violations: { before: inForce, after: inDraft } };
    groups.push({ classId, stamp, shape, personId, layerId, slideId, count, ...decides });
  }
  return groups;
}

/** @param versions those published, and last the draft as if it were */
async function rescreensOf(
  db: Db,
  { projectId }: Member,
  visible: ReadonlySet<LayerId>,
  versions: Parameters<typeof rescreenNeeds>[1],
): Promise<Preview["rescreens"]> {
  const { heirs } = await heirsIn(db, projectId);
  const facts = await layerFacts(db, { projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const finished = (await finishableLayers(db, projectId)).filter(({ layer }) => visible.has(layer.id));
  const number = versions.at(-1)?.number;
  const needs = rescreenNeeds(finished, versions, await screeningsIn(db, { projectId }), number);
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
  const needs = await qualificationNeeds(db, projectId, [...versions, draft], { draft });
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
