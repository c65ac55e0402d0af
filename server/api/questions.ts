import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { classId, projectId, questionId } from "#domain/ids.ts";
import { placeSchema } from "#domain/question.ts";
import { requireMember, requireRole } from "#server/access.ts";
import { addQuestionPlace, commentQuestion, openQuestion } from "#server/commands/open-question.ts";
import { questionToDraft as makeDraftChange, settleQuestion } from "#server/commands/settle-question.ts";
import { decisionReasons } from "#server/queries/decision-reasons.ts";
import { questionFor, questionsFor, requireQuestion } from "#server/queries/questions.ts";
import { unclearPairs } from "#server/queries/unclear.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { pageOf } from "./paging.ts";
import { page, pageQuery } from "./schemas/common.ts";
import {
  classReasons,
  guidelineQuestion,
  questionComment,
  questionCreate,
  questionQuery,
  questionSettle,
  questionToDraft,
  unclearPair,
} from "./schemas/questions.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Guideline questions";
const ofProject = z.object({ projectId });
const ofQuestion = z.object({ questionId });
const listQuery = pageQuery.extend({ ...questionQuery.shape, class: classId.optional() });

/** What the guideline leaves open: asked from work, discussed, answered or made into a change of the draft. */
export function questionRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  readRoutes(app, world);
  reasonRoutes(app, world);
  askRoutes(app, world);
  settleRoutes(app, world);
  return app;
}

function readRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/questions",
      ...about(TAG, "question.see", "Guideline questions, the one changed last first, as far as one may see them"),
      request: { params: ofProject, query: listQuery },
      responses: answers(page(guidelineQuestion)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const { state, class: about, ...paging } = context.req.valid("query");
      const member = await requireRole(db, callerOf(context), project, "project.view");
      const found = await questionsFor(db, member, { state, classId: about });
      return context.json(
        pageOf(found, ({ id }) => id, paging),
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/unclear",
      ...about(
        TAG,
        "consensus.view",
        "Where adjudicators found the guideline unclear, by the classes that are confused",
      ),
      request: { params: ofProject },
      responses: answers(page(unclearPair)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireMember(db, callerOf(context), project);
      return context.json({ items: await unclearPairs(world, member, project), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/questions/{questionId}",
      ...about(TAG, "question.see", "A guideline question with its places and what was said"),
      request: { params: ofQuestion },
      responses: answers(guidelineQuestion),
    }),
    async (context) => {
      const id = context.req.valid("param").questionId;
      const { member } = await requireQuestion(db, callerOf(context), id);
      return context.json(await questionFor(db, member, id), 200);
    },
  );
}

function reasonRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/decision-reasons",
      ...about(TAG, "consensus.view", "Why disputes had to be decided: how often which reason, class by class"),
      request: { params: ofProject },
      responses: answers(page(classReasons)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireMember(world.db, callerOf(context), project);
      return context.json({ items: await decisionReasons(world, member, project), nextCursor: null }, 200);
    },
  );
}

function askRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/questions",
      ...about(TAG, "question.ask", "Ask what the guideline leaves open, with the place where it arose"),
      request: { params: ofProject, ...takes(questionCreate) },
      responses: answers(guidelineQuestion),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      const member = await requireRole(db, caller, project, "project.view");
      const id = await openQuestion(world, caller, project, context.req.valid("json"));
      return context.json(await questionFor(db, member, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/questions/{questionId}/places",
      ...about(TAG, "question.ask", "Add another place where the same question arose"),
      request: { params: ofQuestion, ...takes(placeSchema) },
      responses: answers(guidelineQuestion),
    }),
    async (context) => {
      const id = context.req.valid("param").questionId;
      const caller = callerOf(context);
      const { member } = await requireQuestion(db, caller, id);
      await addQuestionPlace(world, caller, id, context.req.valid("json"));
      return context.json(await questionFor(db, member, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/questions/{questionId}/comments",
      ...about(TAG, "question.discuss", "Say something about a question that one sees whole"),
      request: { params: ofQuestion, ...takes(questionComment) },
      responses: answers(guidelineQuestion),
    }),
    async (context) => {
      const id = context.req.valid("param").questionId;
      const caller = callerOf(context);
      const { member } = await requireQuestion(db, caller, id);
      await commentQuestion(world, caller, id, context.req.valid("json").text);
      return context.json(await questionFor(db, member, id), 200);
    },
  );
}

function settleRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/questions/{questionId}/settle",
      ...about(TAG, "question.settle", "Answer a question in words, close it with a reason, or ask it again"),
      request: { params: ofQuestion, ...takes(questionSettle) },
      responses: answers(guidelineQuestion),
    }),
    async (context) => {
      const id = context.req.valid("param").questionId;
      const caller = callerOf(context);
      const { member } = await requireQuestion(db, caller, id);
      await settleQuestion(world, caller, id, context.req.valid("json"));
      return context.json(await questionFor(db, member, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/questions/{questionId}/draft",
      ...about(TAG, "question.settle", "Make a question part of the draft; publishing the draft answers it"),
      request: { params: ofQuestion, ...takes(questionToDraft) },
      responses: answers(guidelineQuestion),
    }),
    async (context) => {
      const id = context.req.valid("param").questionId;
      const caller = callerOf(context);
      const { member } = await requireQuestion(db, caller, id);
      await makeDraftChange(world, caller, id, context.req.valid("json"));
      return context.json(await questionFor(db, member, id), 200);
    },
  );
}
