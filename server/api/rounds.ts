import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { layerId, projectId, roundId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { openRound } from "#server/commands/open-round.ts";
import { reopenRead, submitRead } from "#server/commands/submit-read.ts";
import { unblindRound } from "#server/commands/unblind-round.ts";
import { repeatableReads } from "#server/queries/repeats.ts";
import { requireRound, roundFor, roundsFor, worklistFor } from "#server/queries/rounds.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { pageOf } from "./paging.ts";
import { page, pageQuery } from "./schemas/common.ts";
import { repeatableAnswer, repeatableQuery, roundCreate, roundSchema, worklistItem } from "./schemas/rounds.ts";
import { layerSchema } from "./schemas/slides.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Rounds";
const ofProject = z.object({ projectId });

export function roundRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  listRoutes(app, world);
  repeatRoutes(app, world);
  decisionRoutes(app, world);
  readRoutes(app, world);
  return app;
}

function listRoutes(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/rounds",
      ...about(TAG, "round.view", "Rounds, newest first; of a blind one a reader sees only their own part"),
      request: { params: ofProject, query: pageQuery },
      responses: answers(page(roundSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "round.view");
      const rounds = await roundsFor(db, member);
      return context.json(
        pageOf(rounds, ({ id }) => id, context.req.valid("query")),
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/worklist",
      ...about(TAG, "round.view", "What the caller is asked to read, in their own order"),
      request: { params: ofProject, query: pageQuery },
      responses: answers(page(worklistItem)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "round.view");
      const items = await worklistFor(db, member);
      return context.json(
        pageOf(items, (item) => item.layerId, context.req.valid("query")),
        200,
      );
    },
  );
}

function repeatRoutes(app: OpenAPIHono<ApiEnv>, { db, now }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/repeatable-reads",
      ...about(TAG, "round.create", "Which earlier reads could be asked for again, hidden in a new blind round"),
      request: { params: ofProject, query: repeatableQuery },
      responses: answers(repeatableAnswer),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "round.create");
      const { washoutDays } = context.req.valid("query");
      return context.json(await repeatableReads(db, member, { washoutDays, now: now() }), 200);
    },
  );
}

function decisionRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/rounds",
      ...about(TAG, "round.create", "Make a round: slides, readers and mode, under the newest guideline version"),
      request: { params: ofProject, ...takes(roundCreate) },
      responses: answers(roundSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      const member = await requireRole(db, caller, project, "round.create");
      const id = await openRound(world, caller, project, context.req.valid("json"));
      return context.json(await roundFor(db, member, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/rounds/{roundId}/unblind",
      ...about(TAG, "round.unblind", "Open a blind round to everybody, for good, once all reads are submitted"),
      request: { params: z.object({ roundId }) },
      responses: answers(roundSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").roundId;
      const caller = callerOf(context);
      await unblindRound(world, caller, id);
      const { member } = await requireRound(db, caller, id);
      return context.json(await roundFor(db, member, id), 200);
    },
  );
}

function readRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const params = z.object({ layerId });
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/submit",
      ...about(TAG, "layer.submit", "Hand a read in; it is locked from then on"),
      request: { params },
      responses: answers(layerSchema),
    }),
    async (context) =>
      context.json(await submitRead(world, callerOf(context), context.req.valid("param").layerId), 200),
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/reopen",
      ...about(TAG, "layer.reopen", "Give a submitted read back to its reader"),
      request: { params },
      responses: answers(layerSchema),
    }),
    async (context) =>
      context.json(await reopenRead(world, callerOf(context), context.req.valid("param").layerId), 200),
  );
}
