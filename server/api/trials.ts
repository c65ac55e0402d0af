import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { annotationId, projectId, slideId, trialId } from "#domain/ids.ts";
import { trialOutlineSchema } from "#domain/trial.ts";
import { allow, requireRole } from "#server/access.ts";
import { drawInTrial, eraseInTrial, finishTrial, startTrial } from "#server/commands/run-trial.ts";
import { requireTrial, trialFor, trialSheetFor, trialsFor } from "#server/queries/trials.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { pageOf } from "./paging.ts";
import { doneSchema, page, pageQuery } from "./schemas/common.ts";
import { trialCreate, trialDetail, trialSchema, trialSheet } from "./schemas/trials.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Guideline trials";
const ofProject = z.object({ projectId });
const ofTrial = z.object({ trialId });
const ofSheet = z.object({ trialId, slideId });
const ofOutline = z.object({ trialId, slideId, annotationId });

/** A draft tried out on some slides, beside the data. */
export function trialRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  runRoutes(app, world);
  seeRoutes(app, world);
  drawRoutes(app, world);
  return app;
}

function runRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/guideline/trials",
      ...about(TAG, "guideline.edit", "Try out the draft, as it is now, on some slides"),
      request: { params: ofProject, ...takes(trialCreate) },
      responses: answers(trialDetail),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      const member = await requireRole(db, caller, project, "guideline.edit");
      const id = await startTrial(world, member, context.req.valid("json"));
      return context.json(await trialFor(db, await requireTrial(db, caller, id)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/trials/{trialId}/end",
      ...about(TAG, "guideline.edit", "End a trial: nothing is drawn in it any more"),
      request: { params: ofTrial },
      responses: answers(trialDetail),
    }),
    async (context) => {
      const caller = callerOf(context);
      const seen = await requireTrial(db, caller, context.req.valid("param").trialId);
      allow(seen.member, "guideline.edit");
      await finishTrial(world, seen);
      return context.json(await trialFor(db, await requireTrial(db, caller, seen.trial.id)), 200);
    },
  );
}

function seeRoutes(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/guideline/trials",
      ...about(TAG, "guideline.view", "Trials of guideline drafts, newest first"),
      request: { params: ofProject, query: pageQuery },
      responses: answers(page(trialSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.view");
      return context.json(
        pageOf(await trialsFor(db, member), ({ id }) => id, context.req.valid("query")),
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/trials/{trialId}",
      ...about(TAG, "guideline.view", "A trial with its draft; for leads how the classes were used"),
      request: { params: ofTrial },
      responses: answers(trialDetail),
    }),
    async (context) => {
      const seen = await requireTrial(db, callerOf(context), context.req.valid("param").trialId);
      return context.json(await trialFor(db, seen), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/trials/{trialId}/slides/{slideId}",
      ...about(TAG, "guideline.view", "What one has drawn oneself on a slide of a trial"),
      request: { params: ofSheet },
      responses: answers(trialSheet),
    }),
    async (context) => {
      const { trialId: id, slideId: slide } = context.req.valid("param");
      const seen = await requireTrial(db, callerOf(context), id);
      return context.json(await trialSheetFor(db, seen, slide), 200);
    },
  );
}

function drawRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  const path = "/trials/{trialId}/slides/{slideId}/outlines/{annotationId}";
  app.openapi(
    createRoute({
      method: "put",
      path,
      ...about(TAG, "trial.draw", "Draw in a trial, or change what one has drawn"),
      request: { params: ofOutline, ...takes(trialOutlineSchema) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { trialId: id, slideId: slide, annotationId: outline } = context.req.valid("param");
      const seen = await requireTrial(db, callerOf(context), id);
      await drawInTrial(world, seen, { id: outline, slideId: slide, ...context.req.valid("json") });
      return context.json({ done: true as const }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path,
      ...about(TAG, "trial.draw", "Take back what one has drawn in a trial"),
      request: { params: ofOutline },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { trialId: id, annotationId: outline } = context.req.valid("param");
      const seen = await requireTrial(db, callerOf(context), id);
      await eraseInTrial(world, seen, outline);
      return context.json({ done: true as const }, 200);
    },
  );
}
