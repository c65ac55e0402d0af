import { randomBytes } from "node:crypto";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { appendAudit } from "#db/audit.ts";
import { createPerson, type Person, peopleById, personById } from "#db/people.ts";
import {
  acceptInvitation,
  createInvitation,
  type Invitation as InvitationRow,
  invitationsOf,
  openInvitation,
  revokeInvitation,
} from "#db/projects.ts";
import { type PersonId, type ProjectId, projectId } from "#domain/ids.ts";
import { requireRole, unwrap } from "#server/access.ts";
import { AppError } from "#server/errors.ts";
import { hashPassword } from "#server/password.ts";
import { type Caller, secretHash } from "#server/session.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema, page } from "./schemas/common.ts";
import {
  type Invitation,
  type InvitationCreated,
  invitationAccept,
  invitationAccepted,
  invitationCreate,
  invitationCreated,
  invitationSchema,
  invitationView,
} from "./schemas/people.ts";
import type { ApiEnv, World } from "./world.ts";

const DAY_MS = 86_400_000;
const TAG = "Members";
const projectParam = z.object({ projectId });
const tokenParam = z.object({ token: z.string().min(10).max(100) });

/** Links that make their holder a member, once. */
export function invitationRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  leadRoutes(app, world);
  holderRoutes(app, world);
  return app;
}

function leadRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{projectId}/invitations",
      ...about(TAG, "member.manage", "Invitations of a project"),
      request: { params: projectParam },
      responses: answers(page(invitationSchema)),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      await requireRole(db, callerOf(context), project, "member.manage");
      return context.json({ items: await invitationList(db, project), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{projectId}/invitations",
      ...about(TAG, "member.manage", "Invite by a link, which is answered this once"),
      request: { params: projectParam, ...takes(invitationCreate) },
      responses: answers(invitationCreated),
    }),
    async (context) => {
      const project = context.req.valid("param").projectId;
      const caller = callerOf(context);
      await requireRole(db, caller, project, "member.manage");
      return context.json(await invite(world, caller, project, context.req.valid("json")), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/projects/{projectId}/invitations/{invitationId}",
      ...about(TAG, "member.manage", "Take an unused invitation back"),
      request: { params: projectParam.extend({ invitationId: z.string().max(64) }) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const { projectId: project, invitationId } = context.req.valid("param");
      const caller = callerOf(context);
      await requireRole(db, caller, project, "member.manage");
      await db.transaction(async (tx) => {
        const revoked = await revokeInvitation(tx, project, invitationId, world.now());
        if (!revoked) throw new AppError("not-found", { invitationId });
        await appendAudit(tx, audited(caller.personId, project, "invitation.revoked", invitationId, {}));
      });
      return context.json({ done: true as const }, 200);
    },
  );
}

async function invitationList(db: World["db"], project: ProjectId): Promise<Invitation[]> {
  const rows = await invitationsOf(db, project);
  const makers = await peopleById(
    db,
    rows.map((row) => row.createdBy),
  );
  return rows.map((row) => toInvitation(row, makers.get(row.createdBy)));
}

async function invite(
  { db, url, now }: World,
  caller: Caller,
  project: ProjectId,
  { role, days }: z.infer<typeof invitationCreate>,
): Promise<InvitationCreated> {
  const secret = randomBytes(24).toString("base64url");
  const expiresAt = new Date(now().getTime() + days * DAY_MS);
  return db.transaction(async (tx) => {
    const createdBy = caller.personId;
    const made = await createInvitation(tx, {
      projectId: project,
      hash: secretHash(secret),
      role,
      createdBy,
      expiresAt,
    });
    const maker = await personById(tx, createdBy);
    await appendAudit(tx, audited(createdBy, project, "invitation.created", made.id, { role }));
    return { ...toInvitation(made, maker ?? undefined), url: `${url}/invite/${secret}` };
  });
}

function holderRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, now, events, sessions } = world;
  app.openapi(
    createRoute({
      method: "get",
      path: "/invitations/{token}",
      ...about(TAG, "open", "What an invitation link is for"),
      request: { params: tokenParam },
      responses: answers(invitationView),
    }),
    async (context) => {
      const open = await openInvitation(db, secretHash(context.req.valid("param").token), now());
      if (open === null) throw new AppError("invitation-expired");
      const { role, expiresAt } = open.invitation;
      return context.json({ projectName: open.projectName, role, expiresAt: expiresAt.toISOString() }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/invitations/{token}/accept",
      ...about(TAG, "open", "Become a member: as who is signed in, or as a new person"),
      request: { params: tokenParam, ...takes(invitationAccept) },
      responses: answers(invitationAccepted),
    }),
    async (context) => {
      const hash = secretHash(context.req.valid("param").token);
      const newcomer = await prepared(context.req.valid("json"));
      const { caller } = context.var;
      const { used, person } = await db.transaction(async (tx) => {
        const joining = await joiningPerson(tx, caller, newcomer);
        const invitation = unwrap(await acceptInvitation(tx, { hash, personId: joining.id, now: now() }));
        const { projectId: project, id, role } = invitation;
        await appendAudit(tx, audited(joining.id, project, "member.joined", joining.id, { invitation: id, role }));
        return { used: invitation, person: joining };
      });
      sessions.revoke(person.id);
      events.tell(used.projectId, "project", { kind: "members", toast: null });
      return context.json({ projectId: used.projectId, email: person.email }, 200);
    },
  );
}

type Newcomer = { readonly name: string; readonly email: string; readonly passwordHash: string };

/** Hashing takes long on purpose, so it is done before the transaction. */
async function prepared(body: z.infer<typeof invitationAccept>): Promise<Newcomer | null> {
  if (!("email" in body)) return null;
  return { name: body.name, email: body.email, passwordHash: await hashPassword(body.password) };
}

async function joiningPerson(tx: World["db"], caller: Caller | null, newcomer: Newcomer | null): Promise<Person> {
  if (newcomer !== null) return unwrap(await createPerson(tx, newcomer));
  const person = caller === null ? null : await personById(tx, caller.personId);
  if (person === null) throw new AppError("not-signed-in");
  return person;
}

function audited(
  person: PersonId,
  project: ProjectId,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
) {
  return { personId: person, projectId: project, action, subject, detail };
}

function toInvitation(row: InvitationRow, maker: Person | undefined): Invitation {
  const { id, role, createdBy, createdAt, expiresAt, usedAt } = row;
  return {
    id,
    role,
    createdBy: { id: createdBy, name: maker?.name ?? "", colour: maker?.colour ?? "#888888" },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    usedAt: usedAt?.toISOString() ?? null,
  };
}
