import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { annotationId, personId, projectId, slideId, taskId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { answerAlike } from "#server/commands/answer-alike.ts";
import { assignByRule, changeTaskPlan, reorderTasks, requireAssigner } from "#server/commands/assign-task.ts";
import { createRework } from "#server/commands/create-rework.ts";
import { decideItem } from "#server/commands/decide-item.ts";
import { moveTask } from "#server/commands/move-task.ts";
import { resolveTask } from "#server/commands/resolve-task.ts";
import { signScreening } from "#server/commands/sign-screening.ts";
import { undoAnswer } from "#server/commands/undo-answer.ts";
import { AppError } from "#server/errors.ts";
import { assignmentPlan, shownPlan } from "#server/queries/assignment.ts";
import { boardFor } from "#server/queries/board.ts";
import { readTasksFor } from "#server/queries/read-tasks.ts";
import { requireTask, taskDetailFor, taskFor, tasksFor } from "#server/queries/tasks.ts";
import { trayFor } from "#server/queries/tray.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema, page, pageQuery } from "./schemas/common.ts";
import { screeningSign } from "./schemas/screening.ts";
import {
  alikeRequest,
  assignmentApply,
  assignmentPreview,
  assignmentRequest,
  boardGroup,
  boardSchema,
  reassignAnswer,
  reassignRequest,
  resolveAnswer,
  resolveRequest,
  reworkCreate,
  taskDetail,
  taskMove,
  taskOrder,
  taskQuery,
  taskSchema,
  taskUpdate,
  trayItem,
  undoRequest,
} from "./schemas/tasks.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Tasks";
const ofProject = z.object({ projectId });
const ofTask = z.object({ taskId });
/** The filters and the cursor are ids; anything else names nothing. */
const listQuery = pageQuery.extend({
  ...taskQuery.shape,
  assignee: personId.optional(),
  slide: slideId.optional(),
  cursor: taskId.optional(),
});
/** The cursor is the answer that was shown last. */
const trayQuery = pageQuery.extend({ cursor: annotationId.optional() });

export function taskRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  readRoutes(app, world);
  boardRoutes(app, world);
  leadRoutes(app, world);
  assignmentRoutes(app, world);
  moveRoutes(app, world);
  answerRoutes(app, world);
  return app;
}

function readRoutes(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/tasks",
      ...about(
        TAG,
        "task.see",
        "Tasks, newest first, with what is left of each; all for leads, else those one has to do with",
      ),
      request: { params: ofProject, query: listQuery },
      responses: answers(page(taskSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const { cursor, limit, ...filter } = context.req.valid("query");
      const member = await requireRole(db, callerOf(context), project, "project.view");
      return context.json(await tasksFor(db, member, filter, { after: cursor, limit }), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{taskId}",
      ...about(TAG, "task.see", "A task with its items, in walking order down the slide, and what happened to it"),
      request: { params: ofTask },
      responses: answers(taskDetail),
    }),
    async (context) => {
      const seen = await requireTask(db, callerOf(context), context.req.valid("param").taskId);
      return context.json(await taskDetailFor(db, seen), 200);
    },
  );
}

function boardRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, now } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/tasks/reads",
      ...about(TAG, "task.see", "Reads as tasks, whose state is that of the read; all for leads, else one's own"),
      request: { params: ofProject },
      responses: answers(page(taskSchema)),
    }),
    async (context) => {
      const member = await requireRole(db, callerOf(context), context.req.valid("param").projectId, "project.view");
      return context.json({ items: await readTasksFor(db, member), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/tasks/board",
      ...about(TAG, "task.see", "How far the tasks are by change, class, person or slide, and what was left over time"),
      request: { params: ofProject, query: z.object({ group: boardGroup.default("change") }) },
      responses: answers(boardSchema),
    }),
    async (context) => {
      const member = await requireRole(db, callerOf(context), context.req.valid("param").projectId, "project.view");
      return context.json(await boardFor(db, member, context.req.valid("query").group, now()), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/tasks/tray",
      ...about(TAG, "task.assign", "What annotators could not tell and a lead decides, oldest first"),
      request: { params: ofProject, query: trayQuery },
      responses: answers(page(trayItem)),
    }),
    async (context) => {
      const member = await requireRole(db, callerOf(context), context.req.valid("param").projectId, "project.view");
      requireAssigner(member);
      const { cursor, limit } = context.req.valid("query");
      return context.json(await trayFor(db, member, { after: cursor, limit }), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/decide",
      ...about(TAG, "task.assign", "Decide an item that its assignee could not tell"),
      request: { params: ofTask, ...takes(resolveRequest.omit({ id: true, trims: true })) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      await decideItem(world, callerOf(context), context.req.valid("param").taskId, context.req.valid("json"));
      return context.json({ done: true as const }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "put",
      path: "/projects/{projectId}/tasks/order",
      ...about(TAG, "task.assign", "Put tasks into the order in which they are to be done"),
      request: { params: ofProject, ...takes(taskOrder) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const member = await requireRole(db, callerOf(context), context.req.valid("param").projectId, "project.view");
      await reorderTasks(world, callerOf(context), member, context.req.valid("json").taskIds);
      return context.json({ done: true as const }, 200);
    },
  );
}

function leadRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/tasks",
      ...about(TAG, "task.create", "Ask for some outlines to be done again, with a reason and a note"),
      request: { params: ofProject, ...takes(reworkCreate) },
      responses: answers(taskSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(db, caller, project, "project.view");
      const id = await createRework(world, caller, project, context.req.valid("json"));
      return context.json(await taskFor(db, callerOf(context), id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/tasks/reassign",
      ...about(TAG, "task.assign", "Give many tasks to one person; every refusal is listed"),
      request: { params: ofProject, ...takes(reassignRequest) },
      responses: answers(reassignAnswer),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      const member = await requireRole(db, caller, project, "project.view");
      const { taskIds, assigneeId } = context.req.valid("json");
      const parsed = personId.safeParse(assigneeId);
      requireAssigner(member);
      if (!parsed.success) throw new AppError("person-not-suitable", { assigneeId });
      const rule = { kind: "person" as const, personId: parsed.data };
      return context.json(await assignByRule(world, caller, member, { taskIds, rule }), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "patch",
      path: "/tasks/{taskId}",
      ...about(TAG, "task.assign", "Change who does a task, how urgent it is, and by when"),
      request: { params: ofTask, ...takes(taskUpdate) },
      responses: answers(taskSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      await changeTaskPlan(world, callerOf(context), id, context.req.valid("json"));
      return context.json(await taskFor(db, callerOf(context), id), 200);
    },
  );
}

function assignmentRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/tasks/assignment-preview",
      ...about(
        TAG,
        "task.assign",
        "Who would get which tasks by a rule, and what each person would have to do; changes nothing",
      ),
      request: { params: ofProject, ...takes(assignmentRequest) },
      responses: answers(assignmentPreview),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "project.view");
      requireAssigner(member);
      return context.json(shownPlan(await assignmentPlan(db, member, context.req.valid("json"))), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/tasks/assign",
      ...about(TAG, "task.assign", "Give many tasks away by a rule, all or none of what the preview said"),
      request: { params: ofProject, ...takes(assignmentApply) },
      responses: answers(reassignAnswer),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      const member = await requireRole(db, caller, project, "project.view");
      return context.json(await assignByRule(world, caller, member, context.req.valid("json")), 200);
    },
  );
}

function moveRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/move",
      ...about(TAG, "task.see", "Start or hand in one's own task; accept, return or cancel as a lead"),
      request: { params: ofTask, ...takes(taskMove) },
      responses: answers(taskSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      await moveTask(world, callerOf(context), id, context.req.valid("json"));
      return context.json(await taskFor(db, callerOf(context), id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/screened",
      ...about(TAG, "task.answer", "Sign that one looked through the layer for some or all of the task's classes"),
      request: { params: ofTask, ...takes(screeningSign) },
      responses: answers(taskSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      await signScreening(world, callerOf(context), id, context.req.valid("json"));
      return context.json(await taskFor(db, callerOf(context), id), 200);
    },
  );
}

function answerRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/resolve",
      ...about(TAG, "task.answer", "Answer one item: keep, choose, redraw, trim, delete or cannot tell"),
      request: { params: ofTask, ...takes(resolveRequest) },
      responses: answers(resolveAnswer),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      return context.json(await resolveTask(world, callerOf(context), id, context.req.valid("json")), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/answers",
      ...about(TAG, "task.answer", "Give one answer about several alike items, all of them or none"),
      request: { params: ofTask, ...takes(alikeRequest) },
      responses: answers(resolveAnswer),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      return context.json(await answerAlike(world, callerOf(context), id, context.req.valid("json")), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/{taskId}/undo",
      ...about(TAG, "task.answer", "Take back an answer of one's own, or all that were given together"),
      request: { params: ofTask, ...takes(undoRequest) },
      responses: answers(resolveAnswer.pick({ left: true })),
    }),
    async (context) => {
      const id = context.req.valid("param").taskId;
      return context.json(await undoAnswer(world, callerOf(context), id, context.req.valid("json").undo), 200);
    },
  );
}
