import fc from "fast-check";

/**
 * On CI property tests draw the same cases every time, so that red means a change; elsewhere new ones at each run.
 * FC_SEED draws a run again.
 */
const seed = process.env["FC_SEED"] ?? (process.env["CI"] === "true" ? "20261124" : undefined);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
