import { type EffectiveRules, effectiveRules, mayShare } from "#domain/guideline/effective.ts";
import { OVERLAP_TOLERANCE } from "#domain/guideline/rules.ts";
import type { Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { followFacts, UNSETTLED } from "#domain/migration.ts";
import { isNewcomer, pendingLimits, type Raised, type Violation } from "./limits.ts";
import { asksAboutTwo, isAboutNesting, lostPermission, type Sharing, sharingOf, type Versions } from "./sharing.ts";

export type { Versions } from "./sharing.ts";

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

/** What rules about two say of outlines of a class and stamp. */
type Standing = Sharing & {
  /** True where it may be asked whether it lies inside another. */
  readonly asksNesting: boolean;
};

/**
 * Tells which outlines have to be measured against each other, and what measures say by the rules of the newest version.
 * Outlines whose class is open or gone take part in nothing: whoever chooses a class sees what it then overlaps.
 */
export class PairRules {
  /** False where nothing ever made a rule about two stricter for anybody: then nothing is measured. */
  readonly isAsking: boolean;
  readonly #history: Versions;
  readonly #standings = new Map<string, Standing | null>();
  readonly #rules = new Map<ClassId, EffectiveRules | null>();

  constructor(history: Versions) {
    this.#history = history;
    this.isAsking = asksAboutTwo(history);
  }

  /** A pair of which neither shares more than this decides nothing, 0 to 1. */
  get leastShare(): number {
    const classes = this.#history.at(-1)?.content.classes ?? [];
    const rules = classes.flatMap(({ id }) => this.#rulesOf(id) ?? []);
    if (rules.some(({ nestedIn }) => nestedIn.length > 0)) return 0;
    return Math.min(1, ...rules.map(({ maxSharedShare }) => maxSharedShare ?? 1));
  }

  /** The class and the rules that are certain for an outline; null where there are none. */
  standing(member: Omit<PairMember, "id">): Standing | null {
    const key = `${member.classId}/${member.under}/${member.shape}`;
    const known = this.#standings.get(key);
    if (known !== undefined) return known;
    const found = this.#standingOf(member);
    this.#standings.set(key, found);
    return found;
  }

  /** True where it may be asked whether an outline lies inside another. */
  asksNesting(member: Omit<PairMember, "id">): boolean {
    return this.standing(member)?.asksNesting ?? false;
  }

  /** True where what two outlines share can decide something. The same for both orders. */
  matters(a: Omit<PairMember, "id">, b: Omit<PairMember, "id">): boolean {
    const [ofA, ofB] = [this.standing(a), this.standing(b)];
    if (ofA === null || ofB === null || ofA.classId === ofB.classId) return false;
    if (ofA.asksNesting && ofA.rules.nestedIn.includes(ofB.classId)) return true;
    if (ofB.asksNesting && ofB.rules.nestedIn.includes(ofA.classId)) return true;
    if (share(ofA, ofB)) return false;
    const drawn = Math.max(a.under, b.under);
    const raised = [ofA.raised, ofB.raised, lostPermission(ofA, ofB), lostPermission(ofB, ofA)];
    return raised.flat().some(({ version }) => version > drawn);
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

  #standingOf({ classId: stored, under, shape }: Omit<PairMember, "id">): Standing | null {
    const facts = { classId: stored, under, shape, attributes: null, violations: [] };
    const followed = followFacts(facts, UNSETTLED, this.#history);
    const isCertain = !followed.archived && followed.questions.every(({ kind }) => kind !== "choose");
    const rules = isCertain ? this.#rulesOf(followed.classId) : null;
    if (rules === null) return null;
    const stricter = pendingLimits(followed.rules, this.#history).some(({ rule }) => isAboutNesting(rule));
    const asksNesting = rules.nestedIn.length > 0 && (stricter || isNewcomer(followed.rules));
    return { ...sharingOf(followed, rules, this.#history), asksNesting };
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

/** Null where the two go together, and where nothing became stricter since one of them was drawn: nobody is asked then. */
function pairViolation(holder: Side, other: Side): Violation | null {
  if (!exceeds(holder) && !exceeds(other)) return null;
  const drawn = Math.max(holder.member.under, other.member.under);
  const raised = [...violatedBy(holder, other), ...violatedBy(other, holder)].filter(({ version }) => version > drawn);
  return raised.length === 0 ? null : { rule: "overlaps", other: other.member.id, pair: { drawn, raised } };
}

/** What made stricter the rules of one side that a pair does not satisfy which shares too much for one of the two. */
function violatedBy(side: Side, other: Side): readonly Raised[] {
  const { raised, rules } = side;
  const own = rules.maxSharedShare === null ? [] : raised.filter(({ rule }) => rule === "overlaps" || exceeds(side));
  return [...own, ...lostPermission(side, other)];
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
