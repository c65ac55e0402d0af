import { randomBytes } from "node:crypto";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { appendAudit } from "#db/audit.ts";
import {
  type AccessToken,
  accessTokensOf,
  createAccessToken,
  type Person,
  personById,
  revokeAccessToken,
  setPassword,
  updatePerson,
} from "#db/people.ts";
import { AppError } from "#server/errors.ts";
import { hashPassword, verifyPassword } from "#server/password.ts";
import { type Caller, secretHash, TOKEN_PREFIX } from "#server/session.ts";
import { callerOf, router } from "./app.ts";
import { about, answers, takes } from "./operation.ts";
import { doneSchema, page } from "./schemas/common.ts";
import {
  type Me,
  meSchema,
  meUpdate,
  passwordUpdate,
  type Token,
  tokenCreate,
  tokenCreated,
  tokenSchema,
} from "./schemas/people.ts";
import type { ApiEnv, World } from "./world.ts";

const DAY_MS = 86_400_000;

/** The caller's own account: profile, password, access tokens. */
export function meRoutes(world: World): OpenAPIHono<ApiEnv> {
  const app = router();
  profileRoutes(app, world);
  tokenRoutes(app, world);
  return app;
}

function profileRoutes(app: OpenAPIHono<ApiEnv>, { db, sessions }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/me",
      ...about("People", "signed-in", "Who is asking"),
      responses: answers(meSchema),
    }),
    async (context) => context.json(toMe(await personOf(db, callerOf(context))), 200),
  );
  app.openapi(
    createRoute({
      method: "patch",
      path: "/me",
      ...about("People", "signed-in", "Change one's own name and colour"),
      request: takes(meUpdate),
      responses: answers(meSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { name, colour } = context.req.valid("json");
      const change = { ...(name === undefined ? {} : { name }), ...(colour === undefined ? {} : { colour }) };
      const person = await updatePerson(db, caller.personId, change);
      if (person === null) throw new AppError("not-found");
      sessions.revoke(caller.personId);
      return context.json(toMe(person), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/me/password",
      ...about("People", "signed-in", "Change one's own password; ends all other sessions"),
      request: takes(passwordUpdate),
      responses: answers(doneSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { current, next } = context.req.valid("json");
      const person = await personOf(db, caller);
      if (person.passwordHash !== null && !(await verifyPassword(person.passwordHash, current))) {
        throw new AppError("wrong-credentials");
      }
      const passwordHash = await hashPassword(next);
      await db.transaction(async (tx) => {
        await setPassword(tx, person.id, passwordHash);
        await appendAudit(tx, entry(person, "password.changed"));
      });
      sessions.revoke(person.id);
      return context.json({ done: true as const }, 200);
    },
  );
}

function tokenRoutes(app: OpenAPIHono<ApiEnv>, { db, sessions, now }: World): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/me/tokens",
      ...about("People", "signed-in", "One's own access tokens"),
      responses: answers(page(tokenSchema)),
    }),
    async (context) => {
      const tokens = await accessTokensOf(db, callerOf(context).personId);
      return context.json({ items: tokens.map(toToken), nextCursor: null }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/me/tokens",
      ...about("People", "signed-in", "Make an access token; its secret is answered this once"),
      request: takes(tokenCreate),
      responses: answers(tokenCreated),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { name, scope, days } = context.req.valid("json");
      const secret = `${TOKEN_PREFIX}${randomBytes(24).toString("base64url")}`;
      const hash = secretHash(secret);
      const expiresAt = days === null ? null : new Date(now().getTime() + days * DAY_MS);
      const token = await db.transaction(async (tx) => {
        const made = await createAccessToken(tx, { personId: caller.personId, name, scope, hash, expiresAt });
        await appendAudit(tx, {
          ...entry({ id: caller.personId }, "token.created"),
          subject: made.id,
          detail: { scope },
        });
        return made;
      });
      return context.json({ ...toToken(token), secret }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/me/tokens/{tokenId}",
      ...about("People", "signed-in", "Revoke one's own access token"),
      request: { params: z.object({ tokenId: z.string().max(64) }) },
      responses: answers(doneSchema),
    }),
    async (context) => {
      const caller = callerOf(context);
      const { tokenId } = context.req.valid("param");
      await db.transaction(async (tx) => {
        if (!(await revokeAccessToken(tx, caller.personId, tokenId, now())))
          throw new AppError("not-found", { tokenId });
        await appendAudit(tx, { ...entry({ id: caller.personId }, "token.revoked"), subject: tokenId });
      });
      sessions.revoke(caller.personId);
      return context.json({ done: true as const }, 200);
    },
  );
}

async function personOf(db: World["db"], caller: Caller): Promise<Person> {
  const person = await personById(db, caller.personId);
  if (person === null) throw new AppError("not-signed-in");
  return person;
}

function entry(person: Pick<Person, "id">, action: string) {
  return { personId: person.id, projectId: null, action, subject: person.id, detail: {} };
}

function toMe({ id, name, email, colour, passwordHash }: Person): Me {
  return { id, name, email, colour, hasPassword: passwordHash !== null };
}

function toToken({ id, name, scope, createdAt, expiresAt, lastUsedAt }: AccessToken): Token {
  return {
    id,
    name,
    scope,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
