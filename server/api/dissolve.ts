import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { layerId, projectId } from "#domain/ids.ts";
import { requireMember } from "#server/access.ts";
import { dissolve, undoDissolve } from "#server/commands/dissolve.ts";
import { groupsToDissolve, layersToDissolve } from "#server/queries/dissolve.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema, page } from "./schemas/common.ts";
import { dissolveGroup, dissolveLayer, dissolveRequest, dissolveUndo } from "./schemas/dissolve.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Merges";
const ofProject = z.object({ projectId });
const ofLayer = z.object({ layerId });

/** Outlines that a merge made alike, offered for being made one. */
export function dissolveRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/dissolves",
      ...about(TAG, "project.view", "Layers with outlines that a merge made alike, and that one may join"),
      request: { params: ofProject },
      responses: answers(page(dissolveLayer)),
    }),
    async (context) => {
      const { projectId: id } = context.req.valid("param");
      const member = await requireMember(db, callerOf(context), id, { projectId: id });
      return context.json({ items: await layersToDissolve(db, member), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/layers/{layerId}/dissolves",
      ...about(TAG, "layer.see", "Groups of outlines that a merge made alike, that touch, and that one may join"),
      request: { params: ofLayer },
      responses: answers(page(dissolveGroup)),
    }),
    async (context) => {
      const items = await groupsToDissolve(world, callerOf(context), context.req.valid("param").layerId);
      return context.json({ items, nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/dissolves",
      ...about(TAG, "layer.dissolve", "Make one outline of such a group, or leave it as it is"),
      request: { params: ofLayer, ...takes(dissolveRequest) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      await dissolve(world, callerOf(context), context.req.valid("param").layerId, context.req.valid("json"));
      return context.json({ done: true as const }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/dissolves/undo",
      ...about(TAG, "layer.dissolve", "Take back one's own decision about such a group"),
      request: { params: ofLayer, ...takes(dissolveUndo) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      await undoDissolve(world, callerOf(context), context.req.valid("param").layerId, context.req.valid("json").id);
      return context.json({ done: true as const }, 200);
    },
  );
  return app;
}
