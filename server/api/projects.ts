import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type SSEMessage, streamSSE } from "hono/streaming";
import { memberOf } from "#db/access.ts";
import { appendAudit, auditOf } from "#db/audit.ts";
import { peopleById } from "#db/people.ts";
import { createProject, membersOf, projectsOf, removeMember, setRole } from "#db/projects.ts";
import { type ProjectId, personId, projectId } from "#domain/ids.ts";
import { requireMember, requireRole, unwrap } from "#server/access.ts";
import { configureProject } from "#server/commands/configure-project.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { AppError } from "#server/errors.ts";
import { projectOverview } from "#server/queries/overview.ts";
import { blindSubject, projectCard } from "#server/queries/projects.ts";
import type { Caller } from "#server/session.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, answersFile, takes } from "./operation.ts";
import { doneSchema, page, pageQuery } from "./schemas/common.ts";
import { memberSchema, memberUpdate } from "./schemas/people.ts";
import {
  auditEntry,
  overviewSchema,
  type Project,
  projectCreate,
  projectSchema,
  projectUpdate,
} from "./schemas/projects.ts";
import type { ApiEnv, World } from "./world.ts";

const params = z.object({ projectId });
const memberParams = z.object({ projectId, personId });
/** The cursor is the number of the last entry of the page before. */
const auditQuery = pageQuery.extend({ cursor: z.coerce.number().int().positive().optional() });
const eventsQuery = z.object({
  /** What the page shows was read at most so long ago, ms: what was told since is told again. */
  age: z.coerce.number().int().min(0).optional(),
});
/** A comment line at this pace keeps proxies from closing a silent stream. */
const BEAT_MS = 20_000;

export function projectRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  listRoutes(app, world);
  projectPageRoutes(app, world);
  memberRoutes(app, world);
  return app;
}

function listRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects",
      ...about("Projects", "signed-in", "One's own projects"),
      responses: answers(page(projectSchema)),
    }),
    async (context) => {
      const cards = await projectsOf(world.db, callerOf(context).personId);
      return context.json({ items: cards.map(projectCard), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects",
      ...about("Projects", "signed-in", "Make a project and become its lead"),
      request: takes(projectCreate),
      responses: answers(projectSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { name, description } = context.req.valid("json");
      const made = await world.db.transaction(async (tx) => {
        const project = await createProject(tx, { name, description, createdBy: caller.personId });
        const entry = { personId: caller.personId, projectId: project.id, subject: project.id, detail: {} };
        await appendAudit(tx, { ...entry, action: "project.created" });
        return project;
      });
      world.sessions.revoke(caller.personId);
      return context.json(await cardOf(world, caller, made.id), 200);
    },
  );
}

function projectPageRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}",
      ...about("Projects", "project.view", "A project"),
      request: { params },
      responses: answers(projectSchema),
    }),
    async (context) => context.json(await cardOf(world, callerOf(context), context.req.valid("param").projectId), 200),
  );
  app.openapi(
    createRoute({
      method: "patch",
      path: "/projects/{projectId}",
      ...about("Projects", "project.configure", "Rename or describe a project"),
      request: { params, ...takes(projectUpdate) },
      responses: answers(projectSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      await requireRole(world.db, callerOf(context), project, "project.configure");
      await configureProject(world, callerOf(context), project, context.req.valid("json"));
      return context.json(await cardOf(world, callerOf(context), project), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/overview",
      ...about("Projects", "project.view", "What to do next, progress and class balance"),
      request: { params },
      responses: answers(overviewSchema),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const member = await requireMember(world.db, callerOf(context), project);
      return context.json(await projectOverview(world, member), 200);
    },
  );
  auditRoute(app, world);
  eventsRoute(app, world);
}

function auditRoute(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/audit",
      ...about("Projects", "audit.view", "Decisions of a project, newest first"),
      request: { params, query: auditQuery },
      responses: answers(page(auditEntry)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const { cursor: before, limit } = context.req.valid("query");
      await requireRole(db, callerOf(context), project, "audit.view", await blindSubject(db, project));
      const rows = await auditOf(db, project, { limit, before });
      const people = await peopleById(
        db,
        rows.flatMap((row) => (row.personId === null ? [] : [row.personId])),
      );
      const items = rows.map(({ seq, at, personId: id, action, subject, detail, hash }) => {
        const person = id === null ? undefined : people.get(id);
        const shown = person === undefined ? null : { id: person.id, name: person.name, colour: person.colour };
        return { seq, at: at.toISOString(), person: shown, action, subject, detail, hash };
      });
      const nextCursor = items.length < limit ? null : String(items.at(-1)?.seq ?? "");
      return context.json({ items, nextCursor }, 200);
    },
  );
}

function eventsRoute(app: OpenAPIHono<ApiEnv>, { db, events, sessions }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/events",
      ...about("Projects", "project.view", "A stream that tells that something changed, never what"),
      request: { params, query: eventsQuery },
      responses: answersFile("text/event-stream"),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const ageMs = context.req.valid("query").age ?? null;
      const { personId: id } = await requireMember(db, callerOf(context), project);
      const headers = { authorization: context.req.header("authorization"), cookie: context.req.header("cookie") };
      const isGood = async (): Promise<boolean> =>
        (await sessions.fromHeaders(headers)) !== null && (await memberOf(db, id, project)) !== null;
      return streamSSE(context, async (stream) => {
        const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
        const write = (message: SSEMessage): void => {
          stream.writeSSE(message).catch(() => stream.abort());
        };
        const leave = events.subscribe(project, id, {
          ageMs,
          tell: (message) => write({ data: JSON.stringify(message) }),
          gap: () => write({ event: "gap", data: "" }),
          end: () => stream.abort(),
        });
        const forget = sessions.onRevoked((person) => {
          if (person === id)
            void isGood().then(
              (good) => good || stream.abort(),
              () => stream.abort(),
            );
        });
        const beat = setInterval(() => stream.write(": still here\n\n").catch(() => stream.abort()), BEAT_MS);
        await stream.write(": welcome\n\n");
        await ended;
        clearInterval(beat);
        forget();
        leave();
      });
    },
  );
}

function memberRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/members",
      ...about("Members", "member.view", "Members of a project"),
      request: { params },
      responses: answers(page(memberSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      await requireRole(db, callerOf(context), project, "member.view");
      return context.json({ items: await memberList(world, project), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "patch",
      path: "/projects/{projectId}/members/{personId}",
      ...about("Members", "member.manage", "Give a member another role"),
      request: { params: memberParams, ...takes(memberUpdate) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { projectId: project, personId: person } = context.req.valid("param");
      const { role } = context.req.valid("json");
      await changeMember(
        world,
        callerOf(context),
        project,
        person,
        { action: "member.changed", detail: { role } },
        (tx) => setRole(tx, { projectId: project, personId: person, role }),
      );
      return context.json({ done: true as const }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/projects/{projectId}/members/{personId}",
      ...about("Members", "member.manage", "End a membership; the work stays"),
      request: { params: memberParams },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { projectId: project, personId: person } = context.req.valid("param");
      await changeMember(world, callerOf(context), project, person, { action: "member.removed", detail: {} }, (tx) =>
        removeMember(tx, project, person),
      );
      return context.json({ done: true as const }, 200);
    },
  );
}

/** A change of somebody's rights: refused or done with its audit entry, then told to open sockets and pages. */
async function changeMember(
  world: World,
  caller: Caller,
  project: ProjectId,
  person: z.infer<typeof personId>,
  what: { readonly action: string; readonly detail: Readonly<Record<string, unknown>> },
  change: (tx: World["db"]) => ReturnType<typeof setRole | typeof removeMember>,
): Promise<void> {
  const { db, sessions, events } = world;
  await requireRole(db, caller, project, "member.manage");
  await db.transaction(async (tx) => {
    unwrap<unknown>(await change(tx));
    await appendAudit(tx, { personId: caller.personId, projectId: project, subject: person, ...what });
  });
  sessions.revoke(person);
  events.tell(project, "project", { kind: "members", toast: null });
  // Somebody who left, or may no longer do them, leaves tasks behind.
  await makeTasks(world, project);
}

async function memberList({ db }: World, project: ProjectId) {
  const members = await membersOf(db, project);
  return members.map(({ personId: id, name, email, colour, role, joinedAt }) => ({
    id,
    name,
    email,
    colour,
    role,
    joinedAt: joinedAt.toISOString(),
  }));
}

async function cardOf({ db }: World, caller: Caller, project: ProjectId): Promise<Project> {
  const cards = await projectsOf(db, caller.personId);
  const card = cards.find((each) => each.id === project);
  if (card === undefined) throw new AppError("not-found", { projectId: project });
  return projectCard(card);
}
