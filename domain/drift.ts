import { cohenKappa, defined, type Measure, regionOverlap, undefinedBecause } from "./agreement.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate, type Sums } from "./bootstrap.ts";
import type { OutlineOffset } from "./boundary.ts";
import type { GuidelineChange } from "./guideline.ts";
import type { ClassId } from "./ids.ts";
import type { History } from "./migration.ts";
import { type ChangePoint, changePoints } from "./statistics.ts";

/**
 * Areas of one slide on which two reads say the row and the column, px2; 0 is "not marked", k the k-th class.
 * The cluster is what slides hang together by: the case.
 */
export type PairAreas = { readonly cluster: string; readonly areaPx: readonly (readonly number[])[] };

export type PairAgreement = {
  /** Cohen's kappa over all classes and "not marked". */
  readonly overall: Estimate;
  /** In the order of the classes: overlap of the two, and kappa of the class against all else. */
  readonly classes: readonly { readonly dice: Estimate; readonly kappa: Estimate }[];
};

/**
 * How well one person's reads of the same tissue agree with each other, each number with its interval over cases.
 * @param classes how many there are, without "not marked"
 */
export function pairAgreement(
  pairs: readonly PairAreas[],
  classes: number,
  settings: BootstrapSettings,
): PairAgreement {
  const size = classes + 1;
  const sums = pairs.map(({ cluster, areaPx }): Sums => ({ cluster, values: Float64Array.from(areaPx.flat()) }));
  const estimates = clusterBootstrap(sums, (values) => pairNumbers(values, size), settings);
  const [overall, ...rest] = estimates;
  if (overall === undefined) throw new Error("an estimate is missing");
  return {
    overall,
    classes: Array.from({ length: classes }, (_, index) => {
      const [dice, kappa] = rest.slice(2 * index, 2 * index + 2);
      if (dice === undefined || kappa === undefined) throw new Error("an estimate is missing");
      return { dice, kappa };
    }),
  };
}

function pairNumbers(values: Float64Array, size: number): Measure[] {
  const table = Array.from({ length: size }, (_, row) => [...values.subarray(row * size, (row + 1) * size)]);
  const numbers = [table.length > 0 ? cohenKappa(table).measure : undefinedBecause("no common items")];
  for (let label = 1; label < size; label++) {
    const both = table[label]?.[label] ?? 0;
    const first = total(table[label] ?? []);
    const again = total(table.map((row) => row[label] ?? 0));
    const rest = total(table.map(total)) - first - again + both;
    const { dice } = regionOverlap(first, again, both);
    numbers.push(
      dice,
      dice.defined
        ? cohenKappa([
            [rest, again - both],
            [first - both, both],
          ]).measure
        : dice,
    );
  }
  return numbers;
}

/** Offsets of one slide with its scale. */
export type SlideOffset = { readonly cluster: string; readonly mpp: number; readonly offset: OutlineOffset };

/** Mean signed offset of outlines, um, with its interval over cases; positive is loose. */
export function meanOffset(slides: readonly SlideOffset[], settings: BootstrapSettings): Estimate {
  const sums = slides.map(({ cluster, mpp, offset }): Sums => {
    return { cluster, values: Float64Array.of(offset.integralPx2 * mpp * mpp, offset.lengthPx * mpp) };
  });
  const number = ([integral = 0, length = 0]: Float64Array): Measure =>
    length > 0 ? defined(integral / length) : undefinedBecause("missing outline");
  const [estimate] = clusterBootstrap(sums, (values) => [number(values)], settings);
  if (estimate === undefined) throw new Error("an estimate is missing");
  return estimate;
}

/**
 * Classes whose meaning or borders changed after one version and up to another: what two reads say about them differs by
 * the guideline and not by the reader. A merge changes no meaning, since both reads are compared under the merged class.
 */
export function changedBetween(history: History, after: number, upTo: number): ReadonlySet<ClassId> {
  const changes = history
    .filter(({ number }) => number > after && number <= upTo)
    .flatMap((version) => version.changes);
  return new Set(changes.flatMap(changedBy));
}

function changedBy(change: GuidelineChange): readonly ClassId[] {
  switch (change.kind) {
    case "narrow":
    case "redefine":
    case "boundary":
    case "geometry":
    case "abstract":
    case "add":
    case "restore":
      return [change.classId];
    case "broaden":
      return [change.classId, ...change.neighbours];
    case "split":
      return [change.classId, ...change.into];
    case "retire":
      return [change.classId, ...change.successors];
    default:
      return [];
  }
}

/** A read as a point in somebody's history: how much of what they outlined is of one class. */
export type UsePoint = {
  readonly at: Date;
  readonly guidelineNumber: number;
  /** 0 to 1. */
  readonly share: number;
  /** Mean share of the other readers of the same slide; null where nobody else read it. */
  readonly others: number | null;
};

export type UseChange = ChangePoint & {
  /** The guideline version that came in with the change; null where none explains it. */
  readonly version: number | null;
};

/** Shares closer together than this are the same for every purpose. */
const LEAST_DEVIATION = 0.01;

/**
 * Where somebody begins to use a class more or less than before, slide by slide in the order of reading. What is followed
 * is the difference from the others on the same slide, so that a slide that is rich in the class is no change of the
 * reader; only where nobody else read the slides it is the share itself.
 */
export function usageChanges(points: readonly UsePoint[]): {
  readonly relative: boolean;
  readonly changes: UseChange[];
} {
  const shared = points.flatMap((point, place) =>
    point.others === null ? [] : [{ place, value: point.share - point.others }],
  );
  const relative = shared.length >= points.length / 2 && shared.length > 0;
  const followed = relative ? shared : points.map(({ share }, place) => ({ place, value: share }));
  const found = changePoints(
    followed.map(({ value }) => value),
    { leastDeviation: LEAST_DEVIATION },
  );
  const changes = found.map((change): UseChange => {
    const [at, seenAt] = [followed[change.at]?.place ?? 0, followed[change.seenAt]?.place ?? 0];
    return { ...change, at, seenAt, version: versionAt(points, at) };
  });
  return { relative, changes };
}

/** A version explains a change that begins with its first read, or with the one before or after. */
function versionAt(points: readonly UsePoint[], at: number): number | null {
  for (const place of [at, at - 1, at + 1]) {
    const [before, here] = [points[place - 1], points[place]];
    if (before !== undefined && here !== undefined && here.guidelineNumber !== before.guidelineNumber) {
      return here.guidelineNumber;
    }
  }
  return null;
}

/** The Monday of a day's week, UTC, as YYYY-MM-DD. Source: ISO 8601, weeks begin on Monday. */
export function weekOf(at: Date): string {
  const day = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
