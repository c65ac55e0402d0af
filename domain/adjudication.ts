import { z } from "zod";

/** What an adjudicator can do about a dispute. */
export const decisionMethodSchema = z.enum([
  "accept-read",
  "majority",
  "union",
  "intersection",
  "redraw",
  "exclude",
  "unresolved",
]);
export type DecisionMethod = z.infer<typeof decisionMethodSchema>;
