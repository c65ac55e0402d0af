import type { Preview } from "#client/answers.ts";

type PreviewRow = Preview["rows"][number];
export type CrossBy = "personId" | "slideId" | "classId";

export type CrossLine = {
  readonly change: number;
  readonly outcome: PreviewRow["outcome"];
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
};

/** Sums the preview's rows into one line for each change and outcome, with a column for each person, slide or class. */
export function crossCounts(
  rows: readonly PreviewRow[],
  by: CrossBy,
): { readonly columns: readonly string[]; readonly lines: readonly CrossLine[] } {
  const columns = [...new Set(rows.map((row) => row[by]))];
  const lines = new Map<
    string,
    { change: number; outcome: PreviewRow["outcome"]; counts: Map<string, number>; total: number }
  >();
  for (const row of rows) {
    const key = `${row.change}-${row.outcome}`;
    const line = lines.get(key) ?? {
      change: row.change,
      outcome: row.outcome,
      counts: new Map<string, number>(),
      total: 0,
    };
    line.counts.set(row[by], (line.counts.get(row[by]) ?? 0) + row.count);
    line.total += row.count;
    lines.set(key, line);
  }
  return { columns, lines: [...lines.values()].sort((a, b) => a.change - b.change) };
}
