import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { markRead } from "#db/notifications.ts";
import { layerId, taskId } from "#domain/ids.ts";
import { commentOnLayer, commentOnTask, resolveThread } from "#server/commands/add-comment.ts";
import { layerThreads, taskThreads, threadFor } from "#server/queries/comments.ts";
import { notificationsFor, unreadFor } from "#server/queries/notifications.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema, page, pageQuery } from "./schemas/common.ts";
import {
  layerCommentCreate,
  notificationQuery,
  notificationSchema,
  notificationsRead,
  taskCommentCreate,
  threadSchema,
  threadUpdate,
  unreadCount,
} from "./schemas/talk.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Comments";
const ofLayer = z.object({ layerId });
const ofTask = z.object({ taskId });
const ofThread = z.object({ threadId: z.string().max(64) });
const listQuery = pageQuery.extend({ ...notificationQuery.shape, cursor: z.string().max(64).optional() });

/** What people say to each other, and what each of them should know. */
export function talkRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  layerThreadRoutes(app, world);
  taskThreadRoutes(app, world);
  notificationRoutes(app, world);
  return app;
}

function layerThreadRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/layers/{layerId}/comments",
      ...about(TAG, "comment.see", "What was said about annotations and places of a layer"),
      request: { params: ofLayer },
      responses: answers(page(threadSchema)),
    }),
    async (context) => {
      const items = await layerThreads(db, callerOf(context), context.req.valid("param").layerId);
      return context.json({ items, nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/comments",
      ...about(TAG, "comment.write", "Say something about an annotation or a place, or answer in a thread"),
      request: { params: ofLayer, ...takes(layerCommentCreate) },
      responses: answers(threadSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const id = await commentOnLayer(world, caller, context.req.valid("param").layerId, context.req.valid("json"));
      return context.json(await threadFor(db, caller, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "patch",
      path: "/threads/{threadId}",
      ...about(TAG, "comment.write", "Say that a thread is dealt with, or open it again"),
      request: { params: ofThread, ...takes(threadUpdate) },
      responses: answers(threadSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { threadId } = context.req.valid("param");
      await resolveThread(world, caller, threadId, context.req.valid("json").resolved);
      return context.json(await threadFor(db, caller, threadId), 200);
    },
  );
}

function taskThreadRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{taskId}/comments",
      ...about(TAG, "comment.see", "What was said about a task"),
      request: { params: ofTask },
      responses: answers(page(threadSchema)),
    }),
    async (context) => {
      const items = await taskThreads(db, callerOf(context), context.req.valid("param").taskId);
      return context.json({ items, nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/comments",
      ...about(TAG, "comment.write", "Say something about a task"),
      request: { params: ofTask, ...takes(taskCommentCreate) },
      responses: answers(threadSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const id = await commentOnTask(world, caller, context.req.valid("param").taskId, context.req.valid("json"));
      return context.json(await threadFor(db, caller, id), 200);
    },
  );
}

function notificationRoutes(app: OpenAPIHono<ApiEnv>, { db, now, events }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/me/notifications",
      ...about(TAG, "signed-in", "What one should know, of all one's projects, newest first"),
      request: { query: listQuery },
      responses: answers(page(notificationSchema)),
    }),
    async (context) => {
      const { cursor, limit, unread } = context.req.valid("query");
      const asked = { cursor, limit, unread: unread === "true" };
      return context.json(await notificationsFor(db, callerOf(context), asked), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/me/notifications/unread",
      ...about(TAG, "signed-in", "How many of them are not read, counted up to a hundred"),
      responses: answers(unreadCount),
    }),
    async (context) => context.json({ unread: await unreadFor(db, callerOf(context)) }, 200),
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/me/notifications/read",
      ...about(TAG, "signed-in", "Mark some of one's own notifications as read, or all"),
      request: takes(notificationsRead),
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { personId } = callerOf(context);
      await markRead(db, personId, context.req.valid("json").ids ?? null, now());
      events.tellPerson(personId, { kind: "notifications", toast: null });
      return context.json({ done: true as const }, 200);
    },
  );
}
