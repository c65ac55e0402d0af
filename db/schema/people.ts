import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { PersonId } from "#domain/ids.ts";
import { at } from "./columns.ts";

/** Someone who can sign in. E-mail is stored in lower case; a JWT is good only while its token version equals this one. */
export const people = pgTable(
  "people",
  {
    id: text("id").$type<PersonId>().primaryKey(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    colour: text("colour").notNull(),
    /** argon2id; null for people who sign in through an identity provider only. */
    passwordHash: text("password_hash"),
    tokenVersion: integer("token_version").notNull().default(1),
    /** A demo account; production refuses to start while one exists. */
    demo: boolean("demo").notNull().default(false),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [uniqueIndex("people_email").on(table.email)],
);

/** A person at an identity provider, linked by issuer and subject, never by mail. */
export const identities = pgTable(
  "identities",
  {
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.subject] })],
);

/** Personal access tokens; only the SHA-256 of a token is kept. */
export const accessTokens = pgTable(
  "access_tokens",
  {
    id: text("id").primaryKey(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    name: text("name").notNull(),
    hash: text("hash").notNull(),
    /** "read" or "write"; a read token can change nothing. */
    scope: text("scope").$type<"read" | "write">().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at"),
    lastUsedAt: at("last_used_at"),
    revokedAt: at("revoked_at"),
  },
  (table) => [uniqueIndex("access_tokens_hash").on(table.hash), index("access_tokens_person").on(table.personId)],
);
