import { blindReaders, layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { membersOf } from "#db/projects.ts";
import {
  type AttemptRow,
  askedToQualify,
  attemptsOf,
  type Reading,
  type ReferenceCard,
  readingOf,
  referencesOf,
} from "#db/qualification.ts";
import type { GuidelineContent, GuidelineVersion } from "#domain/guideline.ts";
import type { LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import { rolesFor } from "#domain/permissions.ts";
import {
  hasReadBefore,
  publishedReference,
  type ReadingSince,
  type Requalification,
  requalifications,
  type TestItem,
  testOf,
} from "#domain/qualification.ts";
import { meaningIn } from "./draft-references.ts";
import { isForAll } from "./task-hours.ts";

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

type Asking = {
  /** The draft of a preview: what was said of references by it holds then. */
  readonly draft?: { readonly number: number; readonly content: GuidelineContent };
  /** Also those of whom nobody is told yet, for what is closed to whoever reads blind. */
  readonly withheld?: boolean;
};

/**
 * Who has to show again that they can tell a redefined class: every member who draws and has read since before.
 * Computed from the history, the references and what people have shown, so preview, tasks, board and release agree.
 * That somebody has drawn with the team on a slide that others read blind is told to nobody before that is over, in
 * whatever way: so it asks them nothing until then, unless they were asked before it began.
 * @param versions what is published, and for a preview the draft as if it were published now
 */
export async function qualificationNeeds(
  db: Db,
  projectId: ProjectId,
  versions: readonly Published[],
  { draft, withheld = false }: Asking = {},
): Promise<QualificationNeed[]> {
  const asked = requalifications(versions);
  if (asked.length === 0) return [];
  const stored = await referencesOf(db, projectId);
  const references =
    draft === undefined
      ? stored
      : stored.map((each) => publishedReference(each, draft.number, meaningIn(draft.content)));
  const reading = await readingOf(db, projectId);
  const isTold = await toldOf(db, projectId, withheld);
  const draws = rolesFor("task.answer");
  const members = (await membersOf(db, projectId)).filter(({ role }) => draws.includes(role));
  const attempts = await attemptsOf(db, projectId);
  const blind = await blindReaders(db, [...new Set(references.map(({ slideId }) => slideId))]);
  return asked.flatMap((each) => {
    const at = versions.find(({ number }) => number === each.version)?.publishedAt;
    if (at === undefined) throw new Error(`version ${each.version} is not there`);
    return members.flatMap(({ personId }): QualificationNeed[] => {
      const known = reading.get(personId);
      if (known === undefined || !hasReadBefore(sinceOf(known, isTold({ ...each, personId })), at)) return [];
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

type Told = (layerId: LayerId) => boolean;

/** Which layers of the team may show that somebody reads, when they are asked about a class. */
async function toldOf(
  db: Db,
  projectId: ProjectId,
  withheld: boolean,
): Promise<(asked: Requalification & { readonly personId: PersonId }) => Told> {
  const facts = await layerFacts(db, { projectId });
  const forAll = new Set(facts.filter(({ subject }) => isForAll(subject)).map(({ layerId }) => layerId));
  const before = await askedToQualify(db, projectId);
  return ({ personId, classId, version }) => {
    const wasAsked = before.some(
      (task) => task.personId === personId && task.classId === classId && task.version >= version,
    );
    return withheld || wasAsked ? () => true : (layerId) => forAll.has(layerId);
  };
}

function sinceOf({ given, joined, drewIn }: Reading, isTold: Told): ReadingSince {
  return { given, joined: drewIn.some(isTold) ? joined : null };
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
