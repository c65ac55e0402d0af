import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isStoring } from "#db/client.ts";
import type { Bus } from "#server/bus/bus.ts";
import { AppError } from "#server/errors.ts";
import type { Metrics } from "#server/metrics.ts";
import { productVersion } from "#server/version.ts";
import { problemAnswer, router } from "./app.ts";
import { consensusRoutes } from "./consensus.ts";
import { consistencyRoutes } from "./consistency.ts";
import { dissolveRoutes } from "./dissolve.ts";
import { draftRoutes } from "./drafts.ts";
import { driftRoutes } from "./drift.ts";
import { guidelineRoutes } from "./guideline.ts";
import { invitationRoutes } from "./invitations.ts";
import { layerRoutes } from "./layers.ts";
import { meRoutes } from "./me.ts";
import { projectRoutes } from "./projects.ts";
import { qualificationRoutes } from "./qualification.ts";
import { questionRoutes } from "./questions.ts";
import { releaseRoutes } from "./releases.ts";
import { roundRoutes } from "./rounds.ts";
import { screeningRoutes } from "./screening.ts";
import { slideRoutes } from "./slides.ts";
import { talkRoutes } from "./talk.ts";
import { taskRoutes } from "./tasks.ts";
import { trialRoutes } from "./trials.ts";
import type { ApiEnv, World } from "./world.ts";

type Bindings = HttpBindings;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const OPEN = ["/api/v1/openapi.json", "/api/v1/invitations/"];
/** Far above what a page ever sends; a guideline of 200 classes filled to the brim has 5 MB. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;
const MAX_IMPORT_BYTES = 64 * 1024 * 1024;

const DESCRIPTION = `REST for everything that a page can do. Errors are problem+json (RFC 9457) with a code; foreign and
absent are the same 404; lists are paged by cursor. Sign in by session cookie, or by a personal access token as
"Authorization: Bearer cpt_...". x-roles of an operation says who may call it. Outlines are drawn through the y-websocket
protocol at /sync/<layerId>, with the same cookie or token. Coordinates are level-0 pixels, y down.`;

/** The whole API as a handler of node:http. */
export function createApi(
  world: World,
  metrics: Metrics,
  bus: Pick<Bus, "nodeId" | "connected"> | null = null,
): (req: IncomingMessage, res: ServerResponse) => void {
  const api = new OpenAPIHono<ApiEnv & { Bindings: Bindings }>();
  api.onError((error) => problemAnswer(error, (fault) => world.log.error("api.failed", fault)));
  api.notFound(() => problemAnswer(new AppError("not-found"), () => undefined));
  api.use("/api/v1/*", async (context, next) => {
    const caller = await world.sessions.authenticate(context.env.incoming);
    if (caller === null && !isOpen(context.req.path)) throw new AppError("not-signed-in");
    if (caller?.scope === "read" && !SAFE.has(context.req.method)) throw new AppError("read-only-token");
    context.set("caller", caller);
    await next();
    context.header("cache-control", "no-store");
  });
  api.use("/api/v1/*", limitBody);
  api.route("/", healthRoute(world, metrics, bus));
  const routes = [meRoutes, invitationRoutes, projectRoutes, slideRoutes, layerRoutes, screeningRoutes, roundRoutes];
  const decisions = [
    guidelineRoutes,
    consistencyRoutes,
    draftRoutes,
    trialRoutes,
    questionRoutes,
    taskRoutes,
    qualificationRoutes,
    talkRoutes,
    dissolveRoutes,
    consensusRoutes,
    driftRoutes,
    releaseRoutes,
  ];
  for (const make of [...routes, ...decisions]) api.route("/api/v1", make(world));
  describeApi(api);
  const listener = getRequestListener(api.fetch);
  return (req, res) => void listener(req, res);
}

/** What is answered without sign-in; everything else is 401 before anything of the request is looked at. */
function isOpen(path: string): boolean {
  return OPEN.some((open) => path === open || (open.endsWith("/") && path.startsWith(open)));
}

const refuseBody = (): never => {
  throw new AppError("body-too-large");
};
const limitJson = bodyLimit({ maxSize: MAX_JSON_BYTES, onError: refuseBody });
const limitImport = bodyLimit({ maxSize: MAX_IMPORT_BYTES, onError: refuseBody });

/** A slide's file is measured where it is received; every other body is held in memory, and so is kept small. */
const limitBody: MiddlewareHandler = async (context, next) => {
  const { method, path } = context.req;
  if (method === "POST" && path.endsWith("/slides")) return next();
  return path.endsWith("/geojson") ? limitImport(context, next) : limitJson(context, next);
};

/** 503 where nothing can be stored; a node without its line to the others still serves, and says so. */
function healthRoute(
  { db }: World,
  metrics: Metrics,
  bus: Pick<Bus, "nodeId" | "connected"> | null,
): OpenAPIHono<ApiEnv> {
  const app = router();
  app.get("/api/health", async (context) => {
    const database = await isStoring(db);
    const degraded = [...(database ? [] : ["database"]), ...(bus === null || bus.connected ? [] : ["bus"])];
    const body = {
      status: degraded.length === 0 ? "ok" : "degraded",
      degraded,
      version: productVersion(),
      lagMs: metrics.lagMs(),
      rssMiB: metrics.rssMiB(),
      database,
      ...(bus === null ? {} : { node: bus.nodeId, bus: bus.connected }),
    };
    return context.json(body, database ? 200 : 503, { "cache-control": "no-store" });
  });
  return app;
}

function describeApi(api: OpenAPIHono<ApiEnv & { Bindings: Bindings }>): void {
  api.openAPIRegistry.registerComponent("securitySchemes", "cookie", {
    type: "apiKey",
    in: "cookie",
    name: "next-auth.session-token",
  });
  api.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  api.openAPIRegistry.registerPath({
    method: "get",
    path: "/api/health",
    summary: "Whether Concord is alive and can store",
    tags: ["Health"],
    security: [],
    "x-roles": ["open"],
    responses: {
      200: {
        description: "Alive.",
        content: { "application/json": { schema: z.looseObject({ status: z.string() }) } },
      },
    },
  });
  api.doc31("/api/v1/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Concord", version: productVersion(), description: DESCRIPTION },
  });
}
