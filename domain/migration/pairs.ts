import { type EffectiveRules, effectiveRules, mayShare } from "#domain/guideline/effective.ts";
import { asks } from "#domain/guideline/outcomes.ts";
import { OVERLAP_TOLERANCE } from "#domain/guideline/rules.ts";
import type { GuidelineChange, GuidelineContent, Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { followFacts, limitsSince, UNSETTLED } from "#domain/migration.ts";
import type { Violation } from "./limits.ts";

/** Versions with what they say: rules are those of the newest. */
export type Versions = readonly {
  readonly number: number;
  readonly content: GuidelineContent;
  readonly changes: readonly GuidelineChange[];
}[];

const SHARING_RULES: readonly string[] = ["maxSharedShare", "overlaps"];
const NESTING_RULES: readonly string[] = ["nestedIn"];

/** All that the class of an outline depends on. */
export type PairMember = {
  readonly id: AnnotationId;
  readonly classId: ClassId;
  readonly under: number;
  readonly shape: Shape;
};

/** How much of each of two outlines the other covers, 0 to 1; of a point or line, the share of its vertices. */
export type PairMeasure = {
  readonly a: AnnotationId;
  readonly b: AnnotationId;
  readonly aShare: number;
  readonly bShare: number;
};

/** Newest version in which rules of a class became stricter: about what it shares, and about what it lies in. */
type Stricter = { readonly sharing: number; readonly nesting: number };

function stricterSince(history: Versions): Map<ClassId, Stricter> {
  const byClass = new Map<ClassId, Stricter>();
  for (const { number, change } of limitChanges(history)) {
    const { sharing, nesting } = byClass.get(change.classId) ?? { sharing: 0, nesting: 0 };
    const became = (rules: readonly string[], before: number): number =>
      change.tightened.some((rule) => rules.includes(rule)) ? Math.max(before, number) : before;
    const stricter = { sharing: became(SHARING_RULES, sharing), nesting: became(NESTING_RULES, nesting) };
    if (stricter.sharing + stricter.nesting > 0) byClass.set(change.classId, stricter);
  }
  return byClass;
}

/** Changes of rules that ask for a re-check, with their versions. */
function limitChanges(history: Versions) {
  return history.flatMap(({ number, changes }) =>
    changes.flatMap((change) => (change.kind === "limits" && asks(change, "re-check") ? [{ number, change }] : [])),
  );
}

/** What a rule about two says of outlines of a class and stamp. */
type Standing = {
  readonly classId: ClassId;
  readonly rules: EffectiveRules;
  /** Newest version under which it was drawn as this class; 0 where it was another. */
  readonly since: number;
};

/**
 * Tells which outlines have to be measured against each other, and what measures say by the rules of the newest version.
 * Outlines whose class is open or gone take part in nothing: whoever chooses a class sees what it then overlaps.
 */
export class PairRules {
  readonly #history: Versions;
  readonly #stricter: ReadonlyMap<ClassId, Stricter>;
  readonly #standings = new Map<string, Standing | null>();
  readonly #rules = new Map<ClassId, EffectiveRules | null>();

  constructor(history: Versions) {
    this.#history = history;
    this.#stricter = stricterSince(history);
  }

  /** False where no rule about two ever became stricter: then nothing is measured. */
  get isAsking(): boolean {
    return this.#stricter.size > 0;
  }

  /** A pair of which neither shares more than this decides nothing, 0 to 1. */
  get leastShare(): number {
    if ([...this.#stricter.values()].some(({ nesting }) => nesting > 0)) return 0;
    const classes = this.#history.at(-1)?.content.classes ?? [];
    return Math.min(1, ...classes.map(({ id }) => this.#rulesOf(id)?.maxSharedShare ?? 1));
  }

  /** The class and the rules that are certain for an outline; null where there are none. */
  standing({ classId, under, shape }: Omit<PairMember, "id">): Standing | null {
    const key = `${classId}/${under}/${shape}`;
    const known = this.#standings.get(key);
    if (known !== undefined) return known;
    const facts = { classId, under, shape, attributes: null, violations: [] };
    const followed = followFacts(facts, UNSETTLED, this.#history);
    const isCertain = !followed.archived && followed.questions.every(({ kind }) => kind !== "choose");
    const rules = isCertain ? this.#rulesOf(followed.classId) : null;
    const found = rules === null ? null : { classId: followed.classId, rules, since: limitsSince(under, followed) };
    this.#standings.set(key, found);
    return found;
  }

  /** True where it may be asked whether an outline lies inside another. */
  asksNesting(member: Omit<PairMember, "id">): boolean {
    const found = this.standing(member);
    if (found === null || found.rules.nestedIn.length === 0) return false;
    return found.since < (this.#stricter.get(found.classId)?.nesting ?? 0);
  }

  /** True where what two outlines share can decide something. The same for both orders. */
  matters(a: Omit<PairMember, "id">, b: Omit<PairMember, "id">): boolean {
    const [ofA, ofB] = [this.standing(a), this.standing(b)];
    if (ofA === null || ofB === null || ofA.classId === ofB.classId) return false;
    if (this.asksNesting(a) && ofA.rules.nestedIn.includes(ofB.classId)) return true;
    if (this.asksNesting(b) && ofB.rules.nestedIn.includes(ofA.classId)) return true;
    const since = Math.max(...[ofA, ofB].map(({ classId }) => this.#stricter.get(classId)?.sharing ?? 0));
    return Math.max(a.under, b.under) < since && !share(ofA, ofB);
  }

  /**
   * What measures of outlines of one layer say: a pair that does not go together is a violation of the one of which more is
   * shared (of equals, the smaller id), and of the other none: it is asked once.
   * @param measured outlines that were measured against everything around them
   */
  violations(
    members: ReadonlyMap<AnnotationId, PairMember>,
    measures: readonly PairMeasure[],
    measured: Iterable<AnnotationId>,
  ): Map<AnnotationId, Violation[]> {
    const found = new Map<AnnotationId, Violation[]>();
    const add = (id: AnnotationId, violation: Violation) => found.set(id, [...(found.get(id) ?? []), violation]);
    const covered = new Map<AnnotationId, Map<ClassId, number>>();
    for (const { a, b, aShare, bShare } of measures) {
      const [first, second] = [this.#sideOf(members.get(a), aShare), this.#sideOf(members.get(b), bShare)];
      if (first === null || second === null) continue;
      addShare(covered, a, second.classId, aShare);
      addShare(covered, b, first.classId, bShare);
      if (share(first, second)) continue;
      const [holder, other] = inOrder(first, second);
      const violation = pairViolation(holder, other);
      if (violation !== null) add(holder.member.id, violation);
    }
    for (const id of measured) {
      const member = members.get(id);
      if (member === undefined || !this.asksNesting(member)) continue;
      const { nestedIn } = this.standing(member)?.rules ?? { nestedIn: [] };
      const inside = Math.max(0, ...nestedIn.map((classId) => covered.get(id)?.get(classId) ?? 0));
      if (inside < 1 - OVERLAP_TOLERANCE) add(id, { rule: "nestedIn", other: null });
    }
    return found;
  }

  #sideOf(member: PairMember | undefined, covers: number): Side | null {
    const standing = member === undefined ? null : this.standing(member);
    return member === undefined || standing === null ? null : { member, share: covers, ...standing };
  }

  #rulesOf(classId: ClassId): EffectiveRules | null {
    const known = this.#rules.get(classId);
    if (known !== undefined) return known;
    const content = this.#history.at(-1)?.content;
    const rules = content === undefined ? null : effectiveRules(content, classId);
    this.#rules.set(classId, rules);
    return rules;
  }
}

/** One outline of a pair, with the share of it that the other covers. */
type Side = Standing & { readonly member: PairMember; readonly share: number };

function share(a: Standing, b: Standing): boolean {
  return mayShare([a.classId, a.rules], [b.classId, b.rules]);
}

function inOrder(a: Side, b: Side): readonly [holder: Side, other: Side] {
  const isFirst = a.share === b.share ? a.member.id < b.member.id : a.share > b.share;
  return isFirst ? [a, b] : [b, a];
}

function pairViolation(holder: Side, other: Side): Violation | null {
  const exceeded = [holder, other].some(exceeds);
  if (!exceeded) return null;
  const { classId, member } = other;
  const pair = { classId, under: member.under, own: violatedBy(holder), others: violatedBy(other) };
  return { rule: "overlaps", other: member.id, pair };
}

/** Rules of a class that a pair does not satisfy which shares too much for one of the two. */
function violatedBy(side: Side): string[] {
  if (side.rules.maxSharedShare === null) return [];
  return exceeds(side) ? ["maxSharedShare", "overlaps"] : ["overlaps"];
}

function exceeds({ share: covers, rules }: Side): boolean {
  return rules.maxSharedShare !== null && covers > rules.maxSharedShare;
}

function addShare(
  covered: Map<AnnotationId, Map<ClassId, number>>,
  id: AnnotationId,
  classId: ClassId,
  covers: number,
): void {
  const byClass = covered.get(id) ?? new Map<ClassId, number>();
  byClass.set(classId, (byClass.get(classId) ?? 0) + covers);
  covered.set(id, byClass);
}
