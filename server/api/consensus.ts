import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { projectId, roundId, slideId } from "#domain/ids.ts";
import { requireMember } from "#server/access.ts";
import { adjudicate } from "#server/commands/adjudicate.ts";
import { createAdjudication } from "#server/commands/create-adjudication.ts";
import { takePlaceAtDispute } from "#server/commands/place-at-dispute.ts";
import { AppError } from "#server/errors.ts";
import { agreementView } from "#server/queries/agreement.ts";
import { consensusSlides, consensusView, toDecision } from "#server/queries/consensus.ts";
import { decidersOf } from "#server/queries/deciders.ts";
import { disputeQueue } from "#server/queries/dispute-queue.ts";
import { recordDifferencesOf } from "#server/queries/record-differences.ts";
import { requireTask } from "#server/queries/tasks.ts";
import { jsonWithList } from "#server/slices.ts";
import { callerOf, jsonAsMade, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { agreementQuery, boardSchema, queueQuery, queueSchema } from "./schemas/agreement.ts";
import { page } from "./schemas/common.ts";
import {
  adjudicateAnswer,
  adjudicateBody,
  adjudicationTaskAnswer,
  adjudicationTaskBody,
  atDispute,
  atDisputeAnswer,
  type ConsensusView,
  consensusSchema,
  consensusSlide,
  deciderSchema,
} from "./schemas/consensus.ts";
import { recordDifferences, recordQuery } from "./schemas/record.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Consensus";
const ofRead = z.object({ roundId, slideId });

export function consensusRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/consensus",
      ...about(TAG, "consensus.view", "Slides and rounds with reads, and how far they are"),
      request: { params: z.object({ projectId }) },
      responses: answers(page(consensusSlide)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireMember(world.db, callerOf(context), project);
      return context.json({ items: await consensusSlides(world, member, project), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/rounds/{roundId}/slides/{slideId}/consensus",
      ...about(TAG, "consensus.view", "Agreement, confusion and disputes of one slide in one round"),
      request: { params: ofRead },
      responses: answers(consensusSchema),
    }),
    async (context) => {
      const { roundId: round, slideId: slide } = context.req.valid("param");
      const { head, disputes } = await consensusView(world, callerOf(context), round, slide);
      return jsonAsMade<ConsensusView>(jsonWithList(head, "disputes", disputes));
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/rounds/{roundId}/slides/{slideId}/adjudications",
      ...about(TAG, "consensus.adjudicate", "Decide one dispute"),
      request: { params: ofRead, ...takes(adjudicateBody) },
      responses: answers(adjudicateAnswer),
    }),
    async (context) => {
      const { roundId: round, slideId: slide } = context.req.valid("param");
      const { decision, groundTruthLayerId } = await adjudicate(
        world,
        callerOf(context),
        round,
        slide,
        context.req.valid("json"),
      );
      return context.json({ decision: toDecision(decision, false), groundTruthLayerId }, 200);
    },
  );
  addAdjudicators(app, world);
  addTasks(app, world);
  addRecord(app, world);
  addAgreement(app, world);
  return app;
}

function addAdjudicators(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/rounds/{roundId}/slides/{slideId}/adjudicators",
      ...about(TAG, "task.create", "To whom disputes of a slide can be given, whom the guideline names first"),
      request: { params: ofRead },
      responses: answers(page(deciderSchema)),
    }),
    async (context) => {
      const items = await decidersOf(world, callerOf(context), context.req.valid("param"));
      return context.json({ items, nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "put",
      path: "/rounds/{roundId}/slides/{slideId}/adjudicators/me",
      ...about(TAG, "consensus.adjudicate", "Say which dispute you are looking at; where the others are"),
      request: { params: ofRead, ...takes(atDispute) },
      responses: answers(atDisputeAnswer),
    }),
    async (context) => {
      const { roundId: round, slideId: slide } = context.req.valid("param");
      const { disputeKey } = context.req.valid("json");
      const at = { roundId: round, slideId: slide, disputeKey };
      return context.json({ others: await takePlaceAtDispute(world, callerOf(context), at) }, 200);
    },
  );
}

function addTasks(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "post",
      path: "/rounds/{roundId}/slides/{slideId}/adjudication-tasks",
      ...about(TAG, "task.create", "Give disputes of a slide to an adjudicator as a task"),
      request: { params: ofRead, ...takes(adjudicationTaskBody) },
      responses: answers(adjudicationTaskAnswer),
    }),
    async (context) => {
      const { roundId: round, slideId: slide } = context.req.valid("param");
      const at = { roundId: round, slideId: slide };
      const taskId = await createAdjudication(world, callerOf(context), at, context.req.valid("json"));
      return context.json({ taskId }, 200);
    },
  );
}

function addRecord(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/rounds/{roundId}/record-differences",
      ...about(TAG, "record.compare", "Where the record differs from one person's reads; of others for leads alone"),
      request: { params: z.object({ roundId }), query: recordQuery },
      responses: answers(recordDifferences),
    }),
    async (context) => {
      const { roundId: round } = context.req.valid("param");
      return context.json(await recordDifferencesOf(world, callerOf(context), round, context.req.valid("query")), 200);
    },
  );
}

function addAgreement(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/agreement",
      ...about(
        TAG,
        "consensus.view",
        "Every number of agreement over the slides of a project, with intervals over cases",
      ),
      request: { params: z.object({ projectId }), query: agreementQuery },
      responses: answers(boardSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireMember(world.db, callerOf(context), project);
      return context.json(await agreementView(world, member, project, context.req.valid("query")), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/disputes",
      ...about(TAG, "consensus.view", "Disputes of a project, the worst first, by class, kind, slide and who differs"),
      request: { params: z.object({ projectId }), query: queueQuery },
      responses: answers(queueSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const query = context.req.valid("query");
      const member = await requireMember(world.db, callerOf(context), project);
      const seen = query.task === undefined ? null : await requireTask(world.db, callerOf(context), query.task);
      if (seen !== null && seen.task.projectId !== project) throw new AppError("not-found", { taskId: query.task });
      return context.json(await disputeQueue(world, member, project, query, seen?.task), 200);
    },
  );
}
