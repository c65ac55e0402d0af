import { readsOf, roundSlidesOf } from "#db/consensus.ts";
import { slidesOf } from "#db/slides.ts";
import type { PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import { can, type Member, type RoundSubject } from "#domain/permissions.ts";
import type { World } from "#server/api/world.ts";
import type { ConsensusBasis } from "#server/commands/compute-consensus.ts";
import { type Compared, consensusWithDecisions, roundSubject } from "./consensus.ts";

type Work = Pick<World, "db" | "computation">;

/** A slide in a round with what its reads say and what was decided on them. */
export type ComparedSlide = Compared & {
  readonly round: { readonly id: RoundId; readonly name: string; readonly guidelineNumber: number };
  /** What permissions ask of its round here. */
  readonly subject: RoundSubject;
  /** Whether the person may know whose the reads are. */
  readonly named: boolean;
};

/** Every slide of a project with two submitted reads or more whose consensus the person may see, newest round first. */
export async function comparedSlides(
  work: Work,
  member: Member,
  projectId: ProjectId,
  wanted: { readonly round?: RoundId | undefined; readonly slide?: SlideId | undefined } = {},
): Promise<ComparedSlide[]> {
  const submitted = (await readsOf(work.db, { projectId })).filter(({ state }) => state === "submitted");
  const present = new Set((await slidesOf(work.db, projectId)).map(({ id }) => id));
  const found: ComparedSlide[] = [];
  for (const { round, slideId } of await roundSlidesOf(work.db, projectId)) {
    if ((wanted.round ?? round.id) !== round.id || (wanted.slide ?? slideId) !== slideId) continue;
    const reads = submitted.filter((read) => read.roundId === round.id && read.slideId === slideId);
    if (reads.length < 2 || !present.has(slideId)) continue;
    const subject = await roundSubject(work, round.id, slideId);
    if (subject === null || !can(member, "consensus.view", subject)) continue;
    const named = can(member, "consensus.readers", subject);
    found.push({ ...(await consensusWithDecisions(work, round.id, slideId)), round, subject, named });
  }
  return found;
}

/** Whether a round was opened under the version that is asked for; any without one. */
export function isUnder({ guidelineNumber }: ComparedSlide["round"], version: number | undefined): boolean {
  return (version ?? guidelineNumber) === guidelineNumber;
}

type Reader = ConsensusBasis["reads"][number]["reader"];

/** In an order that says nothing of who they are: that of their earliest read by its random id. */
export function readersIn(slides: readonly Pick<ComparedSlide, "basis">[]): Reader[] {
  const first = new Map<PersonId, { readonly layerId: string; readonly reader: Reader }>();
  for (const { basis } of slides) {
    for (const { layerId, reader } of basis.reads) {
      const known = first.get(reader.id);
      if (known === undefined || layerId < known.layerId) first.set(reader.id, { layerId, reader });
    }
  }
  return [...first.values()].sort((a, b) => (a.layerId < b.layerId ? -1 : 1)).map(({ reader }) => reader);
}

/** A, B, C, and so on. */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `R${index + 1}`;
}
