import { z } from "zod";
import { attributeId, classId, valueId } from "#domain/ids.ts";
import { consensusMethodSchema } from "./rules.ts";

const text = z.string().max(4_000);

/**
 * What a change asks for. Automatic: nobody does anything. Acknowledge: readers read and confirm before they draw on.
 * Re-check: rules are checked, only violators are reviewed. Review: people look at members. Re-screen: finished slides
 * are looked through again. Recompute: consensus is computed again, decisions that would flip are reopened. Requalify:
 * readers show that they can tell the class.
 */
export const changeOutcomeSchema = z.enum([
  "automatic",
  "acknowledge",
  "re-check",
  "review",
  "re-screen",
  "recompute",
  "requalify",
]);
export type ChangeOutcome = z.infer<typeof changeOutcomeSchema>;

/** Shapes that a class may be drawn as. A box is a polygon that fills its own bounding box. */
export const shapeSchema = z.enum(["polygon", "box", "point", "line"]);
export type Shape = z.infer<typeof shapeSchema>;

/** Outcomes that a lead has left out, with the reason that is audited and printed in a release. */
export const weakenedSchema = z.object({
  drop: z.array(changeOutcomeSchema).min(1),
  reason: z.string().trim().min(1).max(4_000),
});
export type Weakened = z.infer<typeof weakenedSchema>;

const ofAny = { weakened: weakenedSchema.optional() };
const ofClass = { classId, ...ofAny };
const ofAttribute = { classId, attributeId, ...ofAny };
const fields = z.array(z.string()).min(1);
/** Which part of a split something most likely is: by what it holds, or by what it was before a merge. A person decides. */
const splitHintSchema = z.discriminatedUnion("from", [
  /** `value` is the id of a value, the digits of a number, or words, as annotations hold it. */
  z.object({ from: z.literal("attribute"), attributeId, value: z.string().trim().min(1).max(256), classId }),
  z.object({ from: z.literal("former"), formerId: classId, classId }),
]);
export type SplitHint = z.infer<typeof splitHintSchema>;

const split = {
  /** Where "cannot tell" goes; null leaves the item in the lead's tray. */
  fallback: classId.nullable(),
  /** How to choose, shown beside the choices. */
  guide: text,
  /** What the choice is filled in with. */
  hints: z.array(splitHintSchema).max(500).optional(),
};

const valueSplit = { value: valueId, into: z.array(valueId).min(2), fallback: valueId.nullable(), guide: text };
const valueMerge = { from: z.array(valueId).min(1), into: valueId };
const valueRetire = { value: valueId, successors: z.array(valueId) };
const valueAdd = { value: valueId, neighbours: z.array(valueId) };

/** What happened to a guideline between a version and its parent. */
export const guidelineChangeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rename"), ...ofClass, from: text, to: text }),
  z.object({ kind: z.literal("recolour"), ...ofClass, from: text, to: text }),
  z.object({ kind: z.literal("rehotkey"), ...ofClass, from: z.int().nullable(), to: z.int().nullable() }),
  z.object({ kind: z.literal("icon"), ...ofClass, from: text.nullable(), to: text.nullable() }),
  z.object({ kind: z.literal("ontology"), ...ofClass }),
  /** The classes that both versions have stand in another order. */
  z.object({ kind: z.literal("reorder"), ...ofAny }),
  z.object({ kind: z.literal("move"), ...ofClass, from: classId.nullable(), to: classId.nullable() }),
  /** Can no longer be drawn itself, only its children. */
  z.object({ kind: z.literal("abstract"), ...ofClass, children: z.array(classId).min(1) }),
  /** Can be drawn itself again. */
  z.object({ kind: z.literal("concrete"), ...ofClass }),
  z.object({ kind: z.literal("reword"), ...ofClass }),
  /** An example or counter-example was added, replaced or taken away. */
  z.object({ kind: z.literal("example"), ...ofClass }),
  z.object({ kind: z.literal("narrow"), ...ofClass }),
  z.object({ kind: z.literal("broaden"), ...ofClass, neighbours: z.array(classId) }),
  /** Neither narrower nor broader: "retire and add" says the same more safely. */
  z.object({ kind: z.literal("redefine"), ...ofClass }),
  /** The outline runs elsewhere: lumen in or out, a margin. */
  z.object({ kind: z.literal("boundary"), ...ofClass }),
  z.object({ kind: z.literal("geometry"), ...ofClass, from: z.array(shapeSchema), to: z.array(shapeSchema) }),
  z.object({ kind: z.literal("add"), ...ofClass }),
  z.object({ kind: z.literal("merge"), ...ofAny, from: z.array(classId).min(1), into: classId }),
  z.object({ kind: z.literal("split"), ...ofClass, into: z.array(classId).min(2), ...split }),
  z.object({
    kind: z.literal("retire"),
    ...ofClass,
    successors: z.array(classId),
    /** Classes to look for where its tissue is left without a class; only where there is no successor. */
    lookFor: z.array(classId).optional(),
    /** True where its archived outlines are regions to ignore instead. */
    ignore: z.boolean().optional(),
  }),
  z.object({ kind: z.literal("restore"), ...ofClass }),
  /** Rules for outlines of the class, its own or inherited. `tightened` are those that an outline may now violate. */
  z.object({ kind: z.literal("limits"), ...ofClass, what: fields, tightened: z.array(z.string()) }),
  z.object({ kind: z.literal("balance"), ...ofClass, from: z.number().nullable(), to: z.number().nullable() }),
  z.object({ kind: z.literal("matching"), ...ofClass }),
  /** Its record is made of the reads in another way; null where that is as the study has it. */
  z.object({
    kind: z.literal("method"),
    ...ofClass,
    from: consensusMethodSchema.nullable(),
    to: consensusMethodSchema.nullable(),
  }),
  z.object({ kind: z.literal("screening"), ...ofAny, what: fields, tightened: z.array(z.string()) }),
  z.object({ kind: z.literal("consensus"), ...ofAny, what: fields }),
  /** What nobody has to do anything about, the introduction for one. */
  z.object({ kind: z.literal("rules"), ...ofAny, what: z.array(z.string()) }),
  z.object({ kind: z.literal("attribute-add"), ...ofAttribute, required: z.boolean(), assumed: text.nullable() }),
  z.object({ kind: z.literal("attribute-rename"), ...ofAttribute, from: text, to: text }),
  z.object({ kind: z.literal("attribute-reword"), ...ofAttribute }),
  z.object({ kind: z.literal("attribute-require"), ...ofAttribute, assumed: text.nullable() }),
  z.object({ kind: z.literal("attribute-relax"), ...ofAttribute }),
  /** Another kind or unit. `factor` turns old numbers into new ones; null asks for each again. */
  z.object({ kind: z.literal("attribute-retype"), ...ofAttribute, factor: z.number().positive().nullable() }),
  z.object({ kind: z.literal("attribute-retire"), ...ofAttribute }),
  z.object({ kind: z.literal("attribute-restore"), ...ofAttribute, required: z.boolean(), assumed: text.nullable() }),
  z.object({ kind: z.literal("value-add"), ...ofAttribute, ...valueAdd }),
  z.object({ kind: z.literal("value-rename"), ...ofAttribute, value: valueId, from: text, to: text }),
  z.object({ kind: z.literal("value-merge"), ...ofAttribute, ...valueMerge }),
  z.object({ kind: z.literal("value-split"), ...ofAttribute, ...valueSplit }),
  z.object({ kind: z.literal("value-retire"), ...ofAttribute, ...valueRetire }),
  z.object({ kind: z.literal("value-restore"), ...ofAttribute, value: valueId }),
]);
export const guidelineChangesSchema = z.array(guidelineChangeSchema);
export type GuidelineChange = z.infer<typeof guidelineChangeSchema>;

const declaredAttribute = { classId, attributeId };

/** What a lead says about an edit whose meaning cannot be read off the two texts. */
export const declarationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("reword"), classId }),
  z.object({ kind: z.literal("narrow"), classId }),
  z.object({ kind: z.literal("broaden"), classId, neighbours: z.array(classId) }),
  z.object({ kind: z.literal("redefine"), classId }),
  z.object({ kind: z.literal("boundary"), classId }),
  z.object({ kind: z.literal("merge"), from: z.array(classId).min(1), into: classId }),
  z.object({ kind: z.literal("split"), classId, into: z.array(classId).min(2), ...split }),
  z.object({
    kind: z.literal("retire"),
    classId,
    successors: z.array(classId),
    /** Where reading is exhaustive and there is no successor: archived outlines are ignored instead of looked at again. */
    ignore: z.boolean().optional(),
  }),
  z.object({ kind: z.literal("attribute-convert"), ...declaredAttribute, factor: z.number().positive() }),
  z.object({ kind: z.literal("value-add"), ...declaredAttribute, ...valueAdd }),
  z.object({ kind: z.literal("value-merge"), ...declaredAttribute, ...valueMerge }),
  z.object({ kind: z.literal("value-split"), ...declaredAttribute, ...valueSplit }),
  z.object({ kind: z.literal("value-retire"), ...declaredAttribute, ...valueRetire }),
  /** Leaves outcomes of a change out. `change` is its key (`changeKey`). */
  z.object({ kind: z.literal("weaken"), change: z.string().max(200), ...weakenedSchema.shape }),
]);
export type Declaration = z.infer<typeof declarationSchema>;
