import type { ClassDefinition } from "./guideline.ts";
import type { CaseId, ClassId, SlideId } from "./ids.ts";

/** One annotation as the tally sees it, or several that are alike in all of this. */
export type Tallied = {
  /** How many; 1 where absent. `areaUm2` is that of all of them. */
  readonly count?: number;
  /** The class that counts now, not the stored one. */
  readonly classId: ClassId;
  /** In um2; 0 for points and lines, null where the slide's scale is not known. */
  readonly areaUm2: number | null;
  readonly slideId: SlideId;
  readonly caseId: CaseId;
};

export type ClassTally = {
  readonly classId: ClassId;
  readonly count: number;
  readonly areaUm2: number;
  readonly slides: number;
  readonly cases: number;
  /** Of the annotated area of all classes, 0 to 1; null before there is any. */
  readonly share: number | null;
  /** Of all annotations, 0 to 1; null before there are any. */
  readonly countShare: number | null;
  /** Share of the area aimed at; null where the guideline sets none. */
  readonly target: number | null;
  /** Target less share: positive where more of the class is wanted, negative where there is enough. */
  readonly gap: number | null;
};

export type Evenness = {
  /**
   * Effective number of classes, exp of the Shannon entropy of the shares: as many equally common classes would be as
   * varied. Null where there is nothing. Source: Jost 2006, Oikos 113(2).
   */
  readonly effectiveClasses: number | null;
  /** The commonest class over the rarest that there is; null where there is none. Missing classes are told apart. */
  readonly imbalance: number | null;
};

export type Balance = {
  /** In the order of the guideline. */
  readonly classes: readonly ClassTally[];
  readonly byArea: Evenness;
  readonly byCount: Evenness;
  /** Classes that can be drawn and have no annotation. */
  readonly missing: readonly ClassId[];
  /** Annotations whose area is not in the sums, since their slide has no scale. */
  readonly unscaled: number;
};

/**
 * Rule 3: what there is of each class against what is wanted.
 * @param classes those that are to be balanced; annotations of other classes are left out
 */
export function tallyBalance(annotations: Iterable<Tallied>, classes: readonly ClassDefinition[]): Balance {
  const sums = new Map<ClassId, Sum>(classes.map((each) => [each.id, newSum()]));
  let unscaled = 0;
  for (const { classId, areaUm2, slideId, caseId, count = 1 } of annotations) {
    const sum = sums.get(classId);
    if (sum === undefined) continue;
    sum.count += count;
    sum.areaUm2 += areaUm2 ?? 0;
    if (areaUm2 === null) unscaled += count;
    sum.slides.add(slideId);
    sum.cases.add(caseId);
  }
  const all = [...sums.values()];
  const totalArea = all.reduce((total, sum) => total + sum.areaUm2, 0);
  const totalCount = all.reduce((total, sum) => total + sum.count, 0);
  return {
    classes: classes.map((each) => tallyOf(each, sums.get(each.id) ?? newSum(), totalArea, totalCount)),
    byArea: evenness(all.map((sum) => sum.areaUm2)),
    byCount: evenness(all.map((sum) => sum.count)),
    missing: classes.filter((each) => sums.get(each.id)?.count === 0).map((each) => each.id),
    unscaled,
  };
}

/** Evenness of amounts, zero ones left out. */
export function evenness(amounts: readonly number[]): Evenness {
  const present = amounts.filter((amount) => amount > 0);
  const total = present.reduce((sum, amount) => sum + amount, 0);
  if (total === 0) return { effectiveClasses: null, imbalance: null };
  const entropy = present.reduce((sum, amount) => sum - (amount / total) * Math.log(amount / total), 0);
  return { effectiveClasses: Math.exp(entropy), imbalance: Math.max(...present) / Math.min(...present) };
}

type Sum = { count: number; areaUm2: number; readonly slides: Set<SlideId>; readonly cases: Set<CaseId> };

function newSum(): Sum {
  return { count: 0, areaUm2: 0, slides: new Set(), cases: new Set() };
}

function tallyOf({ id, targetShare }: ClassDefinition, sum: Sum, totalArea: number, totalCount: number): ClassTally {
  const share = totalArea === 0 ? null : sum.areaUm2 / totalArea;
  return {
    classId: id,
    count: sum.count,
    areaUm2: sum.areaUm2,
    slides: sum.slides.size,
    cases: sum.cases.size,
    share,
    countShare: totalCount === 0 ? null : sum.count / totalCount,
    target: targetShare,
    gap: targetShare === null ? null : targetShare - (share ?? 0),
  };
}
