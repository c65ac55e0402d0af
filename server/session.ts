import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { decode } from "next-auth/jwt";
import { z } from "zod";
import type { Db } from "#db/client.ts";
import { accessTokenByHash, type Person, personInSession, type TokenScope, touchAccessToken } from "#db/people.ts";
import { type PersonId, personId } from "#domain/ids.ts";

/** Who is asking. A caller with scope "read" may change nothing. */
export type Caller = {
  readonly personId: PersonId;
  readonly name: string;
  readonly colour: string;
  readonly email: string;
  readonly scope: TokenScope;
  readonly via: "cookie" | "token";
  /** Wall clock at which session or token end, ms; absent where they do not. */
  readonly expiresAt?: number;
};

export type Sessions = {
  /** Null for nobody, and for a session or token that is unknown, expired, revoked or malformed. */
  authenticate(req: IncomingMessage): Promise<Caller | null>;
  fromHeaders(headers: IncomingHttpHeaders): Promise<Caller | null>;
  /** Forgets what is remembered of a person: the next request of theirs is looked up. Call after every change of a person. */
  revoke(person: PersonId): void;
  /** Ends one session that is stored as ended (`endSession`): who opened sockets with it is told of. */
  end(sessionId: string): void;
  /** Forgets everything remembered: what other nodes changed may have been missed. Tells nobody. */
  forgetAll(): void;
  /** Called with everybody whose sessions were revoked; whoever holds open sockets asks again. @returns its end */
  onRevoked(listener: (person: PersonId) => void): () => void;
};

/** What a personal access token begins with, so that leaked ones are found by a search. */
export const TOKEN_PREFIX = "cpt_";
/** The name of the session cookie; a browser keeps the second only from a secure site. */
const COOKIE = "next-auth.session-token";
const SECURE_COOKIE = `__Secure-${COOKIE}`;
/** How long a looked up answer is good. A change made by this process is known at once, by `revoke`. */
const FRESH_MS = 30_000;
const MAX_REMEMBERED = 10_000;
/** After this a person signs in again, however busy they were. Seconds. */
export const LONGEST_SESSION = 7 * 24 * 3_600;

/** What app/api/auth/options.ts puts into a session cookie; `sessionId` stays the same while the cookie is renewed. */
const claims = z.object({
  personId,
  sessionId: z.string(),
  tokenVersion: z.int(),
  signedInAt: z.int(),
  exp: z.int(),
});

type Credential = { readonly kind: "cookie" | "token"; readonly value: string };
type Found = { readonly caller: Caller; readonly expiresAt: number; readonly sessionId: string | null };
type Remembered = {
  readonly found: Promise<Found | null>;
  readonly at: number;
  person: PersonId | null;
  sessionId: string | null;
};

/** The SHA-256 of a secret as it is stored: of access tokens and of invitation links. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/**
 * Recognises callers by session cookie or personal access token. After the first look a caller is answered from
 * memory, so that tiles need no query.
 * @param secret the one that pages sign sessions with
 * @param url the public address; under https only the secure cookie counts
 */
export function createSessions({ db, secret, url }: { db: Db; secret: string; url: string }): Sessions {
  const remembered = new Map<string, Remembered>();
  const ended = new Set<string>();
  const listeners = new Set<(person: PersonId) => void>();
  const cookieName = url.startsWith("https:") ? SECURE_COOKIE : COOKIE;

  const look = async (credential: Credential): Promise<Found | null> =>
    credential.kind === "token" ? await byToken(db, credential.value) : await byCookie(db, secret, credential.value);

  const tell = (person: PersonId): void => {
    for (const listener of listeners) listener(person);
  };
  const living = (found: Found | null): Caller | null => {
    if (found === null || found.expiresAt <= Date.now()) return null;
    return found.sessionId !== null && ended.has(found.sessionId) ? null : found.caller;
  };

  const fromHeaders = async (headers: IncomingHttpHeaders): Promise<Caller | null> => {
    const credential = credentialIn(headers, cookieName);
    if (credential === null) return null;
    const key = secretHash(`${credential.kind}:${credential.value}`);
    const known = remembered.get(key);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return living(await known.found);
    const entry: Remembered = { found: look(credential), at: Date.now(), person: null, sessionId: null };
    remembered.delete(key);
    remembered.set(key, entry);
    forgetOldest(remembered);
    try {
      const found = await entry.found;
      entry.person = found?.caller.personId ?? null;
      entry.sessionId = found?.sessionId ?? null;
      return living(found);
    } catch (error) {
      // A failed look is no answer; the next request looks again.
      if (remembered.get(key) === entry) remembered.delete(key);
      throw error;
    }
  };

  return {
    authenticate: (req) => fromHeaders(req.headers),
    fromHeaders,
    revoke(person) {
      for (const [key, entry] of remembered) {
        // A look that is still under way may have read the state before the change.
        if (entry.person === person || entry.person === null) remembered.delete(key);
      }
      tell(person);
    },
    end(sessionId) {
      ended.add(sessionId);
      forgetOldest(ended);
      for (const entry of remembered.values()) {
        if (entry.sessionId === sessionId && entry.person !== null) tell(entry.person);
      }
    },
    forgetAll: () => remembered.clear(),
    onRevoked(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function forgetOldest(remembered: Map<string, Remembered> | Set<string>): void {
  for (const key of remembered.keys()) {
    if (remembered.size <= MAX_REMEMBERED) return;
    remembered.delete(key);
  }
}

/** A token counts before a cookie, and a bad token is not made good by a cookie. */
function credentialIn(headers: IncomingHttpHeaders, cookieName: string): Credential | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const [scheme, value] = authorization.split(" ");
    if (scheme?.toLowerCase() !== "bearer" || !value?.startsWith(TOKEN_PREFIX) || value.length > 200) return null;
    return { kind: "token", value };
  }
  const value = cookieValue(headers.cookie ?? "", cookieName);
  return value === "" ? null : { kind: "cookie", value };
}

/** The value of a cookie that may have been split into name.0, name.1 and so on. */
function cookieValue(header: string, name: string): string {
  const parts: { readonly index: number; readonly value: string }[] = [];
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, equals).trim();
    if (equals < 0 || !key.startsWith(name)) continue;
    const suffix = key.slice(name.length);
    const value = pair.slice(equals + 1).trim();
    if (suffix === "") return value;
    if (/^\.\d{1,2}$/.test(suffix)) parts.push({ index: Number(suffix.slice(1)), value });
  }
  return parts
    .sort((a, b) => a.index - b.index)
    .map((part) => part.value)
    .join("");
}

async function byCookie(db: Db, secret: string, value: string): Promise<Found | null> {
  const payload = await decode({ token: value, secret }).catch(() => null);
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return null;
  const { personId: id, sessionId, tokenVersion, signedInAt, exp } = parsed.data;
  const person = await personInSession(db, id, sessionId);
  if (person === null || person.tokenVersion !== tokenVersion) return null;
  const expiresAt = Math.min(exp, signedInAt + LONGEST_SESSION) * 1_000;
  return { caller: { ...callerOf(person, "write", "cookie"), expiresAt }, expiresAt, sessionId };
}

async function byToken(db: Db, value: string): Promise<Found | null> {
  const found = await accessTokenByHash(db, secretHash(value));
  if (found === null || found.token.revokedAt !== null) return null;
  const { id, scope } = found.token;
  const expiresAt = found.token.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiresAt <= Date.now()) return null;
  await touchAccessToken(db, id, new Date());
  const caller = callerOf(found.person, scope, "token");
  return { caller: Number.isFinite(expiresAt) ? { ...caller, expiresAt } : caller, expiresAt, sessionId: null };
}

function callerOf(person: Person, scope: TokenScope, via: Caller["via"]): Caller {
  return { personId: person.id, name: person.name, colour: person.colour, email: person.email, scope, via };
}
