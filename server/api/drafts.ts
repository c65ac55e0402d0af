import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { personId, projectId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { addExample } from "#server/commands/add-example.ts";
import { commentDraft, editingDraft, reviewDraft, settleDraftComment } from "#server/commands/discuss-draft.ts";
import { rebaseGuidelineDraft } from "#server/commands/rebase-draft.ts";
import { draftTalkFor } from "#server/queries/draft-talk.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import {
  draftCommentCreate,
  draftCommentUpdate,
  draftEditing,
  draftExampleCreate,
  draftReviewCreate,
  draftTalk,
  rebaseAnswer,
  rebaseRequest,
} from "./schemas/drafts.ts";
import { draftSchema } from "./schemas/guideline.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Guideline";
const params = z.object({ projectId });
/** Ids of comments are made like all others. */
const ofComment = z.object({ projectId, commentId: personId });
const BASE = "/projects/{projectId}/guideline/draft";

/** What leads say about a draft, who is in it, and its way to being published. */
export function draftRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  talkRoutes(app, world);
  exampleRoute(app, world);
  rebaseRoute(app, world);
  reviewRoutes(app, world);
  return app;
}

function talkRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, now } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: `${BASE}/talk`,
      ...about(TAG, "guideline.edit", "Comments on the draft, how it stands, and which leads have it open"),
      request: { params },
      responses: answers(draftTalk),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.edit");
      return context.json(await draftTalkFor(db, member, now()), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${BASE}/comments`,
      ...about(TAG, "guideline.edit", "Comment on the draft, on a class of it, or on one field"),
      request: { params, ...takes(draftCommentCreate) },
      responses: answers(draftTalk),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.edit");
      await commentDraft(world, member, context.req.valid("json"));
      return context.json(await draftTalkFor(db, member, now()), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "patch",
      path: `${BASE}/comments/{commentId}`,
      ...about(TAG, "guideline.edit", "Mark a comment as dealt with, or take that back"),
      request: { params: ofComment, ...takes(draftCommentUpdate) },
      responses: answers(draftTalk),
    }),
    async (context) => {
      const { projectId: project, commentId } = context.req.valid("param");
      const member = await requireRole(db, callerOf(context), project, "guideline.edit");
      await settleDraftComment(world, member, commentId, context.req.valid("json").resolved);
      return context.json(await draftTalkFor(db, member, now()), 200);
    },
  );
}

function exampleRoute(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "post",
      path: `${BASE}/examples`,
      ...about(TAG, "guideline.edit", "Put a picture of a place into the draft, as an example or counter-example"),
      request: { params, ...takes(draftExampleCreate) },
      responses: answers(draftSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(world.db, callerOf(context), project, "guideline.edit");
      return context.json(await addExample(world, member, context.req.valid("json")), 200);
    },
  );
}

function rebaseRoute(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "post",
      path: `${BASE}/rebase`,
      ...about(TAG, "guideline.edit", "Put a draft that follows an older version on the newest one, field by field"),
      request: { params, ...takes(rebaseRequest) },
      responses: answers(rebaseAnswer),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.edit");
      return context.json(await rebaseGuidelineDraft(world, caller, project, context.req.valid("json")), 200);
    },
  );
}

function reviewRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, now } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: `${BASE}/review`,
      ...about(TAG, "guideline.edit", "Put the draft forward, take that back, or answer for it as another lead"),
      request: { params, ...takes(draftReviewCreate) },
      responses: answers(draftTalk),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.edit");
      await reviewDraft(world, member, context.req.valid("json"));
      return context.json(await draftTalkFor(db, member, now()), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${BASE}/editing`,
      ...about(TAG, "guideline.edit", "Say which class one has open, for the other leads to see"),
      request: { params, ...takes(draftEditing) },
      responses: answers(draftTalk.pick({ editors: true })),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.edit");
      await editingDraft(world, member, context.req.valid("json").place);
      const { editors } = await draftTalkFor(db, member, now());
      return context.json({ editors }, 200);
    },
  );
}
