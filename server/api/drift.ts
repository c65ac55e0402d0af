import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { projectId } from "#domain/ids.ts";
import { requireRole } from "#server/access.ts";
import { setBridge } from "#server/commands/bridge.ts";
import { driftFor } from "#server/queries/drift.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { bridgeUpdate, driftSchema } from "./schemas/drift.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Drift";
const ofProject = z.object({ projectId });

export function driftRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/drift",
      ...about(TAG, "drift.view", "How each reader reads over time, from the reads that the caller may see"),
      request: { params: ofProject },
      responses: answers(driftSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireRole(world.db, callerOf(context), project, "drift.view");
      return context.json(await driftFor(world, member), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "put",
      path: "/projects/{projectId}/bridge",
      ...about(TAG, "drift.configure", "Choose the regions and readers of the bridge set"),
      request: { params: ofProject, ...takes(bridgeUpdate) },
      responses: answers(driftSchema.shape.bridge),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      const member = await requireRole(world.db, caller, project, "drift.configure");
      await setBridge(world, caller, project, context.req.valid("json"));
      return context.json((await driftFor(world, member)).bridge, 200);
    },
  );
  return app;
}
