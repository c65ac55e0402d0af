import type { Db } from "#db/client.ts";
import { draftOf, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { peopleById } from "#db/people.ts";
import { type AttemptRow, attemptsAt, type ReferenceCard, referencesOf, saidIn } from "#db/qualification.ts";
import type { TaskRow } from "#db/tasks.ts";
import type { ClassId, PersonId, ProjectId } from "#domain/ids.ts";
import { referenceId } from "#domain/ids.ts";
import { classesAt } from "#domain/migration.ts";
import type { Member } from "#domain/permissions.ts";
import { holdsByDraft, referenceState } from "#domain/qualification.ts";
import { isAnswerable } from "#domain/task.ts";
import type { PersonRef } from "#server/api/schemas/common.ts";
import type { Qualification, ReaderTest, Reference } from "#server/api/schemas/qualification.ts";
import { AppError } from "#server/errors.ts";
import { meaningIn } from "./draft-references.ts";
import { flaggedOutlines } from "./qualification-flags.ts";
import { type QualificationNeed, qualificationNeeds, referencesFor } from "./qualification-needs.ts";
import { NOBODY } from "./slides.ts";

/**
 * Where every reader stands who has to show again that they can tell a redefined class, and the references for it; for
 * leads. Whoever reads a slide blind is not shown the references on it.
 */
export async function qualificationFor(db: Db, member: Member): Promise<Qualification> {
  const { projectId } = member;
  const versions = await versionsOf(db, projectId);
  const needs = await qualificationNeeds(db, projectId, versions);
  const references = await referencesFor(db, projectId, member.personId);
  const draft = await draftOf(db, projectId);
  const meaning = draft === null ? () => null : meaningIn(draft.content);
  const ids = [...needs.map(({ personId }) => personId), ...references.map(({ createdBy }) => createdBy)];
  const people = await peopleById(db, [...new Set(ids)]);
  const person = (id: PersonId): PersonRef => {
    const found = people.get(id);
    return found === undefined ? { ...NOBODY } : { id, name: found.name, colour: found.colour };
  };
  const flagged = await flaggedOutlines(db, member, needs);
  const known = versions.at(-1)?.content.classes ?? [];
  const classIds = [...new Set(needs.map(({ classId }) => classId))];
  return {
    least: versions.at(-1)?.content.rules.qualifyShare ?? 0,
    references: references.map((card) => {
      const { draftClassId: classId } = card;
      const byDraft = classId === null ? null : { classId, holds: holdsByDraft(card, meaning) };
      return { ...referenceView(card, versions, person), byDraft };
    }),
    classes: classIds.flatMap((classId) => {
      const of = known.find(({ id }) => id === classId);
      const asked = needs.filter((need) => need.classId === classId);
      const [first] = asked;
      if (of === undefined || first === undefined) return [];
      const readers = asked.map((need) => readerView(need, person, flagged));
      return [{ classId, name: of.name, colour: of.colour, version: first.version, readers }];
    }),
  };
}

function referenceView(
  card: ReferenceCard,
  versions: readonly StoredVersion[],
  person: (id: PersonId) => PersonRef,
): Omit<Reference, "byDraft"> {
  const found = referenceState(card, versions);
  return {
    ...placeView(card),
    classId: card.classId,
    effectiveClassId: found.classId,
    under: card.under,
    state: found.state,
    by: person(card.createdBy),
    at: card.createdAt.toISOString(),
  };
}

function placeView({ id, slide, minX, minY, maxX, maxY, outline }: ReferenceCard) {
  const { width, height } = slide.meta;
  const pictured = { id: slide.id, name: slide.name, hash: slide.contentHash.slice(0, 16), width, height };
  return { id, slide: pictured, box: [minX, minY, maxX, maxY] as [number, number, number, number], outline };
}

function readerView(
  { personId, classId, passed, items, attempts }: QualificationNeed,
  person: (id: PersonId) => PersonRef,
  flagged: Awaited<ReturnType<typeof flaggedOutlines>>,
): Qualification["classes"][number]["readers"][number] {
  const finished = attempts.findLast(({ finishedAt }) => finishedAt !== null);
  const trying = attempts.some(({ finishedAt }) => finishedAt === null);
  const drawn = flagged.filter((each) => each.personId === personId && each.classId === classId);
  return {
    person: person(personId),
    state: passed ? "passed" : trying ? "trying" : finished === undefined ? "waiting" : "failed",
    attempts: attempts.length,
    last: lastOf(finished),
    ready: items.length > 0,
    flagged: drawn.reduce((sum, { count }) => sum + count, 0),
  };
}

function lastOf(attempt: AttemptRow | undefined) {
  if (attempt?.finishedAt == null) return null;
  return { right: attempt.right ?? 0, total: attempt.items.length, at: attempt.finishedAt.toISOString() };
}

/** The test of a requalify task as its reader sees it. @throws AppError bad-request for a task of another kind */
export async function testFor(db: Db, task: TaskRow): Promise<ReaderTest> {
  const { scope, projectId } = task;
  if (scope.kind !== "requalify") throw new AppError("bad-request", { taskId: task.id, kind: task.kind });
  const versions = await versionsOf(db, projectId);
  const content = versions.at(-1)?.content;
  const needs = await qualificationNeeds(db, projectId, versions);
  const need = needs.find(({ classId, personId }) => classId === scope.classId && personId === task.assigneeId);
  const attempts = await attemptsAt(db, task.id);
  const last = attempts.at(-1);
  const selectable = content === undefined ? [] : classesAt(content).selectable;
  return {
    taskId: task.id,
    classId: scope.classId,
    version: scope.version,
    least: content?.rules.qualifyShare ?? 0,
    size: need?.items.length ?? 0,
    open: isAnswerable(task.state),
    options: selectable.map(({ id, name, colour, hotkey }) => ({ id, name, colour, hotkey })),
    attempts: attempts.filter(({ finishedAt }) => finishedAt !== null).length,
    attempt: last === undefined ? null : await attemptView(db, projectId, last),
  };
}

async function attemptView(
  db: Db,
  projectId: ProjectId,
  { id, items, finishedAt, right, passed }: AttemptRow,
): Promise<NonNullable<ReaderTest["attempt"]>> {
  const said = await saidIn(db, id);
  const ids = items.map(({ itemId }) => referenceId.parse(itemId));
  const cards = new Map<string, ReferenceCard>((await referencesOf(db, projectId, ids)).map((card) => [card.id, card]));
  return {
    id,
    items: items.flatMap(({ itemId }) => {
      const card = cards.get(itemId);
      return card === undefined ? [] : [{ ...placeView(card), said: said.get(itemId) ?? null }];
    }),
    result:
      finishedAt === null
        ? null
        : { right: right ?? 0, total: items.length, passed: passed === true, differed: differences(items, said) },
  };
}

function differences(items: AttemptRow["items"], said: ReadonlyMap<string, ClassId>) {
  return items.flatMap(({ itemId, classId }) => {
    const given = said.get(itemId) ?? null;
    return given === classId ? [] : [{ id: itemId, said: given, is: classId }];
  });
}
