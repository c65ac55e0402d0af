import { and, asc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import { type PersonId, personId } from "#domain/ids.ts";
import { ok, type Result, refuse } from "#domain/result.ts";
import type { Db } from "./client.ts";
import { newId } from "./new-id.ts";
import { accessTokens, endedSessions, identities, people } from "./schema.ts";

export type Person = typeof people.$inferSelect;
export type AccessToken = typeof accessTokens.$inferSelect;
export type TokenScope = AccessToken["scope"];

/** Colours of cursors and names; far apart in hue, readable on pink tissue and on white. */
const COLOURS = ["#1d4ed8", "#b45309", "#0f766e", "#7e22ce", "#be123c", "#3f6212", "#0369a1", "#86198f"] as const;

/** One spelling per mailbox: without outer blanks, in lower case. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

/**
 * Adds a person.
 * @param person.passwordHash argon2id, or null for somebody who comes through an identity provider only
 * @param person.colour one of a palette where absent, by the number of people so far
 * @returns refused with "email-taken" where the e-mail address has an account
 */
export async function createPerson(
  db: Db,
  person: Pick<Person, "email" | "name" | "passwordHash"> & { readonly colour?: string; readonly demo?: boolean },
): Promise<Result<Person, "email-taken">> {
  const email = normalEmail(person.email);
  const colour = person.colour ?? (await nextColour(db));
  const [created] = await db
    .insert(people)
    .values({
      id: newId(personId),
      email,
      name: person.name,
      colour,
      passwordHash: person.passwordHash,
      demo: person.demo ?? false,
    })
    .onConflictDoNothing({ target: people.email })
    .returning();
  return created === undefined ? refuse("email-taken", { email }) : ok(created);
}

async function nextColour(db: Db): Promise<string> {
  const [row] = await db.select({ count: sql<number>`count(*)::int` }).from(people);
  return COLOURS[(row?.count ?? 0) % COLOURS.length] ?? COLOURS[0];
}

export async function personById(db: Db, id: PersonId): Promise<Person | null> {
  const [row] = await db.select().from(people).where(eq(people.id, id));
  return row ?? null;
}

/** A session of a person who signed out is no good any more, on any node and after any restart. */
export async function endSession(db: Db, sessionId: string, at: Date, expiredBefore: Date): Promise<void> {
  await db.delete(endedSessions).where(lt(endedSessions.endedAt, expiredBefore));
  await db.insert(endedSessions).values({ sessionId, endedAt: at }).onConflictDoNothing();
}

/** The person of a session; null where they signed out of it. */
export async function personInSession(db: Db, id: PersonId, sessionId: string): Promise<Person | null> {
  const goesOn = sql`not exists (select 1 from ${endedSessions} where ${endedSessions.sessionId} = ${sessionId})`;
  const [row] = await db
    .select()
    .from(people)
    .where(and(eq(people.id, id), goesOn));
  return row ?? null;
}

export async function personByEmail(db: Db, email: string): Promise<Person | null> {
  const [row] = await db
    .select()
    .from(people)
    .where(eq(people.email, normalEmail(email)));
  return row ?? null;
}

/** The people with these ids, by id; ids of nobody are left out. */
export async function peopleById(db: Db, ids: readonly PersonId[]): Promise<Map<PersonId, Person>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(people)
    .where(inArray(people.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Whether anybody has an account here. */
export async function anybody(db: Db): Promise<boolean> {
  return (await db.select({ id: people.id }).from(people).limit(1)).length > 0;
}

/** Demo accounts, in order of their making. */
export async function demoPeople(db: Db): Promise<Person[]> {
  return await db.select().from(people).where(eq(people.demo, true)).orderBy(asc(people.createdAt), asc(people.email));
}

/** @returns the changed person, or null where there is none */
export async function updatePerson(
  db: Db,
  id: PersonId,
  change: { readonly name?: string | undefined; readonly colour?: string | undefined },
): Promise<Person | null> {
  if (change.name === undefined && change.colour === undefined) return await personById(db, id);
  const [row] = await db
    .update(people)
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.colour === undefined ? {} : { colour: change.colour }),
    })
    .where(eq(people.id, id))
    .returning();
  return row ?? null;
}

/** Sets a new password and ends every session of the person; the caller also tells the sessions in memory. */
export async function setPassword(db: Db, id: PersonId, passwordHash: string): Promise<void> {
  await db
    .update(people)
    .set({ passwordHash, tokenVersion: sql`${people.tokenVersion} + 1` })
    .where(eq(people.id, id));
}

/** Ends every session of the person; the caller also tells the sessions in memory. */
export async function endSessions(db: Db, id: PersonId): Promise<void> {
  await db
    .update(people)
    .set({ tokenVersion: sql`${people.tokenVersion} + 1` })
    .where(eq(people.id, id));
}

/** Who an identity provider means by this subject; null where nobody is linked. */
export async function personByIdentity(db: Db, issuer: string, subject: string): Promise<Person | null> {
  const [row] = await db
    .select({ person: people })
    .from(identities)
    .innerJoin(people, eq(people.id, identities.personId))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)));
  return row?.person ?? null;
}

/** Links a person to an identity; a link that exists stays as it is. */
export async function linkIdentity(
  db: Db,
  link: { readonly issuer: string; readonly subject: string; readonly personId: PersonId },
): Promise<void> {
  await db.insert(identities).values(link).onConflictDoNothing();
}

/** @param token.hash SHA-256 of the secret, hexadecimal; the secret itself is never stored */
export async function createAccessToken(
  db: Db,
  token: Pick<AccessToken, "personId" | "name" | "hash" | "scope" | "expiresAt">,
): Promise<AccessToken> {
  const [row] = await db
    .insert(accessTokens)
    .values({ id: newId(personId), ...token })
    .returning();
  if (row === undefined) throw new Error("an access token was not stored");
  return row;
}

/** A person's tokens that were not revoked, oldest first. */
export async function accessTokensOf(db: Db, owner: PersonId): Promise<AccessToken[]> {
  return await db
    .select()
    .from(accessTokens)
    .where(and(eq(accessTokens.personId, owner), isNull(accessTokens.revokedAt)))
    .orderBy(asc(accessTokens.createdAt), asc(accessTokens.id));
}

/** The token with this hash and whose it is, also where expired or revoked; null where there is none. */
export async function accessTokenByHash(
  db: Db,
  hash: string,
): Promise<{ readonly token: AccessToken; readonly person: Person } | null> {
  const [row] = await db
    .select({ token: accessTokens, person: people })
    .from(accessTokens)
    .innerJoin(people, eq(people.id, accessTokens.personId))
    .where(eq(accessTokens.hash, hash));
  return row ?? null;
}

export async function touchAccessToken(db: Db, id: string, now: Date): Promise<void> {
  await db.update(accessTokens).set({ lastUsedAt: now }).where(eq(accessTokens.id, id));
}

/** @returns false where the person has no such living token */
export async function revokeAccessToken(db: Db, owner: PersonId, id: string, now: Date): Promise<boolean> {
  const rows = await db
    .update(accessTokens)
    .set({ revokedAt: now })
    .where(and(eq(accessTokens.id, id), eq(accessTokens.personId, owner), isNull(accessTokens.revokedAt)))
    .returning({ id: accessTokens.id });
  return rows.length === 1;
}
