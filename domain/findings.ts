import type { Annotation, Bbox } from "./annotation.ts";
import { geometryBbox } from "./geometry.ts";
import { checkedClasses } from "./guideline/effective.ts";
import { allowsGeometry, exportedGeometry } from "./guideline/shapes.ts";
import type { ClassDefinition, GuidelineContent } from "./guideline.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import { checkOutline, type Extent, type Finding } from "./quality.ts";
import { type BoxIndex, buildIndex } from "./spatial-index.ts";
import type { MicronPerPx } from "./units.ts";

/** What is wrong with one of many outlines. */
export type FindingOf = { readonly annotationId: AnnotationId; readonly classId: ClassId; readonly finding: Finding };

type Ground = {
  readonly content: GuidelineContent;
  /** Null where the slide's scale is not known: rules in um2 are then not checked. */
  readonly mpp: MicronPerPx | null;
  readonly slide: Extent;
};

/**
 * Everything about the outlines of one slide that stops a submit or a release, by the rules that hold for their classes.
 * A polygon whose class is by now drawn as a box or a point is none: that follows from it by itself.
 * @param outlines with the classes that count for them; one whose class the guideline does not have is not looked at
 * @returns in the order of the outlines. Cost: that of `checkOutline`; neighbours only where sharing tissue can block
 */
export function blockingFindings(outlines: readonly Annotation[], ground: Ground): FindingOf[] {
  return [...blockingFindingsOfEach(outlines, ground)].flat();
}

/** The same outline by outline, for whoever lets others have their turn in between. */
export function* blockingFindingsOfEach(
  outlines: readonly Annotation[],
  { content, mpp, slide }: Ground,
): Generator<readonly FindingOf[]> {
  const classes = new Map([...checkedClasses(content)].map(([id, each]) => [id, withoutAdvice(each)]));
  const boxes = outlines.map(({ geometry }) => geometryBbox(geometry));
  let index: BoxIndex | null = null;
  const neighboursOf = ({ rules }: ClassDefinition, bbox: Bbox): Annotation[] => {
    if (rules.severity !== "block" || rules.maxSharedShare === null) return [];
    index ??= buildIndex(boxes);
    return index.search(bbox).flatMap((at) => outlines[at] ?? []);
  };
  for (const [at, annotation] of outlines.entries()) {
    const { id: annotationId, classId, geometry } = annotation;
    const classDefinition = classes.get(classId);
    const bbox = boxes[at];
    if (classDefinition === undefined || bbox === undefined) continue;
    const neighbours = neighboursOf(classDefinition, bbox);
    const follows = allowsGeometry(classDefinition.geometry, exportedGeometry(classDefinition.geometry, geometry));
    yield checkOutline(annotation, { classDefinition, mpp, slide, neighbours })
      .filter(({ severity, code }) => severity === "block" && !(follows && code === "geometry-not-allowed"))
      .map((finding) => ({ annotationId, classId, finding }));
  }
}

/** Without the one rule that takes long to check, where breaking it only warns. */
function withoutAdvice(definition: ClassDefinition): ClassDefinition {
  const { rules } = definition;
  return rules.severity === "block" ? definition : { ...definition, rules: { ...rules, fieldOfView: null } };
}
