import { jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { ProjectId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { projects } from "./projects.ts";

/** Measures between reads, named by a hash of their inputs. A cache: it may be emptied at any time. */
export const driftMeasures = pgTable("drift_measures", {
  key: text("key").primaryKey(),
  projectId: text("project_id")
    .$type<ProjectId>()
    .notNull()
    .references(() => projects.id),
  result: jsonb("result").notNull(),
  computedAt: at("computed_at").notNull().defaultNow(),
});
