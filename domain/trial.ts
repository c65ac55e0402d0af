import { z } from "zod";
import { type Geometry, geometrySchema } from "./annotation.ts";
import { geometryArea, geometryBbox } from "./geometry.ts";
import { type ClassDefinition, isDrawable } from "./guideline.ts";
import { type ClassId, classId, type PersonId, type SlideId } from "./ids.ts";
import { ok, type Result, refuse } from "./result.ts";

/** What somebody draws in a trial of a draft. It is no annotation: it is in no layer, and counts for nothing else. */
export const trialOutlineSchema = z.object({
  classId,
  geometry: geometrySchema,
  note: z.string().max(2_000).default(""),
});

export type TrialOutline = {
  readonly classId: ClassId;
  readonly geometry: Geometry;
  readonly personId: PersonId;
  readonly slideId: SlideId;
};

/** Whether an outline may be in a trial: of a class that its draft lets draw, in a shape of that class, on the slide. */
export function checkTrialOutline(
  outline: { readonly classId: ClassId; readonly geometry: Geometry },
  classes: readonly ClassDefinition[],
  slide: { readonly width: number; readonly height: number },
): Result<undefined, "unknown-class" | "class-retired" | "outline-off-slide"> {
  const definition = classes.find(({ id }) => id === outline.classId);
  if (definition === undefined) return refuse("unknown-class", { classId: outline.classId });
  if (!isDrawable(definition)) return refuse("class-retired", { classId: outline.classId });
  const { minX, minY, maxX, maxY } = geometryBbox(outline.geometry);
  const isOn = minX >= 0 && minY >= 0 && maxX <= slide.width && maxY <= slide.height;
  return isOn ? ok() : refuse("outline-off-slide", { box: [minX, minY, maxX, maxY], ...slide });
}

export type ClassUse = {
  readonly classId: ClassId;
  readonly outlines: number;
  /** Level-0 px squared. */
  readonly areaPx: number;
  readonly people: number;
  readonly slides: number;
};

/** How the classes of a draft were used, in the order of the draft; classes that nobody drew are there with zero. */
export function classUses(classes: readonly ClassDefinition[], outlines: readonly TrialOutline[]): ClassUse[] {
  return classes.filter(isDrawable).map(({ id }) => {
    const own = outlines.filter((each) => each.classId === id);
    return {
      classId: id,
      outlines: own.length,
      areaPx: own.reduce((sum, { geometry }) => sum + geometryArea(geometry), 0),
      people: new Set(own.map(({ personId }) => personId)).size,
      slides: new Set(own.map(({ slideId }) => slideId)).size,
    };
  });
}
