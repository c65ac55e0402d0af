import type { Annotation } from "#domain/annotation.ts";
import { checkedClasses } from "#domain/guideline/effective.ts";
import type { ClassDefinition, GuidelineVersion } from "#domain/guideline.ts";
import type { AttributeId, ClassId } from "#domain/ids.ts";
import { effectiveAttributes, restampedAttributes, storedAttribute } from "#domain/migration/attributes.ts";
import { type Resolution, resolve } from "#domain/migration.ts";

/** What an outline counts as today: the class in force, its name and colour, and whether somebody has to look at it again. */
export type Standing = {
  readonly classId: ClassId;
  readonly name: string;
  readonly colour: string;
  readonly state: Resolution["state"];
};

/** The classes in force and what has become of former ones. */
export type Guideline = {
  /** Number of the version in force; 0 before the first. */
  readonly number: number;
  /** Classes that may be drawn, in the guideline's order. */
  readonly palette: readonly ClassDefinition[];
  readonly byId: ReadonlyMap<string, ClassDefinition>;
  /** Classes of the version in force with every rule that holds for them, as findings are judged by. */
  readonly checked: ReadonlyMap<ClassId, ClassDefinition>;
  readonly standingOf: (annotation: Pick<Annotation, "classId" | "under">) => Standing;
  /** What is said about an outline as it counts today: values that were merged as their successor, numbers in today's unit. */
  readonly saidOf: (annotation: Stamped) => Annotation["attributes"];
  /** What to store with an outline so that `saidOf` gives a value back. */
  readonly storedFor: (annotation: Omit<Stamped, "attributes">, attributeId: AttributeId, value: string) => string;
  /** What to store with an outline that is stamped anew, so that the same is said of it; itself where that is no other. */
  readonly restamped: (annotation: Stamped) => Annotation["attributes"];
};

type Stamped = Pick<Annotation, "classId" | "under" | "attributes">;

const UNKNOWN_COLOUR = "#8b93a1";

/** @param versions oldest first; the answer for each class and stamp is worked out once */
export function guidelineOf(versions: readonly GuidelineVersion[]): Guideline {
  const newest = versions.at(-1);
  const byId = new Map<string, ClassDefinition>();
  for (const { content } of versions) for (const each of content.classes) byId.set(each.id, each);
  const known = new Map<string, Standing>();
  const standingOf = ({ classId, under }: Omit<Stamped, "attributes">): Standing => {
    const key = `${classId} ${under}`;
    const standing = known.get(key) ?? standingIn(versions, byId, classId, under);
    known.set(key, standing);
    return standing;
  };
  return {
    number: newest?.number ?? 0,
    palette: (newest?.content.classes ?? []).filter((each) => !each.retired),
    byId,
    checked: newest === undefined ? new Map() : checkedClasses(newest.content),
    standingOf,
    saidOf: (annotation) => {
      const { attributes, under: stamp } = annotation;
      if (Object.keys(attributes).length === 0) return attributes;
      return effectiveAttributes({ classId: standingOf(annotation).classId, stamp, attributes }, versions);
    },
    restamped: (annotation) => {
      const { attributes, under: stamp } = annotation;
      if (Object.keys(attributes).length === 0) return attributes;
      return restampedAttributes({ classId: standingOf(annotation).classId, stamp, attributes }, versions);
    },
    storedFor: (annotation, attributeId, value) => {
      const followed = { classId: standingOf(annotation).classId, stamp: annotation.under };
      return storedAttribute({ attributeId, value }, followed, versions);
    },
  };
}

function standingIn(
  versions: readonly GuidelineVersion[],
  byId: ReadonlyMap<string, ClassDefinition>,
  classId: ClassId,
  under: number,
): Standing {
  const resolution = resolve(classId, under, versions);
  const found = byId.get(resolution.classId);
  return {
    classId: resolution.classId,
    name: found?.name ?? "Unknown class",
    colour: found?.colour ?? UNKNOWN_COLOUR,
    state: resolution.state,
  };
}
