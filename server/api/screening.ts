import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { layerId, type PersonId } from "#domain/ids.ts";
import { allow, requireLayer } from "#server/access.ts";
import { logView } from "#server/commands/log-view.ts";
import { AppError } from "#server/errors.ts";
import { screeningFor } from "#server/queries/screening.ts";
import { Ration } from "#server/sync/ration.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { screeningQuery, screeningSchema, viewReport } from "./schemas/screening.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Screening";
const ofLayer = z.object({ layerId });
/** A page reports every few seconds; one that does much more is not ours. */
const REPORTS = { burst: 20, perSecond: 1 } as const;
const MAX_REMEMBERED = 10_000;

export function screeningRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  const mayReport = rationed();
  app.openapi(
    createRoute({
      method: "get",
      path: "/layers/{layerId}/screening",
      ...about(TAG, "screening.log", "Where the caller has looked at working magnification, in their work in a layer"),
      request: { params: ofLayer, query: screeningQuery },
      responses: answers(screeningSchema),
    }),
    async (context) => {
      const id = context.req.valid("param").layerId;
      const caller = callerOf(context);
      const { slideId, subject, member } = await requireLayer(world.db, caller, id);
      allow(member, "screening.log", subject);
      const { since } = context.req.valid("query");
      return context.json(await screeningFor(world, { layerId: id, personId: caller.personId }, slideId, since), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/seen",
      ...about(TAG, "screening.log", "Report the cells that the caller has had on screen at working magnification"),
      request: { params: ofLayer, ...takes(viewReport) },
      responses: answers(z.object({ done: z.literal(true) })),
    }),
    async (context) => {
      const caller = callerOf(context);
      if (!mayReport(caller.personId)) throw new AppError("rate-limited", { perSecond: REPORTS.perSecond });
      await logView(world, caller, context.req.valid("param").layerId, context.req.valid("json").cells);
      return context.json({ done: true as const }, 200);
    },
  );
  return app;
}

/** A ration for each person; of very many the longest known are forgotten first. */
function rationed(): (personId: PersonId) => boolean {
  const rations = new Map<PersonId, Ration>();
  return (personId) => {
    const ration = rations.get(personId) ?? new Ration(REPORTS.burst, REPORTS.perSecond, () => performance.now());
    if (!rations.has(personId) && rations.size >= MAX_REMEMBERED) {
      const [oldest] = rations.keys();
      if (oldest !== undefined) rations.delete(oldest);
    }
    rations.set(personId, ration);
    return ration.take();
  };
}
