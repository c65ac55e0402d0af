import { z } from "zod";
import { attributeSchema } from "./guideline/attribute.ts";
import { guidelineChangeSchema, shapeSchema } from "./guideline/change.ts";
import { classConsensusSchema, classRulesSchema, matchingSchema, studyRulesSchema } from "./guideline/rules.ts";
import { classId, slideId } from "./ids.ts";

export type { AttributeDefinition, AttributeValue } from "./guideline/attribute.ts";
export type { ChangeOutcome, Declaration, GuidelineChange, Shape } from "./guideline/change.ts";
export type { ClassRules, StudyRules } from "./guideline/rules.ts";

const coordinate = z.number().min(-10_000_000).max(10_000_000);

/** A place on a slide that shows what belongs to a class, or what does not. */
export const exampleSchema = z.object({
  slideId,
  /** Corners in level-0 px: minX, minY, maxX, maxY. */
  box: z.tuple([coordinate, coordinate, coordinate, coordinate]),
  good: z.boolean(),
  caption: z.string().max(500).default(""),
  /** Guideline version under which it was chosen; 0 before the first. */
  version: z.int().min(0),
});

/** What a class is called in a terminology, for exports. */
export const ontologyCodeSchema = z.object({
  system: z.string().trim().min(1).max(80),
  code: z.string().trim().min(1).max(80),
  label: z.string().trim().max(200).default(""),
});

/**
 * A named kind of tissue as one guideline version defines it. Ids are stable and never reused; a new meaning is a new class.
 * Fields with defaults are those that older versions do not have: a version is never rewritten, it is read with them.
 */
export const classDefinitionSchema = z.object({
  id: classId,
  parentId: classId.nullable(),
  name: z.string().trim().min(1).max(80),
  colour: z.string().regex(/^#[0-9a-f]{6}$/, "a colour is # and six hexadecimal digits in lower case"),
  hotkey: z.int().min(1).max(9).nullable(),
  /** Name of a sign that stands for the class beside its colour; null for none. */
  icon: z.string().trim().min(1).max(40).nullable().default(null),
  definition: z.string().max(4_000),
  include: z.string().max(4_000),
  exclude: z.string().max(4_000),
  boundary: z.string().max(4_000),
  whenUnsure: z.string().max(4_000),
  lookAlikes: z.array(classId).max(50),
  examples: z.array(exampleSchema).max(50).default([]),
  ontology: z.array(ontologyCodeSchema).max(10).default([]),
  attributes: z.array(attributeSchema).max(30).default([]),
  /** Holds other classes together and is not drawn itself. */
  abstract: z.boolean().default(false),
  geometry: z.array(shapeSchema).min(1),
  /** Smallest area worth keeping, in um2; null asks for nothing. */
  minAreaUm2: z.number().positive().nullable(),
  rules: classRulesSchema.prefault({}),
  matching: matchingSchema.default({ by: "region" }),
  /** Null: as the study has it. */
  consensus: classConsensusSchema.nullable().default(null),
  /** Rare classes are to be over-annotated: share of the annotated area aimed at, 0 to 1; null sets no aim. */
  targetShare: z.number().min(0).max(1).nullable(),
  /** Glass belongs to this class by nature (fat, lumen), so a background share is no finding. */
  backgroundAllowed: z.boolean(),
  /** A retired class stays in every later version and can no longer be drawn. */
  retired: z.boolean(),
});

export const guidelineContentSchema = z.object({
  introduction: z.string().max(20_000),
  /** In the order in which they are shown. */
  classes: z.array(classDefinitionSchema).max(200),
  rules: studyRulesSchema,
});

/** An immutable numbered state of the class definitions, with the typed changes from its parent. Numbers are 1..n without gaps. */
export const guidelineVersionSchema = z.object({
  number: z.int().min(1),
  content: guidelineContentSchema,
  changes: z.array(guidelineChangeSchema),
  note: z.string().max(4_000),
});

export type ClassDefinition = z.infer<typeof classDefinitionSchema>;
export type ClassExample = z.infer<typeof exampleSchema>;
export type OntologyCode = z.infer<typeof ontologyCodeSchema>;
export type GuidelineContent = z.infer<typeof guidelineContentSchema>;
export type GuidelineVersion = z.infer<typeof guidelineVersionSchema>;

/** A class that can be drawn: neither retired nor only there to hold others together. */
export function isDrawable(definition: Pick<ClassDefinition, "retired" | "abstract"> | undefined): boolean {
  return definition !== undefined && !definition.retired && !definition.abstract;
}

/** A class with nothing said about it, for a draft to begin with. */
export function blankClass(part: Pick<ClassDefinition, "id" | "name" | "colour">): ClassDefinition {
  return classDefinitionSchema.parse({
    parentId: null,
    hotkey: null,
    definition: "",
    include: "",
    exclude: "",
    boundary: "",
    whenUnsure: "",
    lookAlikes: [],
    geometry: ["polygon"],
    minAreaUm2: null,
    targetShare: null,
    backgroundAllowed: false,
    retired: false,
    ...part,
  });
}

/** Study rules with what older guidelines do not have. */
export function studyRules(
  part: Pick<z.infer<typeof studyRulesSchema>, "exhaustive" | "readersPerCase" | "quorum" | "minDisputeUm2">,
): z.infer<typeof studyRulesSchema> {
  return studyRulesSchema.parse(part);
}
