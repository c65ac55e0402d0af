/**
 * Seeds that a fuzz plays: those of FUZZ_SEED, as 7 or 1,2,3; else those that are always played, and a new one at each run.
 * On CI there is no new one, so that red means a change.
 */
export function fuzzSeeds(always: readonly number[]): readonly number[] {
  const given = process.env["FUZZ_SEED"];
  if (given !== undefined) return given.split(",").map(Number);
  return process.env["CI"] === "true" ? always : [...always, Date.now() % 1_000_000];
}
