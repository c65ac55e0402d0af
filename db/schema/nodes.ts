import { bigint, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";

/**
 * What one node tells the others that must not get lost: something changed, look again. Numbered without a gap, in the order
 * of commits; old ones are swept, the newest one stays so that numbers go on.
 */
export const nodeSignals = pgTable("node_signals", {
  id: bigint("id", { mode: "number" }).primaryKey(),
  at: at("at").notNull().defaultNow(),
  /** The node that sent it, which does not hear it. */
  sender: text("sender").notNull(),
  body: jsonb("body").$type<unknown>().notNull(),
});

/** Sessions whose person signed out, kept until they would have expired. */
export const endedSessions = pgTable("ended_sessions", {
  sessionId: text("session_id").primaryKey(),
  endedAt: at("ended_at").notNull().defaultNow(),
});
