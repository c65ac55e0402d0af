import { geometryOf, type Polygon, polygonsOf } from "#domain/annotation.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { difference, intersection, normalise, type Shape } from "#domain/overlay.ts";
import type { Outline, Read } from "./partition.ts";

/** What the ground truth says of a decided region, or in place of what the reads drew of one object. */
export type Decided = { readonly outlines: readonly Outline[] } & (
  | { readonly region: Shape }
  | { readonly members: ReadonlySet<AnnotationId> }
);

/**
 * The reads as if everybody had said in each decided region, and of each decided object, what was decided: for the numbers
 * after adjudication. Of regions that overlap the later one holds.
 * @param isObject classes that are matched object by object: a decided region does not cut them
 */
export function withDecisions(
  reads: readonly Read[],
  decided: readonly Decided[],
  isObject: (classId: ClassId) => boolean = () => false,
): Read[] {
  const counts = ({ classId, geometry }: Outline) => isObject(classId) || polygonsOf(geometry).length > 0;
  return reads.map((read) => ({
    readerKey: read.readerKey,
    outlines: decided.reduce<readonly Outline[]>(
      (outlines, each) => ("members" in each ? replaced(outlines, each) : cutOut(outlines, each, isObject)),
      read.outlines.filter(counts),
    ),
  }));
}

function replaced(outlines: readonly Outline[], decided: Extract<Decided, { members: unknown }>): readonly Outline[] {
  return [...outlines.filter(({ annotationId }) => !decided.members.has(annotationId)), ...decided.outlines];
}

function cutOut(
  outlines: readonly Outline[],
  { region, outlines: truth }: Extract<Decided, { region: unknown }>,
  isObject: (classId: ClassId) => boolean,
): readonly Outline[] {
  return [
    ...outlines.flatMap((outline) =>
      isObject(outline.classId) ? [outline] : cut(outline, difference(outline.geometry, region)),
    ),
    ...truth.flatMap((outline) => cut(outline, intersection(outline.geometry, region))),
  ];
}

function cut(outline: Outline, polygons: readonly Polygon[]): Outline[] {
  const geometry = polygons.length === 0 ? null : normalise(geometryOf(polygons));
  return geometry === null ? [] : [{ ...outline, geometry }];
}
