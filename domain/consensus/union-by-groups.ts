import type { Bbox, Polygon } from "#domain/annotation.ts";
import { coveredBy, union } from "#domain/overlay.ts";
import { inOrder } from "#domain/rings.ts";
import { boxGroups } from "#domain/spatial-index.ts";
import { BoundAll, Kept, type Memory } from "./memory.ts";

/** A shape, with the box around it, that is the same thing as long as it has not changed. */
export type Covered = { readonly polygons: readonly Polygon[]; readonly bbox: Bbox };

const UNIONS = new BoundAll<Covered, readonly Polygon[]>();
const COVERED = new Kept<readonly Polygon[]>();

/** Everything that any of the shapes covers; each group of shapes whose boxes touch is joined for itself. */
export function unionByGroups(shapes: readonly Covered[], memory: Memory): readonly Polygon[] {
  const drawn = shapes.filter(({ polygons }) => polygons.length > 0);
  const groups = boxGroups(drawn.map(({ bbox }) => bbox)).map((places) =>
    places.flatMap((place) => drawn[place] ?? []),
  );
  return inOrder(
    groups.flatMap(([first, ...others]) => {
      if (first === undefined || (others.length === 0 && isPlain(first))) return first?.polygons ?? [];
      const all = [first, ...others] as const;
      return UNIONS.of(memory, [...all], "", () => union(all.map(({ polygons }) => polygons)));
    }),
  );
}

/** What at least so many of the readers cover, each with shapes that do not overlap; group by group as above. */
export function coveredByGroups(
  readers: readonly (readonly Covered[])[],
  votes: number,
  memory: Memory,
): readonly Polygon[] {
  const shapes = readers.flatMap((own, reader) => own.map((shape) => ({ reader, shape })));
  const groups = boxGroups(shapes.map(({ shape }) => shape.bbox));
  return inOrder(
    groups.flatMap((places) => {
      const group = places.flatMap((place) => shapes[place] ?? []);
      const perReader = readers.map((_, reader) => group.filter((each) => each.reader === reader));
      if (perReader.filter((own) => own.length > 0).length < votes) return [];
      const key = perReader.map((own) => memory.names(own.map(({ shape }) => shape))).join("|");
      return COVERED.of(memory, `${votes}:${key}`, () =>
        coveredBy(
          perReader.map((own) => own.flatMap(({ shape }) => shape.polygons)),
          votes,
        ),
      );
    }),
  );
}

function isPlain({ polygons }: Covered): boolean {
  return polygons.length === 1 && polygons[0]?.length === 1;
}
