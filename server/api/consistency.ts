import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { projectId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { acknowledgeGuideline } from "#server/commands/acknowledge-guideline.ts";
import { waive, withdraw } from "#server/commands/waive.ts";
import { AppError } from "#server/errors.ts";
import { acknowledgementFor } from "#server/queries/acknowledgement.ts";
import { waiversFor } from "#server/queries/waivers.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { pageOf } from "./paging.ts";
import { doneSchema, page, pageQuery } from "./schemas/common.ts";
import { acknowledgementSchema, acknowledgeRequest, waiverCreate, waiverSchema } from "./schemas/consistency.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Guideline";
const params = z.object({ projectId });
const waiverParams = params.extend({ waiverId: z.string().max(40) });

/** What a published version asks of people besides tasks, and the written exceptions from it. */
export function consistencyRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  acknowledgementRoutes(app, world);
  waiverRoutes(app, world);
  return app;
}

function acknowledgementRoutes(app: OpenAPIHono<ApiEnv>, { db, now }: World): void {
  const path = "/projects/{projectId}/guideline/acknowledgement";
  app.openapi(
    createRoute({
      method: "get",
      path,
      ...about(TAG, "guideline.view", "What one has to read and confirm before drawing on"),
      request: { params },
      responses: answers(acknowledgementSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.view");
      return context.json(await acknowledgementFor(db, member), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path,
      ...about(TAG, "guideline.acknowledge", "Confirm that one has read up to a version"),
      request: { params, ...takes(acknowledgeRequest) },
      responses: answers(acknowledgementSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(db, callerOf(context), project, "guideline.acknowledge");
      return context.json(await acknowledgeGuideline({ db, now }, member, context.req.valid("json").version), 200);
    },
  );
}

function waiverRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const path = "/projects/{projectId}/waivers";
  app.openapi(
    createRoute({
      method: "get",
      path,
      ...about(TAG, "guideline.publish", "Written exceptions, oldest first"),
      request: { params, query: pageQuery },
      responses: answers(page(waiverSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(world.db, callerOf(context), project, "guideline.publish");
      const found = await waiversFor(world.db, member);
      return context.json(
        pageOf(found, ({ id }) => id, context.req.valid("query")),
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path,
      ...about(TAG, "guideline.publish", "Approve an exception; what it covers is no work until it expires"),
      request: { params, ...takes(waiverCreate) },
      responses: answers(waiverSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(world.db, callerOf(context), project, "guideline.publish");
      const id = await waive(world, member, context.req.valid("json"));
      const made = (await waiversFor(world.db, member)).find((each) => each.id === id);
      if (made === undefined) throw new AppError("not-found", { waiver: id });
      return context.json(made, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${path}/{waiverId}`,
      ...about(TAG, "guideline.publish", "Take an exception back; what it covered becomes work"),
      request: { params: waiverParams },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { projectId: project, waiverId } = context.req.valid("param");
      const caller = callerOf(context);
      await requireRole(world.db, caller, project, "guideline.publish");
      await withdraw(world, caller, project, waiverId);
      return context.json({ done: true as const }, 200);
    },
  );
}
