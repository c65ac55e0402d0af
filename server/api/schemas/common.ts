import { z } from "@hono/zod-openapi";

/** Every list is paged: `items`, and a cursor for the next page or null at the end. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const pageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi("Problem");

export const roleSchema = z.enum(["lead", "adjudicator", "annotator", "engineer", "viewer"]);
export type Role = z.infer<typeof roleSchema>;

export const timeSchema = z.iso.datetime();
export const doneSchema = z.object({ done: z.literal(true) });

/** A person as others in the project see them. */
export const personRef = z.object({ id: z.string(), name: z.string(), colour: z.string() });
export type PersonRef = z.infer<typeof personRef>;

/** A slide as far as a picture of a part of it needs it. */
export const picturedSlide = z.object({
  id: z.string(),
  name: z.string(),
  /** First 16 of the file's SHA-256, as in the address of its tiles. */
  hash: z.string(),
  width: z.int(),
  height: z.int(),
});

/** A redefined class of which a reader has not shown that they can tell it, and the version that redefined it. */
export const untestedClass = z.object({ classId: z.string(), name: z.string(), version: z.int() });
export type UntestedClass = z.infer<typeof untestedClass>;
