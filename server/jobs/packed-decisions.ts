import type { Decided } from "#domain/consensus.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { polygonsIn } from "#domain/overlay.ts";
import { writeLines } from "#server/slices.ts";

/** What was decided, a line of JSON each: it names a result, and moves to the worker instead of being copied. */
export type PackedDecisions = Uint8Array<ArrayBuffer>;

type Line = Pick<Decided, "outlines"> &
  ({ readonly members: readonly AnnotationId[] } | { readonly region: ReturnType<typeof polygonsIn> });

/** The same decisions in the same order give the same bytes. */
export async function packDecisions(decided: readonly Decided[]): Promise<PackedDecisions> {
  return writeLines(
    decided.map(
      (each): Line =>
        "members" in each
          ? { members: [...each.members].sort(), outlines: each.outlines }
          : { region: polygonsIn(each.region), outlines: each.outlines },
    ),
  );
}

export function unpackDecisions(packed: PackedDecisions): Decided[] {
  if (packed.length === 0) return [];
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
    .toString()
    .split("\n")
    .map((line): Decided => {
      // Only ever written by `packDecisions`.
      const each: Line = JSON.parse(line);
      return "members" in each ? { ...each, members: new Set(each.members) } : each;
    });
}
