import type { Annotation, Geometry, Ring } from "#domain/annotation.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import {
  blankClass,
  type ClassDefinition,
  type Declaration,
  type GuidelineContent,
  type StudyRules,
  studyRules as studyRulesOf,
} from "#domain/guideline.ts";
import {
  type AnnotationId,
  annotationId,
  attributeId,
  type ClassId,
  caseId,
  classId,
  type LayerId,
  layerId,
  type PersonId,
  personId,
  projectId,
  type SlideId,
  slideId,
} from "#domain/ids.ts";

/** Ids that say in a failed test what they are of: `aClassId("a")` is `aaaaaaaa`, longer names are padded. */
export const aClassId = (name: string): ClassId => classId.parse(idText(name));
export const aPersonId = (name: string): PersonId => personId.parse(idText(name));
export const aSlideId = (name: string): SlideId => slideId.parse(idText(name));
export const aLayerId = (name: string): LayerId => layerId.parse(idText(name));
export const anAnnotationId = (name: string): AnnotationId => annotationId.parse(idText(name));
export const aProjectId = (name: string) => projectId.parse(idText(name));
export const aCaseId = (name: string) => caseId.parse(idText(name));

function idText(name: string): string {
  return name.length === 1 ? name.repeat(8) : name.padEnd(8, "0");
}

const COLOURS = ["#c8102e", "#0072b2", "#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#d55e00", "#f0e442"];

/** A class that can be drawn and asks for nothing; its name is that of its id. */
export function aClass(name: string, change: Partial<ClassDefinition> = {}): ClassDefinition {
  const colour = COLOURS[name.charCodeAt(0) % COLOURS.length] ?? "#808080";
  return {
    ...blankClass({ id: aClassId(name), name: `class ${name}`, colour }),
    definition: `what ${name} is`,
    geometry: ["polygon", "point", "line"],
    ...change,
  };
}

export function studyRules(change: Partial<StudyRules> = {}): StudyRules {
  return { ...studyRulesOf({ exhaustive: true, readersPerCase: 3, quorum: 2, minDisputeUm2: 0 }), ...change };
}

/** A guideline of these classes, given whole or by name. */
export function aGuideline(
  classes: readonly (string | ClassDefinition)[],
  rules: Partial<StudyRules> = {},
): GuidelineContent {
  return {
    introduction: "",
    classes: classes.map((each) => (typeof each === "string" ? aClass(each) : each)),
    rules: studyRules(rules),
  };
}

/** The same guideline with some fields of one class changed. */
export function withClass(content: GuidelineContent, name: string, change: Partial<ClassDefinition>): GuidelineContent {
  const id = aClassId(name);
  return { ...content, classes: content.classes.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}

export function withClasses(content: GuidelineContent, ...added: readonly ClassDefinition[]): GuidelineContent {
  return { ...content, classes: [...content.classes, ...added] };
}

type Said<Kind extends Declaration["kind"]> = Extract<Declaration, { kind: Kind }>;

/** Declarations by class name. */
export const declare = {
  reword: (name: string): Said<"reword"> => ({ kind: "reword", classId: aClassId(name) }),
  narrow: (name: string): Said<"narrow"> => ({ kind: "narrow", classId: aClassId(name) }),
  redefine: (name: string): Said<"redefine"> => ({ kind: "redefine", classId: aClassId(name) }),
  boundary: (name: string): Said<"boundary"> => ({ kind: "boundary", classId: aClassId(name) }),
  broaden: (name: string, ...neighbours: string[]): Said<"broaden"> => ({
    kind: "broaden",
    classId: aClassId(name),
    neighbours: neighbours.map(aClassId),
  }),
  merge: (from: readonly string[], into: string): Said<"merge"> => ({
    kind: "merge",
    from: from.map(aClassId),
    into: aClassId(into),
  }),
  split: (name: string, into: readonly string[], fallback: string | null = null, guide = "look"): Said<"split"> => ({
    kind: "split",
    classId: aClassId(name),
    into: into.map(aClassId),
    fallback: fallback === null ? null : aClassId(fallback),
    guide,
  }),
  retire: (name: string, ...successors: string[]): Said<"retire"> => ({
    kind: "retire",
    classId: aClassId(name),
    successors: successors.map(aClassId),
  }),
};

/** A number that a class asks for, in a unit, and what is declared where it is in um instead of mm. */
export function aDepth(ofClass = "a") {
  const id = attributeId.parse("attrdepth");
  const about = { classId: aClassId(ofClass), attributeId: id };
  const retype: Said<"attribute-convert"> = { kind: "attribute-convert", ...about, factor: 1_000 };
  return { number: (unit: string) => attributeSchema.parse({ id, name: "Depth", kind: "number", unit }), retype };
}

/** A square ring with its corner at (x, y), clockwise on the screen, level-0 px. */
export function squareRing(x: number, y: number, side: number): Ring {
  return [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
  ];
}

export function square(x: number, y: number, side: number): Geometry {
  return { type: "polygon", rings: [squareRing(x, y, side)] };
}

/** A square of 100 px at the origin, of class "a" under version 1, unless told otherwise. */
export function anAnnotation(name: string, change: Partial<Annotation> = {}): Annotation {
  return {
    id: anAnnotationId(name),
    classId: aClassId("a"),
    geometry: square(0, 0, 100),
    under: 1,
    attributes: {},
    note: "",
    ...change,
  };
}
