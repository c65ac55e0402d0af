import type { ClassRule, ConsensusMethod, ObjectMatching } from "./consensus.ts";
import type { ClassDefinition, GuidelineContent, StudyRules } from "./guideline.ts";
import type { PersonId } from "./ids.ts";

/** A read that takes part in a consensus, and whose it is. */
export type Voter = { readonly readerKey: string; readonly readerId: PersonId };

/** With votes weighed, a class needs more than half of all weight. */
const WEIGHTED_SHARE = 0.5;
const STAPLE_PROBABILITY = 0.5;

/** How a guideline compares reads of each class that can be drawn. */
export function classRulesOf(content: GuidelineContent): ClassRule[] {
  return content.classes
    .filter((definition) => !definition.retired)
    .map((definition) => ({ classId: definition.id, objects: matchingOf(definition) }));
}

/** Null for what is compared place by place; points have no area, so they are objects whatever is said. */
export function matchingOf({
  matching,
  geometry,
}: Pick<ClassDefinition, "matching" | "geometry">): ObjectMatching | null {
  switch (matching.by) {
    case "region":
      return geometry.includes("polygon") ? null : {};
    case "iou":
      return { leastIou: matching.min };
    case "distance":
      return { radiusUm: matching.maxUm };
    default:
      return matching satisfies never;
  }
}

/**
 * The study's method for these reads. Where one person decides and has not read, and where a third is to settle what two
 * differ on and has not read, the reads decide alone what they all agree on; the rest goes to adjudication.
 */
export function methodOf(rules: StudyRules, voters: readonly Voter[]): ConsensusMethod {
  const decider = voters.find(({ readerId }) => readerId === rules.adjudicatorId);
  switch (rules.method) {
    case "majority":
      return { kind: "majority" };
    case "quorum":
      return { kind: "quorum", votes: Math.min(rules.quorum, voters.length) };
    case "weighted": {
      const weights = voters.map(({ readerKey, readerId }) => [readerKey, rules.weights[readerId] ?? 1]);
      return { kind: "weighted", share: WEIGHTED_SHARE, weights: Object.fromEntries(weights) };
    }
    case "staple":
      return { kind: "staple", probability: STAPLE_PROBABILITY };
    case "single":
      return decider === undefined
        ? { kind: "quorum", votes: voters.length }
        : { kind: "adjudicator", readerKey: decider.readerKey };
    case "two-plus-one":
      return twoPlusOne(voters, decider);
    default:
      return rules.method satisfies never;
  }
}

/** Without a named third, any two of the readers who say the same settle it. */
function twoPlusOne(voters: readonly Voter[], third: Voter | undefined): ConsensusMethod {
  const [first, second] = voters
    .filter((voter) => voter !== third)
    .map(({ readerKey }) => readerKey)
    .sort();
  if (third === undefined || first === undefined || second === undefined) return { kind: "quorum", votes: 2 };
  return { kind: "two-plus-one", readerKeys: [first, second], third: third.readerKey };
}
