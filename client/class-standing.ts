import type { Annotation } from "#domain/annotation.ts";
import { checkedClasses } from "#domain/guideline/effective.ts";
import type { ClassDefinition, GuidelineVersion } from "#domain/guideline.ts";
import type { AttributeId, ClassId } from "#domain/ids.ts";
import { effectiveAttributes, storedAttribute } from "#domain/migration/attributes.ts";
import { reshaped, restamped } from "#domain/migration/said.ts";
import { type Resolution, resolve } from "#domain/migration.ts";
import type { Layer } from "./answers.ts";

/** What an outline counts as today: the class in force, its name and colour, and whether somebody has to look at it again. */
export type Standing = {
  readonly classId: ClassId;
  readonly name: string;
  readonly colour: string;
  readonly state: Resolution["state"];
  /** The newest version that asks about it; 0 where none does. */
  readonly askedBy: number;
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
  /** What to store with an outline that is stamped with this version, so that it goes on saying what it says. */
  readonly restamped: (annotation: Stamped) => Annotation["attributes"];
  /** The same of an outline whose shape is changed, with its stamp: that of before where something has to be said again. */
  readonly reshaped: (annotation: Stamped) => Pick<Annotation, "under" | "attributes">;
};

type Stamped = Pick<Annotation, "classId" | "under" | "attributes">;

const UNKNOWN_COLOUR = "#8b93a1";

/** The versions that count in a layer: in a blind round not those that take effect when it is unblinded. */
export function inForce(
  published: readonly GuidelineVersion[],
  layer: Pick<Layer, "guidelineNumber"> | null,
): readonly GuidelineVersion[] {
  const limit = layer?.guidelineNumber ?? Number.POSITIVE_INFINITY;
  return published.filter(({ number }) => number <= limit);
}

/**
 * The answer for each class and stamp is worked out once.
 * @param versions that count, oldest first
 * @param published all of them, for names of classes that do not count yet
 */
export function guidelineOf(versions: readonly GuidelineVersion[], published = versions): Guideline {
  const newest = versions.at(-1);
  const byId = new Map<string, ClassDefinition>();
  for (const { content } of [...published, ...versions]) for (const each of content.classes) byId.set(each.id, each);
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
    storedFor: (annotation, attributeId, value) => {
      const followed = { classId: standingOf(annotation).classId, stamp: annotation.under };
      return storedAttribute({ attributeId, value }, followed, versions);
    },
    restamped: (annotation) => restamped(annotation, newest?.number ?? 0, versions),
    reshaped: (annotation) => reshaped(annotation, newest?.number ?? 0, versions),
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
    askedBy: Math.max(0, ...resolution.questions.map(({ version }) => version)),
  };
}
