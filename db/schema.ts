/** Every table, a file per aggregate; a comment on each states its invariant. Others import from here. */
export * from "./schema/audit.ts";
export * from "./schema/consensus.ts";
export * from "./schema/drafts.ts";
export * from "./schema/drift.ts";
export * from "./schema/guidelines.ts";
export * from "./schema/layers.ts";
export * from "./schema/nodes.ts";
export * from "./schema/people.ts";
export * from "./schema/projects.ts";
export * from "./schema/questions.ts";
export * from "./schema/releases.ts";
export * from "./schema/rounds.ts";
export * from "./schema/screening.ts";
export * from "./schema/slides.ts";
export * from "./schema/talk.ts";
export * from "./schema/tasks.ts";
export * from "./schema/trials.ts";
