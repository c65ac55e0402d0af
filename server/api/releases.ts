import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { appendAudit } from "#db/audit.ts";
import { filesOf, releaseById, releasesOf } from "#db/releases.ts";
import { projectId, type ReleaseId, releaseId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import { allow, requireMember, requireRole } from "#server/access.ts";
import { freezeRelease } from "#server/commands/freeze-release.ts";
import { AppError } from "#server/errors.ts";
import { blindSubject } from "#server/queries/projects.ts";
import { blockerViews, measuredCandidate } from "#server/queries/release-facts.ts";
import type { Caller } from "#server/session.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, answersFile, takes } from "./operation.ts";
import { page } from "./schemas/common.ts";
import {
  blockerSchema,
  type Release,
  type ReleaseDetail,
  releaseCreate,
  releaseDetail,
  releaseSchema,
} from "./schemas/releases.ts";
import type { ApiEnv, World } from "./world.ts";

const TAG = "Releases";
const ofProject = z.object({ projectId });
const ofRelease = z.object({ releaseId });

export function releaseRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  projectRoutes(app, world);
  oneRoutes(app, world);
  return app;
}

function projectRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/releases",
      ...about(TAG, "release.view", "Releases, newest first"),
      request: { params: ofProject },
      responses: answers(page(releaseSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      await requireRole(db, callerOf(context), project, "release.view", await blindSubject(db, project));
      return context.json({ items: (await releasesOf(db, project)).map(toRelease), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/blockers",
      ...about(TAG, "release.freeze", "What stands between the project and a release"),
      request: { params: ofProject },
      responses: answers(page(blockerSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      await requireRole(db, callerOf(context), project, "release.freeze", await blindSubject(db, project));
      return context.json(
        { items: blockerViews(project, await measuredCandidate(world, project)), nextCursor: null },
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/releases",
      ...about(TAG, "release.freeze", "Freeze a release; refused with the list of what stands in its way"),
      request: { params: ofProject, ...takes(releaseCreate) },
      responses: answers(releaseDetail),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const id = await freezeRelease(world, callerOf(context), project, context.req.valid("json"));
      return context.json(await detailOf(world, id), 200);
    },
  );
}

function oneRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/releases/{releaseId}",
      ...about(TAG, "release.view", "A release with its manifest"),
      request: { params: ofRelease },
      responses: answers(releaseDetail),
    }),
    async (context) => {
      const id = context.req.valid("param").releaseId;
      await requireRelease(world, callerOf(context), id);
      return context.json(await detailOf(world, id), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/releases/{releaseId}/files/{path}",
      ...about(TAG, "release.export", "One file of a release, byte for byte as it was frozen"),
      request: { params: ofRelease.extend({ path: z.string().max(300).openapi({ description: "URL-encoded path" }) }) },
      responses: answersFile("application/octet-stream"),
    }),
    async (context) => {
      const { releaseId: id, path } = context.req.valid("param");
      const caller = callerOf(context);
      const { member, subject } = await requireRelease(world, caller, id);
      allow(member, "release.export", subject);
      const file = (await filesOf(db, id)).find((each) => each.path === path);
      if (file === undefined) throw new AppError("not-found", { path });
      await db.transaction(async (tx) => {
        const entry = { personId: caller.personId, projectId: member.projectId, subject: id, detail: { path } };
        await appendAudit(tx, { ...entry, action: "release.exported" });
      });
      return context.body(file.content, 200, {
        "content-type": path.endsWith(".geojson") ? "application/geo+json" : "application/json",
        "content-disposition": `attachment; filename="${path.replaceAll(/[^a-z0-9.-]+/g, "-")}"`,
        etag: `"${file.sha256}"`,
      });
    },
  );
}

async function requireRelease({ db }: World, caller: Caller, id: ReleaseId) {
  const release = await releaseById(db, id);
  if (release === null) throw new AppError("not-found", { releaseId: id });
  const member: Member = await requireMember(db, caller, release.projectId, { releaseId: id });
  const subject = await blindSubject(db, release.projectId);
  if (!can(member, "release.view", subject)) throw new AppError("not-found", { releaseId: id });
  return { release, member, subject };
}

type Stored = NonNullable<Awaited<ReturnType<typeof releaseById>>>;

function toRelease({ id, number, name, guidelineNumber, hash, person, createdAt }: Stored): Release {
  return { id, number, name, guidelineNumber, hash, createdBy: person, createdAt: createdAt.toISOString() };
}

async function detailOf({ db }: World, id: ReleaseId): Promise<ReleaseDetail> {
  const release = await releaseById(db, id);
  if (release === null) throw new AppError("not-found", { releaseId: id });
  const files = await filesOf(db, id);
  return {
    ...toRelease(release),
    manifest: release.manifest,
    files: files.map(({ path, sha256, content }) => ({ path, sha256, bytes: Buffer.byteLength(content) })),
  };
}
