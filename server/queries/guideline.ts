import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { draftOf, type PersonName, type StoredDraft, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { annotationGroups, medianAnswerSeconds, screeningsIn } from "#db/judgements.ts";
import { peopleById } from "#db/people.ts";
import { membersOf } from "#db/projects.ts";
import { finishableLayers, openBlindRounds } from "#db/rounds.ts";
import { slidesByIds } from "#db/slides.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import { type LayerId, type PersonId, personId, slideId } from "#domain/ids.ts";
import { classesAt, previewCounts, rescreens } from "#domain/migration.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { Draft, GuidelineView, Preview } from "#server/api/schemas/guideline.ts";
import { AppError } from "#server/errors.ts";
import { assigneeOf } from "./assignees.ts";
import { changesOf, sentenceOf } from "./draft.ts";
import { rescreenNeeds } from "./rescreens.ts";

/** Published versions, and the draft for those who write it. */
export async function guidelineFor(db: Db, member: Member): Promise<GuidelineView> {
  const draft = can(member, "guideline.edit") ? await draftOf(db, member.projectId) : null;
  return {
    versions: (await versionsOf(db, member.projectId)).map(toVersion),
    draft: draft === null ? null : toDraft(draft),
  };
}

export function toDraft({ parent, content, declarations, revision, updatedAt, updatedBy }: StoredDraft): Draft {
  return { parent, content, declarations, revision, updatedAt: updatedAt.toISOString(), updatedBy };
}

/**
 * What publishing the draft would cause, counted with the functions that decide it afterwards. A lead who reads blind
 * gets no counts of layers that are kept from them. @throws AppError not-found where there is no draft
 */
export async function previewFor(db: Db, member: Member, now: Date): Promise<Preview> {
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
  const counted = await countsOf(db, member, { versions, changes, number });
  const needs = await rescreensOf(db, member, { ...draft, number, changes, publishedAt: now });
  return {
    parent: parent?.number ?? 0,
    number,
    changes: [...changes],
    refusal,
    ...counted,
    rescreens: needs,
    people: await namesOf(db, [...counted.rows, ...needs]),
    slides: await slideNames(db, [...counted.rows, ...needs]),
    estimatedHours: await hoursFor(db, member, counted.totals),
    openBlindRounds: await touchedBlindRounds(db, member, draft, changes, counted.rows),
  };
}

function toVersion({ number, content, changes, note, publishedAt, publishedBy }: StoredVersion) {
  return { number, content, changes, note, publishedAt: publishedAt.toISOString(), publishedBy };
}

type DraftState = {
  readonly versions: readonly StoredVersion[];
  readonly changes: readonly GuidelineChange[];
  readonly number: number;
};

async function countsOf(db: Db, member: Member, { versions, changes, number }: DraftState) {
  const visible = await visibleLayerIds(db, member);
  const groups = (await annotationGroups(db, member.projectId)).filter(({ layerId }) => visible.has(layerId));
  const { rows, totals } = previewCounts(groups, versions, changes, number);
  const { automatic, review, choose, archive, untouched } = totals;
  return { rows: [...rows], totals: { automatic, review, choose, archive, untouched } };
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
  const members = await membersOf(db, projectId);
  const finished = (await finishableLayers(db, projectId)).filter(({ layer }) => visible.has(layer.id));
  const needs = rescreenNeeds(finished, [draft], await screeningsIn(db, { projectId }));
  return needs.map(({ layer, classIds, personId: finishedBy }) => ({
    slideId: layer.slideId,
    layerId: layer.id,
    personId: assigneeOf(finishedBy, { isGroundTruth: false }, members),
    classIds: [...classIds],
  }));
}

type Placed = { readonly personId: string; readonly slideId: string };

async function namesOf(db: Db, rows: readonly Placed[]): Promise<PersonName[]> {
  const ids: PersonId[] = [...new Set(rows.map((row) => row.personId))].map((id) => personId.parse(id));
  const people = await peopleById(db, ids);
  return [...people.values()].map(({ id, name, colour }) => ({ id, name, colour }));
}

async function slideNames(db: Db, rows: readonly Placed[]): Promise<{ id: string; name: string }[]> {
  const ids = [...new Set(rows.map((row) => row.slideId))].map((id) => slideId.parse(id));
  return (await slidesByIds(db, ids)).map(({ id, name }) => ({ id, name }));
}

/** Items to decide times the project's own median; null before anybody has decided anything. */
async function hoursFor(db: Db, { projectId }: Member, totals: Preview["totals"]): Promise<number | null> {
  const seconds = await medianAnswerSeconds(db, projectId);
  return seconds === null ? null : ((totals.review + totals.choose) * seconds) / 3_600;
}

/** Open blind rounds in which outlines are affected, or whose finished reads will have to be looked through again. */
async function touchedBlindRounds(
  db: Db,
  member: Member,
  draft: StoredDraft,
  changes: readonly GuidelineChange[],
  rows: Preview["rows"],
): Promise<Preview["openBlindRounds"]> {
  const rounds = await openBlindRounds(db, member.projectId);
  const facts = await layerFacts(db, { projectId: member.projectId });
  const hidden = new Set(facts.filter(({ subject }) => !subject.unblinded).map(({ layerId }) => layerId as string));
  const selectable = classesAt(draft.content).selectable.map(({ id }) => id);
  const looksAgain = rescreens(changes, draft.content.rules, selectable).length > 0;
  const touched = looksAgain || rows.some(({ layerId }) => hidden.has(layerId));
  return touched ? rounds.map(({ id, name }) => ({ id, name })) : [];
}
