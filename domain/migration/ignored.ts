import { type AnnotationFacts, followFacts, UNSETTLED } from "#domain/migration.ts";
import type { History } from "./events.ts";

/**
 * Whether an outline is a region to ignore by now: the change that left it without a class said so. What was left without
 * one by a change that did not say so is only set aside.
 */
export function isIgnored(
  { classId, under, shape }: Pick<AnnotationFacts, "classId" | "under" | "shape">,
  history: History,
): boolean {
  const facts = { classId, under, shape, attributes: null, violations: [] };
  const { archived, effects } = followFacts(facts, UNSETTLED, history);
  if (!archived) return false;
  const ends = effects.flatMap(({ version, index, outcome }) => {
    const change = history.find(({ number }) => number === version)?.changes[index];
    return outcome === "archive" && change?.kind === "retire" ? [{ version, ignore: change.ignore === true }] : [];
  });
  const last = Math.max(0, ...ends.map(({ version }) => version));
  return ends.length > 0 && ends.every(({ version, ignore }) => version < last || ignore);
}
