import { z } from "@hono/zod-openapi";
import { annotationId, personId } from "#domain/ids.ts";
import { notificationKindSchema } from "#domain/notification.ts";
import { personRef, timeSchema } from "./common.ts";

export const commentSchema = z.object({
  id: z.string(),
  person: personRef,
  mine: z.boolean(),
  text: z.string(),
  /** People of the project whom the text names. */
  mentions: z.array(personRef),
  at: timeSchema,
});

/** What was said about one annotation, one place or one task. */
export const threadSchema = z.object({
  id: z.string(),
  layerId: z.string().nullable(),
  annotationId: z.string().nullable(),
  taskId: z.string().nullable(),
  /** Level-0 px; null for a task. */
  place: z.object({ x: z.number(), y: z.number() }).nullable(),
  resolvedAt: timeSchema.nullable(),
  comments: z.array(commentSchema),
});

const text = z.string().trim().min(1).max(4_000);
const mentions = z.array(personId).max(50).default([]);
/** A word about an annotation or a place of a layer; with `threadId` an answer to what was said there. */
export const layerCommentCreate = z.object({
  text,
  mentions,
  threadId: z.string().max(64).optional(),
  annotationId: annotationId.optional(),
  place: z.object({ x: z.number(), y: z.number() }).optional(),
});
export const taskCommentCreate = z.object({ text, mentions });
export const threadUpdate = z.object({ resolved: z.boolean() });

export const notificationSchema = z.object({
  id: z.string(),
  kind: notificationKindSchema,
  text: z.string(),
  note: z.string(),
  project: z.object({ id: z.string(), name: z.string() }),
  slide: z.object({ id: z.string(), name: z.string() }).nullable(),
  taskId: z.string().nullable(),
  layerId: z.string().nullable(),
  annotationId: z.string().nullable(),
  roundId: z.string().nullable(),
  at: timeSchema,
  read: z.boolean(),
});
export const notificationQuery = z.object({ unread: z.enum(["true", "false"]).default("false") });
/** Without `ids`: all. */
export const notificationsRead = z.object({ ids: z.array(z.string().max(64)).max(500).optional() });
export const unreadCount = z.object({ unread: z.int() });

export type Comment = z.infer<typeof commentSchema>;
export type Thread = z.infer<typeof threadSchema>;
export type Notification = z.infer<typeof notificationSchema>;
