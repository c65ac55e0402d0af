import { isValueOf, missingAttributes } from "./guideline/attribute-values.ts";
import { asks, outcomesOf } from "./guideline/outcomes.ts";
import {
  type ClassDefinition,
  type GuidelineChange,
  type GuidelineContent,
  isDrawable,
  type Shape,
  type StudyRules,
} from "./guideline.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import { type AttributeQuestion, type Attributes, attributeQuestions } from "./migration/attributes.ts";
import { classEvents, type History } from "./migration/events.ts";
import {
  askedLimits,
  changeAt,
  isNewcomer,
  pendingLimits,
  type RuleStanding,
  type Violation,
} from "./migration/limits.ts";
import { type Effect, fold } from "./migration-fold.ts";
import { ok, type Result, refuse } from "./result.ts";
import type { Answer } from "./task.ts";

export type { History } from "./migration/events.ts";

/** What a person must say about an annotation. */
export type Question = {
  /** A judgement under this version or a later one answers it; moves on when a later change touches the answer. */
  readonly version: number;
  /**
   * Choose: the class is no longer, one of the options takes its place. Review: it may stand, a keep will do. Redraw: the
   * outline may have to run elsewhere. Limit: it violates a rule that became stricter. Attribute: something about it has
   * to be said.
   */
  readonly kind: "choose" | "review" | "redraw" | "limit" | "attribute";
  /** The change that raised it. */
  readonly change: GuidelineChange;
  /** The class that the annotation has while the question is open. */
  readonly classId: ClassId;
  /** Classes to offer besides keeping; every one can be drawn in the newest version. */
  readonly options: readonly ClassId[];
  /** Where "cannot tell" goes; null leaves it to the lead. */
  readonly fallback: ClassId | null;
  /** Names the fact that is asked: the same over later versions. */
  readonly key: string;
  /** What is asked about an attribute; null for any other question. */
  readonly attribute: Pick<AttributeQuestion, "attributeId" | "values" | "fallback" | "mayStay"> | null;
  /** The rule that is violated, and the other annotation of a pair. */
  readonly limit: Pick<Violation, "rule" | "other"> | null;
};

/** All that the standing of one annotation depends on, beside history and judgements. */
export type AnnotationFacts = {
  readonly classId: ClassId;
  /** Guideline version at the last change of class or geometry. */
  readonly under: number;
  readonly shape: Shape;
  /** Null where they are not looked at. */
  readonly attributes: Attributes | null;
  /** Rules of the newest version that it does not satisfy. */
  readonly violations: readonly Violation[];
};

export type Resolution = {
  readonly state: "current" | "carried-over" | "stale" | "archived";
  /** The class that counts now. While a choice is open, and once archived, the last class that it certainly had. */
  readonly classId: ClassId;
  /** The stored class where it is another. */
  readonly former: ClassId | null;
  readonly questions: readonly Question[];
};

/**
 * What has become of a class under which something was outlined.
 * Depends on the class, the stamp and the history alone, so one answer holds for every annotation that shares them.
 * Changes within one version do not see each other. A restore undoes every earlier merge, split and retirement of its
 * class. A class that had already ended at its stamp (an outline redrawn before its choice was made) is followed from there.
 * What depends on the annotation itself (attributes, rules) is not asked here.
 * @param stamp guideline version at the last change of class or geometry
 */
export function resolve(classId: ClassId, stamp: number, history: History, shape: Shape = "polygon"): Resolution {
  const facts = { classId, under: stamp, shape, attributes: null, violations: [] };
  return resolutionOf(followFacts(facts, UNSETTLED, history));
}

export type Followed = {
  readonly stored: ClassId;
  readonly classId: ClassId;
  readonly archived: boolean;
  /** The change that made it the class that it is; null where it is the stored one. */
  readonly movedBy: Pick<Effect, "version" | "index"> | null;
  /** What was said about the rules of its class; of no use while that is open. */
  readonly rules: RuleStanding;
  readonly questions: readonly Question[];
  readonly effects: readonly Effect[];
};

/** The newest version under which a keep answered something, and the newest for each class that it then had. */
export type Settled = { readonly version: number; readonly as: ReadonlyMap<ClassId, number> };
export const UNSETTLED: Settled = { version: 0, as: new Map() };

/**
 * Follows one annotation through the history: its class, then the rules and attributes of the class that is certain.
 * While its class is open nothing else is asked: whoever chooses answers for the class that they choose. Who drew or kept
 * it as another class has said nothing about the rules of the class that it is by now.
 */
export function followFacts(facts: AnnotationFacts, settled: Settled, history: History): Followed {
  const { classId: stored, under: stamp, shape } = facts;
  const confirmed = Math.max(stamp, settled.version);
  const ofClass = fold(stored, { stamp, settled: confirmed, shape }, classEvents(history));
  const { holder: classId, archived, movedBy } = ofClass;
  const asked = { classId, options: [], fallback: null, attribute: null, limit: null };
  const questions = ofClass.questions.map(({ holder: _, ...each }): Question => ({ ...asked, ...each }));
  const rules = ruleStanding(facts, { classId, movedBy }, settled, history);
  const followed = { stored, classId, archived, movedBy, rules };
  if (archived || ofClass.open) return { ...followed, questions, effects: ofClass.effects };
  const limits = askedLimits(rules, facts.violations, history);
  const { attributes } = facts;
  const said =
    attributes === null
      ? { questions: [], effects: [] }
      : attributeQuestions({ classId, movedBy, stamp, settled: confirmed, attributes }, history);
  questions.push(
    ...limits.map(({ version, raised, change, limit }): Question => {
      const key = `${raised}:limit.${classId}.${limit.rule}${limit.other === null ? "" : `.${limit.other}`}`;
      return { ...asked, version, kind: "limit", change, key, limit };
    }),
    ...said.questions.map(({ version, change, key, ...attribute }): Question => {
      return { ...asked, version, kind: "attribute", change, key, attribute };
    }),
  );
  const violated = limits.map(({ version, index }): Effect => ({ version, index, outcome: "review" }));
  const outcome = said.questions.length > 0 ? "choose" : limits.length > 0 ? "review" : "automatic";
  const moves = ofClass.effects.map((effect) => broughtBack(effect, outcome, history));
  return { ...followed, questions, effects: distinctEffects([...moves, ...violated, ...said.effects]) };
}

/** A class that comes back brings what was asked of its members with it. */
function broughtBack(effect: Effect, outcome: Effect["outcome"], history: History): Effect {
  if (effect.outcome !== "automatic" || outcome === "automatic") return effect;
  const { kind } = changeAt(effect, history);
  return kind === "restore" || kind === "concrete" ? { ...effect, outcome } : effect;
}

/** A lead may have left out that what a change carries over is checked: then it is as if it was drawn under that version. */
function ruleStanding(
  { classId: stored, under }: AnnotationFacts,
  { classId, movedBy }: Pick<Followed, "classId" | "movedBy">,
  { as }: Settled,
  history: History,
): RuleStanding {
  const unchecked = movedBy === null || asks(changeAt(movedBy, history), "re-check") ? 0 : movedBy.version;
  const kept = as.get(classId) ?? 0;
  const since = Math.max(under, kept, unchecked);
  return { classId, movedBy, since, kept: Math.max(kept, as.get(stored) ?? 0) };
}

/** A person's word on an annotation, bound to the content that was seen. */
export type Judgement = {
  readonly annotationId: AnnotationId;
  readonly verdict: "keep" | "cannot-tell";
  readonly contentHash: string;
  /** Guideline version that it was given under. */
  readonly version: number;
};

export type Staleness = Omit<Resolution, "state"> & {
  /** Undecided: stale, but its annotator has said "cannot tell" and the lead decides. It still blocks a release. */
  readonly state: Resolution["state"] | "undecided";
};

/** What people have said about the present content of an annotation, as far as its standing depends on it. */
export type Verdicts = {
  /** Versions under which it was kept as it is, ascending. */
  readonly keeps: readonly number[];
  /** Newest version under which somebody could not tell; 0 for nobody. */
  readonly handedOn: number;
};

/**
 * Where one annotation stands, with what people have said about it.
 * A keep answers the reviews up to its version and never a choice; both count only for the content that was judged. One
 * that answered nothing is no answer to what was not asked then: a review that a later restore brings back is asked.
 */
export function staleness(
  annotation: { readonly id: AnnotationId } & Pick<AnnotationFacts, "classId" | "under"> & Partial<AnnotationFacts>,
  judgements: readonly Judgement[],
  contentHash: string,
  history: History,
): Staleness {
  const valid = judgements.filter((each) => each.annotationId === annotation.id && each.contentHash === contentHash);
  const { classId, under, shape = "polygon", attributes = null, violations = [] } = annotation;
  const keeps = valid.flatMap(({ verdict, version }) => (verdict === "keep" ? [version] : [])).sort((x, y) => x - y);
  const handedOn = Math.max(0, ...valid.flatMap(({ verdict, version }) => (verdict === "keep" ? [] : [version])));
  return standingOf({ classId, under, shape, attributes, violations }, { keeps, handedOn }, history);
}

/** The same from what was said, already sorted out. */
export function standingOf(facts: AnnotationFacts, { keeps, handedOn }: Verdicts, history: History): Staleness {
  const resolution = resolutionOf(followFacts(facts, settledBy(keeps, facts, history), history));
  const asked = resolution.questions.reduce((version, each) => Math.max(version, each.version), 0);
  return resolution.state === "stale" && handedOn >= asked ? { ...resolution, state: "undecided" } : resolution;
}

export type AnswerReason = "nothing-to-answer" | "choice-needed" | "value-needed" | "unknown-class" | "class-retired";

/**
 * Whether an answer fits what is asked of an annotation; a choice may be any class that can be drawn, with what that class
 * requires.
 * @param held what the annotation holds under the ids of attributes
 */
export function checkAnswer(
  standing: Pick<Staleness, "questions" | "classId">,
  answer: Answer,
  content: GuidelineContent,
  held: Attributes = {},
): Result<undefined, AnswerReason> {
  if (standing.questions.length === 0) return refuse("nothing-to-answer");
  const choice = standing.questions.find((each) => each.kind === "choose");
  if (answer.verdict === "keep" && choice !== undefined) return refuse("choice-needed", { options: choice.options });
  if (answer.verdict === "choose") return checkChoice(answer, content, held);
  const unsaid = unsaidAttribute(standing, answer, content);
  return unsaid === null ? ok() : refuse("value-needed", { attributeId: unsaid });
}

/** Whether a class can be given, with what it requires to be said. */
export function checkChoice(
  { classId, attributes = {} }: Extract<Answer, { readonly verdict: "choose" }>,
  content: GuidelineContent,
  held: Attributes,
): Result<undefined, "value-needed" | "unknown-class" | "class-retired"> {
  const chosen = classesAt(content).byId.get(classId);
  if (chosen === undefined) return refuse("unknown-class", { classId });
  if (chosen.retired) return refuse("class-retired", { classId, name: chosen.name });
  const [missing] = missingAttributes(chosen, { ...held, ...attributes });
  return missing === undefined ? ok() : refuse("value-needed", { attributeId: missing.id });
}

/**
 * Classes that finished slides have to be looked through for again: one that was added where reading is exhaustive, was
 * broadened or redefined, or came back; what stands beside one that left a gap; all of them where reading becomes stricter.
 * The parts of a split and the new class of a merge hold nothing that was not outlined before.
 * @param selectable classes of the new version
 */
export function rescreens(
  changes: readonly GuidelineChange[],
  rules: Pick<StudyRules, "exhaustive">,
  selectable: readonly ClassId[] = [],
): ClassId[] {
  const known = new Set(changes.flatMap(drawnBefore));
  const asked = changes.filter((change) => outcomesOf(change, rules).includes("re-screen"));
  const found = asked.flatMap((change): readonly ClassId[] => {
    if (change.kind === "screening") return selectable;
    if (change.kind === "retire") return change.lookFor ?? [];
    return "classId" in change && !(change.kind === "add" && known.has(change.classId)) ? [change.classId] : [];
  });
  // Versions from before screening rules were a change of their own.
  const exhaustive = changes.some((change) => change.kind === "rules" && change.what.includes("exhaustive"));
  return [...new Set([...found, ...(exhaustive && rules.exhaustive ? selectable : [])])].sort();
}

export type ClassesAt = {
  /** Classes that can be drawn, in the order of the guideline. */
  readonly selectable: readonly ClassDefinition[];
  readonly byId: ReadonlyMap<ClassId, ClassDefinition>;
  /** The name to show for a class, also a retired one; the id itself for a class of another guideline. */
  readonly effectiveName: (classId: ClassId) => string;
};

export function classesAt(content: GuidelineContent): ClassesAt {
  const byId = new Map(content.classes.map((each) => [each.id, each]));
  return {
    selectable: content.classes.filter(isDrawable),
    byId,
    effectiveName: (classId) => byId.get(classId)?.name ?? classId,
  };
}

/** The last of some versions, oldest first, in which a class ended; null where it did in none. */
export function endedIn(
  classId: ClassId,
  versions: readonly { readonly number: number; readonly changes: readonly GuidelineChange[] }[],
): number | null {
  const ends = (change: GuidelineChange): boolean =>
    change.kind === "merge"
      ? change.from.includes(classId) && change.into !== classId
      : (change.kind === "split" || change.kind === "retire") && change.classId === classId;
  return versions.findLast(({ changes }) => changes.some(ends))?.number ?? null;
}

/** New classes whose members were outlined before, under another class. */
function drawnBefore(change: GuidelineChange): readonly ClassId[] {
  return change.kind === "split" || change.kind === "merge" ? [change.into].flat() : [];
}

/** An attribute that has to be said and that a keep does not say. */
function unsaidAttribute(
  { questions, classId }: Pick<Staleness, "questions" | "classId">,
  answer: Answer,
  content: GuidelineContent,
): string | null {
  if (answer.verdict !== "keep") return null;
  const said = answer.attributes ?? {};
  const definitions = classesAt(content).byId.get(classId)?.attributes ?? [];
  const open = questions.flatMap(({ attribute }) => (attribute === null || attribute.mayStay ? [] : [attribute]));
  const missing = open.find(({ attributeId, values }) => {
    const value = said[attributeId] ?? "";
    const definition = definitions.find(({ id }) => id === attributeId);
    if (value === "" || (definition !== undefined && !isValueOf(definition, value))) return true;
    return values.length > 0 && !values.some((each) => each === value);
  });
  return missing?.attributeId ?? null;
}

/** The versions under which the annotation was kept when something was asked of it. */
export function settledBy(keeps: readonly number[], facts: AnnotationFacts, history: History): Settled {
  return keeps.reduce<Settled>((settled, version) => {
    const then = history.filter((each) => each.number <= version);
    const followed = followFacts(facts, settled, then);
    if (!isAsked(followed, then)) return settled;
    return { version, as: new Map([...settled.as, [followed.classId, version]]) };
  }, UNSETTLED);
}

/** Whether anything that a keep answers was asked then; what a rule measured at the time is not known any more. */
function isAsked({ archived, questions, rules }: Followed, then: History): boolean {
  if (archived || questions.length > 0) return questions.length > 0;
  return isNewcomer(rules) || pendingLimits(rules, then).length > 0;
}

/** Where a followed annotation stands, before anybody has said that they cannot tell. */
export function stateOf({ stored, classId, archived, questions }: Followed): Resolution["state"] {
  if (archived) return "archived";
  if (questions.length > 0) return "stale";
  return classId === stored ? "current" : "carried-over";
}

function resolutionOf(followed: Followed): Resolution {
  const { stored, classId, questions } = followed;
  return { state: stateOf(followed), classId, former: classId === stored ? null : stored, questions };
}

/** One effect of each change, the heaviest. */
function distinctEffects(effects: readonly Effect[]): Effect[] {
  const weight = (effect: Effect): number => HEAVIEST.indexOf(effect.outcome);
  const heaviestLast = effects.toSorted((left, right) => weight(right) - weight(left));
  return [...new Map(heaviestLast.map((each) => [`${each.version}.${each.index}`, each])).values()];
}

const HEAVIEST: readonly Effect["outcome"][] = ["choose", "review", "archive", "automatic"];
