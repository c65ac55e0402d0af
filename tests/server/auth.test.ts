import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auditHead } from "#db/audit.ts";
import {
  createAccessToken,
  createPerson,
  endSession,
  endSessions,
  type Person,
  personByEmail,
  revokeAccessToken,
  updatePerson,
} from "#db/people.ts";
import { endedSessions } from "#db/schema.ts";
import type { PersonId } from "#domain/ids.ts";
import { createAttempts } from "#server/attempts.ts";
import { SILENT_LOG } from "#server/log.ts";
import { hashPassword, verifyPassword } from "#server/password.ts";
import { createSessions, type Sessions, secretHash, TOKEN_PREFIX } from "#server/session.ts";
import { createSignIn } from "#server/sign-in.ts";
import { cpuMs } from "#tests/support/cpu.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";

const SECRET = "a secret of at least 32 characters";
const PASSWORD = "correct horse";

let database: TestDatabase;
let sessions: Sessions;
let person: Person;
let made = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  sessions = createSessions({ db: database.db, secret: SECRET, url: "http://localhost:3000" });
  person = await somebody();
});

async function somebody(): Promise<Person> {
  made += 1;
  const passwordHash = await hashPassword(PASSWORD);
  const created = await createPerson(database.db, { email: `p${made}@example.org`, name: "Ada", passwordHash });
  if (!created.ok) throw new Error(created.reason);
  return created.value;
}

type Claims = { readonly tokenVersion?: number; readonly signedInAt?: number; readonly sessionId?: string };

async function cookieOf(of: Person, claims: Claims = {}, { secret = SECRET, maxAge = 600 } = {}): Promise<string> {
  const signedInAt = Math.floor(Date.now() / 1_000);
  const token = {
    personId: of.id,
    tokenVersion: of.tokenVersion,
    signedInAt,
    sessionId: `session of ${of.id}`,
    ...claims,
  };
  return await encode({ token, secret, maxAge });
}

const plain = (value: string): IncomingHttpHeaders => ({ cookie: `a=b; next-auth.session-token=${value}` });
const bearer = (value: string): IncomingHttpHeaders => ({ authorization: `Bearer ${value}` });

async function tokenOf(of: Person, expiresAt: Date | null = null) {
  made += 1;
  const secret = `${TOKEN_PREFIX}${of.id}${made}`;
  const given = { personId: of.id, name: "t", hash: secretHash(secret), scope: "read" as const, expiresAt };
  const token = await createAccessToken(database.db, given);
  return { secret, id: token.id };
}

describe("sessions", () => {
  test("[AUT1] a session cookie is recognised, also in pieces, and names its person", async () => {
    const value = await cookieOf(person);
    const caller = { personId: person.id, name: "Ada", email: person.email, scope: "write", via: "cookie" };
    expect(await sessions.fromHeaders(plain(value))).toMatchObject(caller);
    const [one, two] = [value.slice(0, 50), value.slice(50)];
    const split = { cookie: `next-auth.session-token.1=${two}; next-auth.session-token.0=${one}` };
    expect(await sessions.fromHeaders(split)).toMatchObject(caller);
  });

  test("[AUT2] under https only the secure cookie counts", async () => {
    const value = await cookieOf(person);
    const secure = createSessions({ db: database.db, secret: SECRET, url: "https://example.org" });
    expect(await secure.fromHeaders(plain(value))).toBeNull();
    expect(await secure.fromHeaders({ cookie: `__Secure-next-auth.session-token=${value}` })).not.toBeNull();
    expect(await sessions.fromHeaders({ cookie: `__Secure-next-auth.session-token=${value}` })).toBeNull();
  });

  test("[AUT3] a foreign, expired, outdated, overlong or malformed session is nobody", async () => {
    const week = 8 * 24 * 3_600;
    const bad = [
      await cookieOf(person, {}, { secret: "another secret of 32 characters!!" }),
      await cookieOf(person, {}, { maxAge: -60 }),
      await cookieOf(person, { tokenVersion: 0 }),
      await cookieOf(person, { signedInAt: Math.floor(Date.now() / 1_000) - week }),
      await encode({ token: { name: "half a session" }, secret: SECRET }),
      "garbage",
      "",
    ];
    for (const value of bad) expect(await sessions.fromHeaders(plain(value)), value).toBeNull();
    expect(await sessions.fromHeaders({})).toBeNull();
  });

  test("[AUT4] an access token is recognised with its scope; a revoked, expired or unknown one is nobody", async () => {
    const token = await tokenOf(person);
    const old = await tokenOf(person, new Date(Date.now() - 1_000));
    expect(await sessions.fromHeaders(bearer(token.secret))).toMatchObject({ scope: "read", via: "token" });
    expect(await sessions.fromHeaders(bearer(old.secret))).toBeNull();
    await revokeAccessToken(database.db, person.id, token.id, new Date());
    sessions.revoke(person.id);
    expect(await sessions.fromHeaders(bearer(token.secret))).toBeNull();
    expect(await sessions.fromHeaders(bearer(`${TOKEN_PREFIX}unknown`))).toBeNull();
  });

  test("[AUT5] a bad token is not made good by a good cookie", async () => {
    const cookie = plain(await cookieOf(person));
    expect(await sessions.fromHeaders({ ...cookie, ...bearer(`${TOKEN_PREFIX}unknown`) })).toBeNull();
    expect(await sessions.fromHeaders({ ...cookie, authorization: "Basic YTpi" })).toBeNull();
  });

  test("[AUT6] after the first look a caller is answered without the database", async () => {
    const counted = { queries: 0 };
    const db = new Proxy(database.db, {
      get(target, name, receiver) {
        if (name === "select") counted.queries += 1;
        return Reflect.get(target, name, receiver);
      },
    });
    const counting = createSessions({ db, secret: SECRET, url: "http://localhost:3000" });
    const headers = plain(await cookieOf(person));
    await Promise.all(Array.from({ length: 50 }, () => counting.fromHeaders(headers)));
    expect(counted.queries).toBe(1);
  });

  test("[AUT7] a change is known at once where it was told, and ends every session of the person", async () => {
    const headers = plain(await cookieOf(person));
    const told: PersonId[] = [];
    const forget = sessions.onRevoked((id) => told.push(id));
    await sessions.fromHeaders(headers);
    await updatePerson(database.db, person.id, { name: "Grace" });
    sessions.revoke(person.id);
    expect(await sessions.fromHeaders(headers)).toMatchObject({ name: "Grace" });
    await endSessions(database.db, person.id);
    sessions.revoke(person.id);
    expect(await sessions.fromHeaders(headers)).toBeNull();
    forget();
    sessions.revoke(person.id);
    expect(told).toEqual([person.id, person.id]);
  });

  test("[AUT8] signing out ends that session, also its copies, and no other", async () => {
    const one = plain(await cookieOf(person, { sessionId: "session number one" }));
    const copy = plain(await cookieOf(person, { sessionId: "session number one" }));
    const other = plain(await cookieOf(person, { sessionId: "session number two" }));
    await sessions.fromHeaders(one);
    const told: PersonId[] = [];
    sessions.onRevoked((id) => told.push(id));
    sessions.end("session number one");
    expect(told).toEqual([person.id]);
    expect(await sessions.fromHeaders(one)).toBeNull();
    expect(await sessions.fromHeaders(copy)).toBeNull();
    expect(await sessions.fromHeaders(other)).not.toBeNull();
  });

  test("[AUT8] a session that ended stays ended after a restart, and on every node", async () => {
    const sessionId = "session number three";
    const headers = plain(await cookieOf(person, { sessionId }));
    const restarted = () => createSessions({ db: database.db, secret: SECRET, url: "http://localhost:3000" });
    expect(await restarted().fromHeaders(headers)).not.toBeNull();
    const now = new Date();
    for (let twice = 0; twice < 2; twice++) await endSession(database.db, sessionId, now, new Date(0));
    expect(await restarted().fromHeaders(headers)).toBeNull();
    await endSession(database.db, "another session", now, new Date(now.getTime() + 1));
    expect(await database.db.select().from(endedSessions)).toMatchObject([{ sessionId: "another session" }]);
  });

  test("[AUT9] a look that fails is not remembered as an answer", async () => {
    let broken = true;
    const db = new Proxy(database.db, {
      get(target, name, receiver) {
        if (name === "select" && broken) throw new Error("database away");
        return Reflect.get(target, name, receiver);
      },
    });
    const flaky = createSessions({ db, secret: SECRET, url: "http://localhost:3000" });
    const headers = plain(await cookieOf(person));
    await expect(flaky.fromHeaders(headers)).rejects.toThrow("database away");
    broken = false;
    expect(await flaky.fromHeaders(headers)).not.toBeNull();
  });
});

describe("passwords", () => {
  test("[AUT10] they are kept as argon2id; only the right one matches, and none matches no hash", async () => {
    const encoded = await hashPassword("pässword");
    expect(encoded).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(encoded, "pa\u0308ssword")).toBe(true);
    expect(await verifyPassword(encoded, "password")).toBe(false);
    expect(await verifyPassword(null, "password")).toBe(false);
  });

  test("[AUT11] an unknown e-mail costs as much work as a wrong password", async () => {
    const timed = async (encoded: string | null) => {
      const started = cpuMs();
      for (let index = 0; index < 4; index++) await verifyPassword(encoded, "wrong");
      return cpuMs() - started;
    };
    const encoded = await hashPassword(PASSWORD);
    // The least of several rounds: collecting garbage and compiling only ever add.
    let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 8; round++) {
      known = Math.min(known, await timed(encoded));
      unknown = Math.min(unknown, await timed(null));
    }
    const ratio = unknown / known;
    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(3);
  });
});

describe("throttling", () => {
  test("[AUT12] a guesser is slowed down, and neither the owner nor colleagues at other addresses are", () => {
    let now = 0;
    const attempts = createAttempts(() => now);
    attempts.succeeded("ada@x", "home");
    for (let index = 0; index < 8; index++) attempts.failed("ada@x", "evil");
    expect(attempts.mayTry("ada@x", "evil")).toBe(false);
    expect(attempts.mayTry("ada@x", "home")).toBe(true);
    expect(attempts.mayTry("bob@x", "evil")).toBe(true);
    now += 5 * 60_000;
    expect(attempts.mayTry("ada@x", "evil")).toBe(true);
  });

  test("[AUT13] guessing one account from many addresses, and many accounts from one, ends too", () => {
    const attempts = createAttempts(() => 0);
    attempts.succeeded("ada@x", "home");
    for (let index = 0; index < 60; index++) attempts.failed("ada@x", `address ${index}`);
    expect(attempts.mayTry("ada@x", "new address")).toBe(false);
    expect(attempts.mayTry("ada@x", "home")).toBe(true);
    for (let index = 0; index < 60; index++) attempts.failed(`person ${index}`, "sprayer");
    expect(attempts.mayTry("somebody", "sprayer")).toBe(false);
  });
});

describe("sign-in for the pages process", () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    const signIn = createSignIn({ db: database.db, sessions: lateSessions, log: SILENT_LOG });
    server = createServer((req, res) => void signIn(req, res));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  async function post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${base}/internal/${path}`, { method: "POST", body: text });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  test("[AUT14] e-mail and password give the person, and an audit entry; a wrong one gives neither", async () => {
    const before = await auditHead(database.db);
    const right = await post("sign-in", { email: person.email.toUpperCase(), password: PASSWORD, address: "a" });
    expect(right).toEqual({
      status: 200,
      body: { id: person.id, name: "Ada", email: person.email, tokenVersion: 1 },
    });
    expect((await auditHead(database.db)).seq).toBe(before.seq + 1);
    const wrong = await post("sign-in", { email: person.email, password: "wrong", address: "a" });
    const unknown = await post("sign-in", { email: "nobody@example.org", password: PASSWORD, address: "a" });
    expect(wrong).toMatchObject({ status: 401, body: { code: "wrong-credentials" } });
    expect(unknown).toEqual(wrong);
    expect((await auditHead(database.db)).seq).toBe(before.seq + 1);
  });

  test("[AUT15] after too many failures from an address even the right password is refused there, and only there", async () => {
    const guess = (password: string, address: string) => post("sign-in", { email: person.email, password, address });
    for (let index = 0; index < 8; index++) expect((await guess("wrong", "evil")).status).toBe(401);
    expect(await guess(PASSWORD, "evil")).toMatchObject({ status: 429, body: { code: "too-many-attempts" } });
    expect((await guess(PASSWORD, "home")).status).toBe(200);
  });

  test("[AUT16] somebody from an identity provider is known by issuer and subject, and never takes over an e-mail", async () => {
    const identity = { issuer: "https://id.example.org", subject: "42", email: "new@example.org", name: "New" };
    const first = await post("oidc", identity);
    const again = await post("oidc", { ...identity, email: "changed@example.org" });
    expect(again.body["id"]).toBe(first.body["id"]);
    const thief = await post("oidc", { ...identity, subject: "43", email: person.email });
    expect(thief).toMatchObject({ status: 409, body: { code: "email-taken" } });
    const other = await post("oidc", { ...identity, issuer: "https://other.example.org", email: "o@example.org" });
    expect(other.body["id"]).not.toBe(first.body["id"]);
    expect((await personByEmail(database.db, "new@example.org"))?.passwordHash).toBeNull();
  });

  test("[AUT17] what is malformed, too large or elsewhere is refused", async () => {
    expect((await post("sign-in", "{")).status).toBe(400);
    expect((await post("sign-in", { email: person.email })).status).toBe(400);
    expect((await post("sign-in", { email: "x".repeat(20_000), password: "", address: "" })).status).toBe(400);
    expect((await post("elsewhere", {})).status).toBe(404);
    expect((await fetch(`${base}/internal/sign-in`)).status).toBe(405);
  });

  test("[AUT18] signing out is passed on to the sessions", async () => {
    ended.length = 0;
    expect((await post("sign-out", { sessionId: "a session of sixteen" })).status).toBe(200);
    expect(ended).toEqual(["a session of sixteen"]);
  });
});

const ended: string[] = [];
/** Passes on to the sessions of the running test. */
const lateSessions: Sessions = {
  authenticate: (req) => sessions.authenticate(req),
  fromHeaders: (headers) => sessions.fromHeaders(headers),
  revoke: (id) => sessions.revoke(id),
  end(sessionId) {
    ended.push(sessionId);
    sessions.end(sessionId);
  },
  forgetAll: () => sessions.forgetAll(),
  onRevoked: (listener) => sessions.onRevoked(listener),
};
