import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { projectId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { discardGuidelineDraft, saveGuidelineDraft } from "#server/commands/save-draft.ts";
import { guidelineFor } from "#server/queries/guideline.ts";
import { previewFor, previewProgress } from "#server/queries/preview.ts";
import { reconsideredBy } from "#server/queries/reconsidered.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema } from "./schemas/common.ts";
import {
  draftSave,
  draftSchema,
  guidelineSchema,
  previewProgressSchema,
  previewSchema,
  publishAnswer,
  publishRequest,
  reconsideredSchema,
} from "./schemas/guideline.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Guideline";
const params = z.object({ projectId });

export function guidelineRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  readRoutes(app, world);
  draftRoutes(app, world);
  publishRoute(app, world);
  return app;
}

function readRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/guideline",
      ...about(TAG, "guideline.view", "All versions of the guideline; the draft for leads"),
      request: { params },
      responses: answers(guidelineSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.view");
      return context.json(await guidelineFor(db, member), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/guideline/preview",
      ...about(TAG, "guideline.publish", "What publishing the draft would cause, by change, class, person and slide"),
      request: { params },
      responses: answers(previewSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.publish");
      return context.json(await previewFor(world, member, world.now()), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/guideline/preview/progress",
      ...about(
        TAG,
        "guideline.publish",
        "How far the preview that is being counted is with measuring pairs of outlines",
      ),
      request: { params },
      responses: answers(previewProgressSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.publish");
      return context.json(await previewProgress(world, member), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/guideline/preview/decisions",
      ...about(TAG, "guideline.publish", "Which decisions about disputes publishing the draft would reopen"),
      request: { params },
      responses: answers(reconsideredSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.publish");
      return context.json(await reconsideredBy(world, member), 200);
    },
  );
}

function draftRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "put",
      path: "/projects/{projectId}/guideline/draft",
      ...about(TAG, "guideline.edit", "Save the draft, or start it on the newest version"),
      request: { params, ...takes(draftSave) },
      responses: answers(draftSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.edit");
      return context.json(await saveGuidelineDraft(world, caller, project, context.req.valid("json")), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/projects/{projectId}/guideline/draft",
      ...about(TAG, "guideline.edit", "Throw the draft away"),
      request: { params },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.edit");
      await discardGuidelineDraft(world, caller, project);
      return context.json({ done: true as const }, 200);
    },
  );
}

function publishRoute(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/guideline/publish",
      ...about(TAG, "guideline.publish", "Freeze the draft as the next version; its tasks are made at once"),
      request: { params, ...takes(publishRequest) },
      responses: answers(publishAnswer),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.publish");
      return context.json(await publishGuideline(world, caller, project, context.req.valid("json")), 200);
    },
  );
}
