import { blindReaders } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { membersOf } from "#db/projects.ts";
import { type AttemptRow, attemptsOf, type ReferenceCard, readingSince, referencesOf } from "#db/qualification.ts";
import type { GuidelineContent, GuidelineVersion } from "#domain/guideline.ts";
import type { PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import { rolesFor } from "#domain/permissions.ts";
import {
  hasReadBefore,
  publishedReference,
  type Requalification,
  requalifications,
  type TestItem,
  testOf,
} from "#domain/qualification.ts";
import { meaningIn } from "./draft-references.ts";

type Published = Pick<GuidelineVersion, "number" | "changes" | "content"> & { readonly publishedAt: Date };

/** A reader who has to show again that they can tell a class, and what they would be asked now. */
export type QualificationNeed = Requalification & {
  readonly personId: PersonId;
  /** Empty while there is nothing to ask them. */
  readonly items: readonly TestItem[];
  /** Where the task is shown: the slide of the first item of the class. */
  readonly slideId: SlideId | null;
  readonly passed: boolean;
  /** Their attempts since the class was redefined, oldest first. */
  readonly attempts: readonly AttemptRow[];
};

/**
 * Who has to show again that they can tell a redefined class: every member who draws and has read since before.
 * Computed from the history, the references and what people have shown, so preview, tasks, board and release agree.
 * @param versions what is published, and for a preview the draft as if it were published now
 * @param draft that draft: what was said of references by it holds then
 */
export async function qualificationNeeds(
  db: Db,
  projectId: ProjectId,
  versions: readonly Published[],
  draft: { readonly number: number; readonly content: GuidelineContent } | null = null,
): Promise<QualificationNeed[]> {
  const asked = requalifications(versions);
  if (asked.length === 0) return [];
  const stored = await referencesOf(db, projectId);
  const references =
    draft === null ? stored : stored.map((each) => publishedReference(each, draft.number, meaningIn(draft.content)));
  const reading = await readingSince(db, projectId);
  const draws = rolesFor("task.answer");
  const members = (await membersOf(db, projectId)).filter(({ role }) => draws.includes(role));
  const attempts = await attemptsOf(db, projectId);
  const blind = await blindReaders(db, [...new Set(references.map(({ slideId }) => slideId))]);
  return asked.flatMap((each) => {
    const at = versions.find(({ number }) => number === each.version)?.publishedAt;
    if (at === undefined) throw new Error(`version ${each.version} is not there`);
    return members.flatMap(({ personId }): QualificationNeed[] => {
      const since = reading.get(personId);
      if (since === undefined || !hasReadBefore(since, at)) return [];
      const shown = shownTo(personId, references, blind);
      const items = testOf(each.classId, shown, versions);
      const own = attempts.filter(
        (attempt) =>
          attempt.personId === personId && attempt.classId === each.classId && attempt.version >= each.version,
      );
      const slideId = shown.find(({ id }) => id === items[0]?.itemId)?.slideId ?? null;
      return [{ ...each, personId, items, slideId, passed: own.some(({ passed }) => passed === true), attempts: own }];
    });
  });
}

/** References of a project, oldest first, as far as somebody may see them. */
export async function referencesFor(db: Db, projectId: ProjectId, personId: PersonId): Promise<ReferenceCard[]> {
  const references = await referencesOf(db, projectId);
  return shownTo(personId, references, await blindReaders(db, [...new Set(references.map(({ slideId }) => slideId))]));
}

/** Of a slide that somebody reads blind nothing is shown to them that another has said about it. */
function shownTo(
  personId: PersonId,
  references: readonly ReferenceCard[],
  blind: ReadonlyMap<SlideId, readonly PersonId[]>,
): ReferenceCard[] {
  return references.filter(({ slideId }) => blind.get(slideId)?.includes(personId) !== true);
}
