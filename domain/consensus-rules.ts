import type { ClassRule, ConsensusMethod, ObjectMatching } from "./consensus.ts";
import type { ClassDefinition, GuidelineContent, StudyRules } from "./guideline.ts";
import type { ClassId, PersonId } from "./ids.ts";

/** A read that takes part in a consensus, and whose it is. */
export type Voter = { readonly readerKey: string; readonly readerId: PersonId };

/** With votes weighed, a class needs more than half of all weight. */
const WEIGHTED_SHARE = 0.5;
const STAPLE_PROBABILITY = 0.5;

/**
 * How a guideline compares reads of each class that can be drawn, and makes them into one.
 * @param voters of the reads that there are, for classes that are not decided as the study has it
 */
export function classRulesOf(content: GuidelineContent, voters: readonly Voter[]): ClassRule[] {
  return content.classes
    .filter((definition) => !definition.retired)
    .map((definition) => ({
      classId: definition.id,
      objects: matchingOf(definition),
      ...(definition.consensus && { method: methodOf(studyFor(definition, content.rules), voters) }),
    }));
}

/** How a class is decided: the rules of the study with what the class has otherwise. */
export function studyFor({ consensus }: Pick<ClassDefinition, "consensus">, rules: StudyRules): StudyRules {
  if (consensus === null) return rules;
  const { method, quorum, adjudicatorId } = consensus;
  return { ...rules, method, quorum, adjudicatorId: adjudicatorId ?? rules.adjudicatorId };
}

/** The methods of "not marked" and of some classes in their order. */
export function methodsFor(
  { rules, classes }: GuidelineContent,
  classIds: readonly ClassId[],
  voters: readonly Voter[],
): ConsensusMethod[] {
  const usual = methodOf(rules, voters);
  const byId = new Map(classes.map((definition) => [definition.id, definition]));
  const ofClass = (classId: ClassId): ConsensusMethod => {
    const definition = byId.get(classId);
    return definition === undefined ? usual : methodOf(studyFor(definition, rules), voters);
  };
  return [usual, ...classIds.map(ofClass)];
}

/**
 * The only one who decides about a dispute, where one reader's word is taken; null where anybody may who adjudicates. The
 * classes named there say so, else the study; where they name several people, any of these.
 */
export function solesOf(content: GuidelineContent, named: readonly ClassId[]): readonly PersonId[] {
  const soles = studiesOf(content, named).map((each) => (each.method === "single" ? each.adjudicatorId : null));
  return soles.every((sole) => sole !== null) ? [...new Set(soles)].sort() : [];
}

/**
 * Whom a guideline names to settle what reads differ on, as the one whose word is taken or as the third reader: of the
 * classes that are named, else of the study. Who may decide besides is said by `solesOf`.
 */
export function namedDeciders(content: GuidelineContent, named: readonly ClassId[]): readonly PersonId[] {
  const names = studiesOf(content, named).flatMap(({ method, adjudicatorId }) =>
    method === "single" || method === "two-plus-one" ? (adjudicatorId ?? []) : [],
  );
  return [...new Set(names)].sort();
}

/** The one whom a guideline names whatever the class: for the study, else the only one that its classes name. */
export function usualDecider(content: GuidelineContent): PersonId | null {
  const [ofStudy] = namedDeciders(content, []);
  const drawn = content.classes.filter(({ retired }) => !retired).map(({ id }) => id);
  const [ofClasses, ...others] = namedDeciders(content, drawn);
  return ofStudy ?? (others.length === 0 ? (ofClasses ?? null) : null);
}

/** How some classes are decided; without any of them the study. */
function studiesOf({ rules, classes }: GuidelineContent, named: readonly ClassId[]): readonly StudyRules[] {
  const decided = classes.filter(({ id }) => named.includes(id)).map((definition) => studyFor(definition, rules));
  return decided.length === 0 ? [rules] : decided;
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
