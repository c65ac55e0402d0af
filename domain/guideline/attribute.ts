import { z } from "zod";
import { attributeId, valueId } from "#domain/ids.ts";

/** One answer of a choice. Ids are stable and never reused; a used value is retired, never removed. */
export const attributeValueSchema = z.object({
  id: valueId,
  name: z.string().trim().min(1).max(80),
  retired: z.boolean().default(false),
});

/**
 * What is asked about an outline of a class besides its shape. An annotation holds it under the attribute's id: the id of
 * a value for a choice, decimal digits for a number, the words for a text.
 */
export const attributeSchema = z.object({
  id: attributeId,
  name: z.string().trim().min(1).max(80),
  kind: z.enum(["text", "number", "choice"]),
  required: z.boolean().default(false),
  /** Of a number; null for one without. */
  unit: z.string().trim().max(20).nullable().default(null),
  help: z.string().max(2_000).default(""),
  /** Of a choice; in the order in which they are offered. */
  values: z.array(attributeValueSchema).max(50).default([]),
  /** What holds for every outline that says nothing: a required attribute is then asked of nobody. */
  assumed: z.string().max(256).nullable().default(null),
  /** A retired attribute stays in every later version, is kept with the outlines and is no longer asked. */
  retired: z.boolean().default(false),
});

export type AttributeDefinition = z.infer<typeof attributeSchema>;
export type AttributeValue = z.infer<typeof attributeValueSchema>;
