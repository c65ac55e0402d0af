export type Cell = string | number | null;

/** A markdown table; numbers with three significant digits, null as a dash. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(row.map(show)))].join("\n");
}

/** Three significant digits, without an exponent; whole numbers from 100 on. */
export function show(value: Cell): string {
  if (value === null) return "-";
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** How many times the second is in the first, as `3.4x`; a dash where one of them is missing. */
export function times(value: number | null, reference: number | null): string {
  if (value === null || reference === null || !(reference > 0)) return "-";
  return `${show(value / reference)}x`;
}
