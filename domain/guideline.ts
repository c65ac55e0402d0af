import { z } from "zod";
import { classId } from "./ids.ts";

/** A named kind of tissue as one guideline version defines it. Ids are stable and never reused; a new meaning is a new class. */
export const classDefinitionSchema = z.object({
  id: classId,
  parentId: classId.nullable(),
  name: z.string().trim().min(1).max(80),
  colour: z.string().regex(/^#[0-9a-f]{6}$/, "a colour is # and six hexadecimal digits in lower case"),
  hotkey: z.int().min(1).max(9).nullable(),
  definition: z.string().max(4_000),
  include: z.string().max(4_000),
  exclude: z.string().max(4_000),
  boundary: z.string().max(4_000),
  whenUnsure: z.string().max(4_000),
  lookAlikes: z.array(classId).max(50),
  geometry: z.array(z.enum(["polygon", "point", "line"])).min(1),
  /** Smallest area worth keeping, in um2; null asks for nothing. */
  minAreaUm2: z.number().positive().nullable(),
  /** Rare classes are to be over-annotated: share of the annotated area aimed at, 0 to 1; null sets no aim. */
  targetShare: z.number().min(0).max(1).nullable(),
  /** Glass belongs to this class by nature (fat, lumen), so a background share is no finding. */
  backgroundAllowed: z.boolean(),
  /** A retired class stays in every later version and can no longer be drawn. */
  retired: z.boolean(),
});

export const studyRulesSchema = z.object({
  /** Every region of a read belongs to some class, so a new class makes finished slides incomplete. */
  exhaustive: z.boolean(),
  readersPerCase: z.int().min(1).max(20),
  /** Votes for a class that make it the consensus of the readers of a region. */
  quorum: z.int().min(1).max(20),
  /** Disputed regions below this area are not put before an adjudicator, um2. */
  minDisputeUm2: z.number().min(0),
});

export const guidelineContentSchema = z.object({
  introduction: z.string().max(20_000),
  classes: z.array(classDefinitionSchema).max(200),
  rules: studyRulesSchema,
});

const classRef = { classId };
const text = z.string().max(4_000);

/** What happened to a guideline between a version and its parent. */
export const guidelineChangeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rename"), ...classRef, from: text, to: text }),
  z.object({ kind: z.literal("recolour"), ...classRef, from: text, to: text }),
  z.object({ kind: z.literal("rehotkey"), ...classRef, from: z.int().nullable(), to: z.int().nullable() }),
  z.object({ kind: z.literal("move"), ...classRef, from: classId.nullable(), to: classId.nullable() }),
  z.object({ kind: z.literal("reword"), ...classRef }),
  z.object({ kind: z.literal("narrow"), ...classRef }),
  z.object({ kind: z.literal("broaden"), ...classRef, neighbours: z.array(classId) }),
  z.object({ kind: z.literal("add"), ...classRef }),
  z.object({ kind: z.literal("merge"), from: z.array(classId).min(1), into: classId }),
  z.object({
    kind: z.literal("split"),
    ...classRef,
    into: z.array(classId).min(2),
    /** Where "cannot tell" goes; null leaves the item in the lead's tray. */
    fallback: classId.nullable(),
    /** How to choose, shown beside the choices. */
    guide: text,
  }),
  z.object({ kind: z.literal("retire"), ...classRef, successors: z.array(classId) }),
  z.object({ kind: z.literal("restore"), ...classRef }),
  z.object({ kind: z.literal("rules"), what: z.array(z.string()) }),
]);

/** An immutable numbered state of the class definitions, with the typed changes from its parent. Numbers are 1..n without gaps. */
export const guidelineVersionSchema = z.object({
  number: z.int().min(1),
  content: guidelineContentSchema,
  changes: z.array(guidelineChangeSchema),
  note: z.string().max(4_000),
});

export type ClassDefinition = z.infer<typeof classDefinitionSchema>;
export type StudyRules = z.infer<typeof studyRulesSchema>;
export type GuidelineContent = z.infer<typeof guidelineContentSchema>;
export type GuidelineChange = z.infer<typeof guidelineChangeSchema>;
export type GuidelineVersion = z.infer<typeof guidelineVersionSchema>;

/** What a lead says about an edit whose meaning cannot be read off the two texts. */
export const declarationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("reword"), ...classRef }),
  z.object({ kind: z.literal("narrow"), ...classRef }),
  z.object({ kind: z.literal("broaden"), ...classRef, neighbours: z.array(classId) }),
  z.object({ kind: z.literal("merge"), from: z.array(classId).min(1), into: classId }),
  z.object({
    kind: z.literal("split"),
    ...classRef,
    into: z.array(classId).min(2),
    fallback: classId.nullable(),
    guide: text,
  }),
  z.object({ kind: z.literal("retire"), ...classRef, successors: z.array(classId) }),
]);
export type Declaration = z.infer<typeof declarationSchema>;
