import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { projectId, referenceId, taskId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { addReferenceItem, confirmReference, removeReference } from "#server/commands/choose-reference.ts";
import { answerTest, beginAttempt, requireOwnTest } from "#server/commands/qualify.ts";
import { qualificationFor, testFor } from "#server/queries/qualification.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema } from "./schemas/common.ts";
import {
  qualificationSchema,
  referenceConfirm,
  referenceCreate,
  testAnswer,
  testSchema,
} from "./schemas/qualification.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Qualification";
const ofProject = z.object({ projectId });
const ofReference = z.object({ projectId, referenceId });
const ofTask = z.object({ taskId });
const DONE = { done: true as const };

export function qualificationRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  boardRoute(app, world);
  referenceRoutes(app, world);
  testRoutes(app, world);
  return app;
}

function boardRoute(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/qualification",
      ...about(TAG, "guideline.edit", "Who has shown again that they can tell redefined classes, and the references"),
      request: { params: ofProject },
      responses: answers(qualificationSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.edit");
      return context.json(await qualificationFor(db, member), 200);
    },
  );
}

function referenceRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/references",
      ...about(TAG, "guideline.edit", "Say of a place what it is, so that readers can be asked about it"),
      request: { params: ofProject, ...takes(referenceCreate) },
      responses: answers(z.object({ id: z.string() })),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.edit");
      const id = await addReferenceItem(world, caller, project, context.req.valid("json"));
      return context.json({ id }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/references/{referenceId}/confirm",
      ...about(TAG, "guideline.edit", "Say that a reference holds under the newest version too, or what it is now"),
      request: { params: ofReference, ...takes(referenceConfirm) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { projectId: project, referenceId: id } = context.req.valid("param");
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.edit");
      await confirmReference(world, caller, { projectId: project, id }, context.req.valid("json"));
      return context.json(DONE, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/projects/{projectId}/references/{referenceId}",
      ...about(TAG, "guideline.edit", "Take a reference out of later tests"),
      request: { params: ofReference },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { projectId: project, referenceId: id } = context.req.valid("param");
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.edit");
      await removeReference(world, caller, { projectId: project, id });
      return context.json(DONE, 200);
    },
  );
}

function testRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const test = async (caller: ReturnType<typeof callerOf>, id: z.infer<typeof taskId>) =>
    testFor(world.db, (await requireOwnTest(world.db, caller, id)).task);
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/test/attempts",
      ...about(TAG, "task.answer", "Begin the test, or go on with it"),
      request: { params: ofTask },
      responses: answers(testSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      const caller = callerOf(context);
      await beginAttempt(world, caller, id);
      return context.json(await test(caller, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/test/answers",
      ...about(TAG, "task.answer", "Say what an item is; the last answer ends the attempt"),
      request: { params: ofTask, ...takes(testAnswer) },
      responses: answers(testSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      const caller = callerOf(context);
      await answerTest(world, caller, id, context.req.valid("json"));
      return context.json(await test(caller, id), 200);
    },
  );
}
