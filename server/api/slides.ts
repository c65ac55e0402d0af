import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { blindReaders } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import { caseNamed, removeSlide, slidesOf, updateSlide } from "#db/slides.ts";
import { projectId, slideId } from "#domain/ids.ts";
import { allow, requireMember, requireRole } from "#server/access.ts";
import { createTeamLayer } from "#server/commands/create-team-layer.ts";
import { registerDropped, registerUpload } from "#server/commands/register-slide.ts";
import { AppError } from "#server/errors.ts";
import { requireSlide, slideView, toSlide, visibleLayers } from "#server/queries/slides.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema, page, pageQuery } from "./schemas/common.ts";
import {
  droppedFile,
  layerSchema,
  slideRegister,
  slideSchema,
  slideUpdate,
  slideUploadQuery,
  slideViewSchema,
} from "./schemas/slides.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Slides";
const ofProject = z.object({ projectId });
const ofSlide = z.object({ slideId });

export function slideRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  listRoute(app, world);
  registerRoutes(app, world);
  slideReadRoutes(app, world);
  slideWriteRoutes(app, world);
  teamLayerRoute(app, world);
  return app;
}

function listRoute(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/slides",
      ...about(TAG, "slide.view", "Slides of a project by name"),
      request: { params: ofProject, query: pageQuery },
      responses: answers(page(slideSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const { cursor = "", limit } = context.req.valid("query");
      await requireRole(db, callerOf(context), project, "slide.view");
      const rows = await slidesOf(db, project, { after: cursor, limit });
      const nextCursor = rows.length < limit ? null : (rows.at(-1)?.name ?? null);
      return context.json({ items: rows.map(toSlide), nextCursor }, 200);
    },
  );
}

function registerRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/slides",
      ...about(TAG, "slide.add", "Upload a slide: the body is the file itself"),
      request: {
        params: ofProject,
        query: slideUploadQuery,
        body: {
          required: true,
          content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
        },
      },
      responses: answers(slideSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(db, caller, project, "slide.add");
      if (Number(context.req.header("content-length") ?? 0) > world.maxUploadBytes)
        throw new AppError("slide-too-large", { limitBytes: world.maxUploadBytes });
      const body = context.req.raw.body;
      if (body === null) throw new AppError("bad-request", { in: "body", message: "the body is the slide's file" });
      return context.json(toSlide(await registerUpload(world, caller, project, context.req.valid("query"), body)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/dropped-files",
      ...about(TAG, "slide.add", "Files in the data folder's `slides` that are not registered"),
      request: { params: ofProject },
      responses: answers(page(droppedFile)),
    }),
    async (context) => {
      await requireRole(db, callerOf(context), context.req.valid("param").projectId, "slide.add");
      return context.json({ items: await world.slides.dropped(), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/slides/register",
      ...about(TAG, "slide.add", "Register a dropped file; it moves into the store"),
      request: { params: ofProject, ...takes(slideRegister) },
      responses: answers(slideSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(db, caller, project, "slide.add");
      return context.json(toSlide(await registerDropped(world, caller, project, context.req.valid("json"))), 200);
    },
  );
}

function slideReadRoutes(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/slides/{slideId}",
      ...about(TAG, "slide.view", "A slide"),
      request: { params: ofSlide },
      responses: answers(slideSchema),
    }),
    async (context) => {
      const { slide } = await requireSlide(db, callerOf(context), context.req.valid("param").slideId);
      return context.json(toSlide(slide), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/slides/{slideId}/view",
      ...about(TAG, "slide.view", "Everything a viewer needs: pixels, layers, guideline"),
      request: { params: ofSlide },
      responses: answers(slideViewSchema),
    }),
    async (context) => context.json(await slideView(db, callerOf(context), context.req.valid("param").slideId), 200),
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/slides/{slideId}/layers",
      ...about(TAG, "slide.view", "Layers of a slide that the caller may see"),
      request: { params: ofSlide },
      responses: answers(page(layerSchema)),
    }),
    async (context) => {
      const { slide, member } = await requireSlide(db, callerOf(context), context.req.valid("param").slideId);
      return context.json({ items: await visibleLayers(db, member, slide.id), nextCursor: null }, 200);
    },
  );
}

function slideWriteRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, events } = world;
  app.openapi(
    createRoute({
      method: "patch",
      path: "/slides/{slideId}",
      ...about(TAG, "slide.edit", "State a slide's scale, case, stain or name"),
      request: { params: ofSlide, ...takes(slideUpdate) },
      responses: answers(slideSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { slide, member } = await requireSlide(db, caller, context.req.valid("param").slideId);
      allow(member, "slide.edit");
      const { case: caseName, ...stated } = context.req.valid("json");
      const change = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
      await db.transaction(async (tx) => {
        const moved = caseName === undefined ? {} : { caseId: await caseNamed(tx, slide.projectId, caseName) };
        if (!(await updateSlide(tx, slide.id, { ...change, ...moved })))
          throw new AppError("name-taken", { name: stated.name });
        const entry = { personId: caller.personId, projectId: slide.projectId, subject: slide.id };
        await appendAudit(tx, {
          ...entry,
          action: "slide.changed",
          detail: { fields: Object.keys({ ...change, ...moved }) },
        });
      });
      events.tell(slide.projectId, "project", { kind: "slides", toast: null });
      return context.json(toSlide((await requireSlide(db, caller, slide.id)).slide), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/slides/{slideId}",
      ...about(TAG, "slide.remove", "Remove a slide that has no layer"),
      request: { params: ofSlide },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { slide, member } = await requireSlide(db, caller, context.req.valid("param").slideId);
      allow(member, "slide.remove");
      await db.transaction(async (tx) => {
        if (!(await removeSlide(tx, slide.id))) throw new AppError("slide-in-use", { slideId: slide.id });
        const entry = { personId: caller.personId, projectId: slide.projectId, subject: slide.id, detail: {} };
        await appendAudit(tx, { ...entry, action: "slide.removed" });
      });
      world.tiles.forget(slide.id);
      await world.slides.discard(slide.id);
      events.tell(slide.projectId, "project", { kind: "slides", toast: null });
      return context.json({ done: true as const }, 200);
    },
  );
}

function teamLayerRoute(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "post",
      path: "/slides/{slideId}/layers",
      ...about(TAG, "layer.create", "Make the slide's team layer, or get the one there is"),
      request: { params: ofSlide },
      responses: answers(layerSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { slide } = await requireSlide(db, caller, context.req.valid("param").slideId);
      const member = await requireMember(db, caller, slide.projectId);
      allow(member, "layer.create");
      const readers = (await blindReaders(db, [slide.id])).get(slide.id) ?? [];
      // Whoever reads the slide blind may not know of a team layer on it, so they make none either.
      if (readers.includes(caller.personId)) throw new AppError("not-allowed", { action: "layer.create" });
      const made = await createTeamLayer(world, caller, slide);
      const layer = (await visibleLayers(db, member, slide.id)).find((each) => each.id === made);
      if (layer === undefined) throw new AppError("not-found", { slideId: slide.id });
      return context.json(layer, 200);
    },
  );
}
