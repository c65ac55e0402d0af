import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import {
  createPerson,
  endSession,
  linkIdentity,
  normalEmail,
  type Person,
  personByEmail,
  personByIdentity,
} from "#db/people.ts";
import { type Attempts, createAttempts } from "./attempts.ts";
import { AppError, faultOf, problemOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { verifyPassword } from "./password.ts";
import { LONGEST_SESSION, type Sessions } from "./session.ts";

/** Answers the process that renders pages and runs sign-in; http.ts lets nobody else through. */
export type SignIn = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** What goes into the session cookie. */
export type SignedIn = Pick<Person, "id" | "name" | "email" | "tokenVersion">;

const MAX_BODY_BYTES = 16 * 1024;

const passwordBody = z.object({
  email: z.string().max(200),
  password: z.string().max(200),
  address: z.string().max(64),
});
const identityBody = z.object({
  issuer: z.url().max(400),
  subject: z.string().min(1).max(400),
  email: z.email().max(200),
  name: z.string().trim().min(1).max(80),
});
const signOutBody = z.object({ sessionId: z.string().min(16).max(64) });

type Context = { readonly db: Db; readonly sessions: Sessions; readonly log: Logger; readonly attempts: Attempts };

/** POST /internal/sign-in, /internal/oidc and /internal/sign-out. */
export function createSignIn(parts: {
  readonly db: Db;
  readonly sessions: Sessions;
  readonly log: Logger;
  readonly attempts?: Attempts;
}): SignIn {
  const context: Context = { ...parts, attempts: parts.attempts ?? createAttempts() };
  return async (req, res) => {
    try {
      answer(res, 200, await dispatch(context, req));
    } catch (error) {
      const code = error instanceof AppError ? error.code : "internal";
      if (code === "internal") context.log.error("sign-in.failed", error);
      answer(res, faultOf(code).status, problemOf(code));
    }
  };
}

async function dispatch(context: Context, req: IncomingMessage): Promise<unknown> {
  if (req.method !== "POST") throw new AppError("method-not-allowed");
  switch (req.url) {
    case "/internal/sign-in":
      return await byPassword(context, parse(passwordBody, await bodyOf(req)));
    case "/internal/oidc":
      return await byIdentity(context, parse(identityBody, await bodyOf(req)));
    case "/internal/sign-out":
      return await signOut(context, parse(signOutBody, await bodyOf(req)).sessionId);
    default:
      throw new AppError("not-found");
  }
}

async function signOut({ db, sessions }: Context, sessionId: string): Promise<Record<string, never>> {
  const now = new Date();
  await endSession(db, sessionId, now, new Date(now.getTime() - LONGEST_SESSION * 1_000));
  sessions.end(sessionId);
  return {};
}

async function byPassword(context: Context, body: z.infer<typeof passwordBody>): Promise<SignedIn> {
  const { db, log, attempts } = context;
  const email = normalEmail(body.email);
  if (!attempts.mayTry(email, body.address)) {
    log.warn("sign-in.throttled", { address: body.address });
    throw new AppError("too-many-attempts");
  }
  const person = await personByEmail(db, email);
  if (!(await verifyPassword(person?.passwordHash ?? null, body.password)) || person === null) {
    attempts.failed(email, body.address);
    log.warn("sign-in.refused", { address: body.address, personId: person?.id ?? null });
    throw new AppError("wrong-credentials");
  }
  attempts.succeeded(email, body.address);
  return await signedIn(context, person, "password");
}

/** Known by issuer and subject only: whoever controls an e-mail address elsewhere does not become its owner here. */
async function byIdentity(context: Context, identity: z.infer<typeof identityBody>): Promise<SignedIn> {
  const { db } = context;
  const known = await personByIdentity(db, identity.issuer, identity.subject);
  if (known !== null) return await signedIn(context, known, "identity-provider");
  const person = await db.transaction(async (tx) => {
    const created = await createPerson(tx, { email: identity.email, name: identity.name, passwordHash: null });
    if (!created.ok) throw new AppError(created.reason);
    await linkIdentity(tx, { issuer: identity.issuer, subject: identity.subject, personId: created.value.id });
    return created.value;
  });
  return await signedIn(context, person, "identity-provider");
}

async function signedIn({ db, log }: Context, person: Person, method: string): Promise<SignedIn> {
  await db.transaction(async (tx) => {
    await appendAudit(tx, {
      personId: person.id,
      projectId: null,
      action: "person.signed-in",
      subject: person.id,
      detail: { method },
    });
  });
  log.info("person.signed-in", { personId: person.id, method });
  return { id: person.id, name: person.name, email: person.email, tokenVersion: person.tokenVersion };
}

function parse<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new AppError("bad-request");
  return parsed.data;
}

async function bodyOf(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AppError("bad-request");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new AppError("bad-request", {}, cause);
  }
}

function answer(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(JSON.stringify(body));
}
