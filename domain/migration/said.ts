import type { Annotation } from "#domain/annotation.ts";
import { resolve } from "#domain/migration.ts";
import { type Attributes, effectiveAttributes, isOutgrown, restampedAttributes } from "./attributes.ts";
import type { History } from "./events.ts";

type Stamped = Pick<Annotation, "classId" | "under" | "attributes">;

/** What is said of an annotation as it counts now: successors of values that were merged, numbers in the present unit. */
export function saidNow({ classId, under: stamp, attributes }: Stamped, history: History): Attributes {
  if (Object.keys(attributes).length === 0) return attributes;
  return effectiveAttributes({ classId: resolve(classId, stamp, history).classId, stamp, attributes }, history);
}

/** What has to be stored with an annotation that is stamped with a later version, so that it goes on saying the same. */
export function restamped({ classId, under: stamp, attributes }: Stamped, under: number, history: History): Attributes {
  if (Object.keys(attributes).length === 0) return attributes;
  return restampedAttributes({ classId: resolve(classId, stamp, history).classId, stamp, attributes }, under, history);
}

/**
 * Stamp and attributes of an annotation whose shape alone was changed under a version. Where something is said that has to be
 * said again, the stamp stays, so that it goes on being asked.
 */
export function reshaped(
  annotation: Stamped,
  under: number,
  history: History,
): Pick<Annotation, "under" | "attributes"> {
  const { classId, under: stamp, attributes } = annotation;
  const followed = { classId: resolve(classId, stamp, history).classId, stamp, attributes };
  if (isOutgrown(followed, under, history)) return { under: stamp, attributes };
  return { under, attributes: restampedAttributes(followed, under, history) };
}
