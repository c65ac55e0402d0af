import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { appendAudit } from "#db/audit.ts";
import { annotationId, layerId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { allow, requireLayer } from "#server/access.ts";
import { importAnnotations } from "#server/commands/import-annotations.ts";
import { AppError } from "#server/errors.ts";
import { layerAnnotations, layerGeoJson } from "#server/queries/layers.ts";
import { visibleLayers } from "#server/queries/slides.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, answersFile, takes } from "./operation.ts";
import { page, pageQuery } from "./schemas/common.ts";
import { annotationRow, importReport, layerSchema } from "./schemas/slides.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Layers";
const ofLayer = z.object({ layerId });
/**
 * The guideline version whose class names the file uses; the newest that counts in the layer where it is not said. `id` names the import: sent again
 * with the same one, it brings nothing twice.
 */
const importQuery = z.object({ under: z.coerce.number().int().min(1).optional(), id: annotationId.optional() });
/** Features are checked one by one by the importer, which says what is wrong with each. */
const geoJson = z
  .unknown()
  .openapi({ type: "object", description: "GeoJSON: FeatureCollection, Feature or a list of them" });

export function layerRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  readRoutes(app, world);
  fileRoutes(app, world);
  return app;
}

function readRoutes(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/layers/{layerId}",
      ...about(TAG, "layer.see", "A layer"),
      request: { params: ofLayer },
      responses: answers(layerSchema),
    }),
    async (context) => {
      const {
        member,
        slideId,
        layerId: id,
      } = await requireLayer(db, callerOf(context), context.req.valid("param").layerId);
      const layer = (await visibleLayers(db, member, slideId)).find((each) => each.id === id);
      if (layer === undefined) throw new AppError("not-found", { layerId: id });
      return context.json(layer, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/layers/{layerId}/annotations",
      ...about(TAG, "layer.see", "Annotations of a layer with who and when, as of the last commit"),
      request: { params: ofLayer, query: pageQuery },
      responses: answers(page(annotationRow)),
    }),
    async (context) => {
      const {
        layerId: id,
        subject,
        member,
      } = await requireLayer(db, callerOf(context), context.req.valid("param").layerId);
      const named = can(member, "layer.reader", subject);
      return context.json(await layerAnnotations(db, id, { ...context.req.valid("query"), named }), 200);
    },
  );
}

function fileRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/layers/{layerId}/geojson",
      ...about(TAG, "layer.export", "A layer as GeoJSON that QuPath reads"),
      request: { params: ofLayer },
      responses: answersFile("application/geo+json"),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { layerId: id, subject, member } = await requireLayer(db, caller, context.req.valid("param").layerId);
      allow(member, "layer.export", subject);
      const text = await layerGeoJson(db, subject.projectId, id);
      const entry = { personId: caller.personId, projectId: subject.projectId, subject: id, detail: {} };
      await db.transaction(async (tx) => {
        await appendAudit(tx, { ...entry, action: "layer.exported" });
      });
      return context.body(text, 200, {
        "content-type": "application/geo+json",
        "content-disposition": `attachment; filename="${id}.geojson"`,
      });
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/layers/{layerId}/geojson",
      ...about(TAG, "layer.import", "Import GeoJSON into a layer, all of it or nothing"),
      request: { params: ofLayer, query: importQuery, ...takes(geoJson) },
      responses: answers(importReport),
    }),
    async (context) => {
      const id = context.req.valid("param").layerId;
      const { under = null, id: named = null } = context.req.valid("query");
      const file = context.req.valid("json");
      return context.json(await importAnnotations(world, callerOf(context), id, file, { under, id: named }), 200);
    },
  );
}
