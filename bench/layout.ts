import { join } from "node:path";
import type { Figures } from "./layout/measure.ts";
import { mergings } from "./layout/merging.ts";
import { LAYOUTS } from "./layout/models.ts";
import { measuredIn } from "./support/heap-child.ts";
import type { Options, Size } from "./support/options.ts";
import { interleaved, median } from "./support/statistics.ts";
import { type Cell, table } from "./support/table.ts";

const SIZES: Readonly<
  Record<Size, { readonly annotations: number; readonly rounds: number; readonly repeats: number }>
> = {
  tiny: { annotations: 50, rounds: 2, repeats: 1 },
  quick: { annotations: 1_000, rounds: 10, repeats: 1 },
  medium: { annotations: 5_000, rounds: 10, repeats: 1 },
  full: { annotations: 10_000, rounds: 10, repeats: 3 },
};
const MEASURE = join(import.meta.dirname, "layout", "measure.ts");

const ROWS: readonly (readonly [string, keyof Figures])[] = [
  ["state, MB", "stateMB"],
  ["load, CPU ms", "loadMs"],
  ["heap, MB", "heapMB"],
  ["an edit of shape, bytes", "shapeBytes"],
  ["an edit of shape, µs", "shapeUs"],
  ["an edit of class, bytes", "classBytes"],
  ["an edit of class, µs", "classUs"],
  ["state after all edits, MB", "editedMB"],
  ["heap after all edits, MB", "editedHeapMB"],
  ["state after deleting half, MB", "halfMB"],
  ["heap after deleting half, MB", "halfHeapMB"],
];

/** How outlines lie in a document: ours beside the two that one would write first, on the same six measures. */
export async function benchLayout(options: Options, say: (line: string) => void): Promise<string> {
  const { annotations, rounds, repeats: usual } = SIZES[options.size];
  const repeats = options.repeats ?? usual;
  const found = new Map<string, Figures[]>(LAYOUTS.map((name) => [name, []]));
  for (const name of interleaved(LAYOUTS, repeats)) {
    say(`layout: ${name}`);
    const args = [name, annotations, rounds, options.seed].map(String);
    found.get(name)?.push(await measuredIn<Figures>(MEASURE, args));
  }
  const rows = ROWS.map(([label, key]): Cell[] => [
    label,
    ...LAYOUTS.map((name) => median((found.get(name) ?? []).map((each) => each[key]))),
  ]);
  return [
    `${annotations} outlines of about forty vertices by ten people; then ${rounds} edits of each by turns, half of them five vertices moved, half another class; medians of ${repeats}. Heap is that of a page which has loaded the state.`,
    table(["", ...LAYOUTS], rows),
    "Two people at once:",
    table(["", ...LAYOUTS], mergings()),
  ].join("\n\n");
}
