import type { ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import { boxAround, classPairOf } from "#domain/question.ts";
import type { ReasonCode } from "#domain/task.ts";
import type { GuidelineQuestion, UnclearPair, UnclearPlace } from "#server/api/schemas/questions.ts";
import type { World } from "#server/api/world.ts";
import { type ComparedSlide, comparedSlides } from "./compared-slides.ts";
import { type Decision, type DisputeStanding, isDecided } from "./decisions.ts";
import { questionsFor } from "./questions.ts";

/** Reasons that say something of the guideline, and not of the readers. */
const OF_GUIDELINE: readonly ReasonCode[] = ["guideline-silent", "guideline-ambiguous"];

/**
 * Where adjudicators found the guideline unclear, by the classes that are confused, the pair with the most places first;
 * each as far as the member may see the reads there, with the question that it became part of.
 */
export async function unclearPairs(
  work: Pick<World, "db" | "computation">,
  member: Member,
  projectId: ProjectId,
): Promise<UnclearPair[]> {
  const questions = await questionsFor(work.db, member);
  const pairs = new Map<string, { classIds: string[]; places: UnclearPlace[] }>();
  for (const compared of await comparedSlides(work, member, projectId)) {
    for (const standing of compared.standings) {
      const { decision, dispute } = standing;
      if (decision === null || !isDecided(standing) || !OF_GUIDELINE.includes(decision.reason)) continue;
      const classIds = classPairOf(dispute.votes);
      const pair = pairs.get(classIds.join()) ?? { classIds, places: [] };
      pair.places.push(toPlace(compared, standing, decision, questions));
      pairs.set(classIds.join(), pair);
    }
  }
  return [...pairs.values()]
    .map(({ classIds, places }) => ({
      classIds,
      places: places.sort((a, b) => b.at.localeCompare(a.at) || (a.disputeKey < b.disputeKey ? -1 : 1)),
      question: openAbout(classIds, questions),
    }))
    .sort((a, b) => b.places.length - a.places.length || (a.classIds.join() < b.classIds.join() ? -1 : 1));
}

function toPlace(
  { round, basis: { slide } }: ComparedSlide,
  { dispute }: DisputeStanding,
  { reason, note, at }: Decision,
  questions: readonly GuidelineQuestion[],
): UnclearPlace {
  const holds = ({ places }: GuidelineQuestion) =>
    places.some(({ roundId, disputeKey }) => roundId === round.id && disputeKey === dispute.key);
  return {
    disputeKey: dispute.key,
    roundId: round.id,
    slide: {
      id: slide.id,
      name: slide.name,
      hash: slide.contentHash.slice(0, 16),
      width: slide.meta.width,
      height: slide.meta.height,
    },
    box: boxAround(dispute.bbox),
    reason,
    note,
    at: at.toISOString(),
    question: named(questions.find(holds)),
  };
}

function openAbout(classIds: readonly string[], questions: readonly GuidelineQuestion[]): UnclearPair["question"] {
  const about = ({ classId, otherClassId }: GuidelineQuestion) =>
    [classId, otherClassId].flatMap((id) => id ?? []).sort();
  return named(questions.find((each) => each.state === "open" && about(each).join() === classIds.join()));
}

function named(question: GuidelineQuestion | undefined): UnclearPair["question"] {
  return question === undefined ? null : { id: question.id, title: question.title };
}
