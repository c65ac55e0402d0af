import type { Drift, ReadPoint, UseSeries } from "#client/answers.ts";

/** A point of a class-use chart: one read, or the reads of one week. */
export type ChartPoint = {
  readonly label: string;
  readonly share: number;
  /** Null where nobody else read the slides. */
  readonly others: number | null;
  readonly guidelineNumber: number;
  /** The change that begins here, if one does. */
  readonly change: UseSeries["changes"][number] | null;
  readonly link: ReadPoint | null;
};

export type ChartMode = "slide" | "week";

/** Points in the order of reading; of a week the plain mean of its reads. */
export function chartPoints(reads: readonly ReadPoint[], series: UseSeries, mode: ChartMode): ChartPoint[] {
  const single = reads.map((read, place): ChartPoint => {
    return {
      label: read.slideName,
      share: series.shares[place] ?? 0,
      others: series.others[place] ?? null,
      guidelineNumber: read.guidelineNumber,
      change: series.changes.find(({ at }) => at === place) ?? null,
      link: read,
    };
  });
  return mode === "slide" ? single : weeks(reads, single);
}

function weeks(reads: readonly ReadPoint[], single: readonly ChartPoint[]): ChartPoint[] {
  const byWeek = new Map<string, ChartPoint[]>();
  for (const [place, point] of single.entries()) {
    const week = reads[place]?.week ?? "";
    byWeek.set(week, [...(byWeek.get(week) ?? []), point]);
  }
  return [...byWeek]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([week, points]): ChartPoint => {
      const known = points.flatMap(({ others }) => (others === null ? [] : [others]));
      return {
        label: `week of ${week}`,
        share: mean(points.map(({ share }) => share)),
        others: known.length === 0 ? null : mean(known),
        guidelineNumber: points.at(-1)?.guidelineNumber ?? 0,
        change: points.find(({ change }) => change !== null)?.change ?? null,
        link: null,
      };
    });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Places at which another guideline version begins. */
export function versionMarks(points: readonly ChartPoint[]): { readonly place: number; readonly number: number }[] {
  return points.flatMap(({ guidelineNumber }, place) => {
    const before = points[place - 1]?.guidelineNumber;
    return before === undefined || before === guidelineNumber ? [] : [{ place, number: guidelineNumber }];
  });
}

/** What changes were found, in a sentence for each. */
export function changeSentences(points: readonly ChartPoint[], name: string): string[] {
  return points.flatMap(({ change, label }) => {
    if (change === null) return [];
    const way = change.direction === "up" ? "more" : "less";
    const why = change.version === null ? "no guideline version explains it" : `with guideline v${change.version}`;
    return [`Uses ${name} ${way} from ${label} on, ${why}.`];
  });
}

export type LastingChange = {
  readonly readerId: string;
  /** Classes that the reader uses more or less than before, by name. */
  readonly classes: readonly { readonly name: string; readonly version: number | null }[];
};

/** Who uses what differently than before, those with most of it first. */
export function lastingChanges({ use, classes }: Drift, quantity: "area" | "count"): LastingChange[] {
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  const found = use.map(({ readerId, classes: own }): LastingChange => {
    const changed = own.flatMap((each) => {
      const last = each[quantity].changes.at(-1);
      return last === undefined ? [] : [{ name: names.get(each.classId) ?? each.classId, version: last.version }];
    });
    return { readerId, classes: changed };
  });
  return found.filter((each) => each.classes.length > 0).sort((a, b) => b.classes.length - a.classes.length);
}
