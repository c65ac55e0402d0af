import { count, percent } from "#app/_lib/format.ts";
import { type EffectiveRules, effectiveRules, type RuleField } from "#domain/guideline/effective.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { type Naming, RULE_WORDS } from "./change-words.ts";

type Said = (rules: EffectiveRules, name: Naming) => string | null;

/** What each rule asks of an outline, in a few words; null where it asks for nothing. */
const TEXTS: Readonly<Record<RuleField, Said>> = {
  minAreaUm2: ({ minAreaUm2 }) => (minAreaUm2 === null ? null : `at least ${count(minAreaUm2)} µm²`),
  maxAreaUm2: ({ maxAreaUm2 }) => (maxAreaUm2 === null ? null : `at most ${count(maxAreaUm2)} µm²`),
  advisedAreaUm2: ({ advisedAreaUm2 }) => (advisedAreaUm2 === null ? null : `better from ${count(advisedAreaUm2)} µm²`),
  fieldOfView: ({ fieldOfView }) =>
    fieldOfView === null
      ? null
      : `room for ${count(fieldOfView.count)} ${fieldOfView.count === 1 ? "square" : "squares"} of ${count(fieldOfView.sideUm)} µm`,
  maxSharedShare: ({ maxSharedShare }) =>
    maxSharedShare === null ? null : `at most ${percent(maxSharedShare)} shared with other classes`,
  overlaps: ({ overlaps }, name) => (overlaps.length === 0 ? null : `may overlap ${overlaps.map(name).join(", ")}`),
  nestedIn: ({ nestedIn }, name) => (nestedIn.length === 0 ? null : `lies inside ${nestedIn.map(name).join(" or ")}`),
  backgroundAllowed: ({ backgroundAllowed }) => (backgroundAllowed ? "may hold glass" : null),
  maxBackgroundShare: ({ maxBackgroundShare }) =>
    maxBackgroundShare === null ? null : `at most ${percent(maxBackgroundShare)} glass`,
  minVariety: ({ minVariety }) =>
    minVariety === null ? null : `at least ${percent(minVariety)} of the variety of its class`,
  severity: ({ severity }) => (severity === "block" ? "what breaks a rule stops a submit" : null),
};

/** Every rule that holds for outlines of a class, inherited ones too. */
export function rulesSaid(content: GuidelineContent, classId: ClassId, name: Naming): readonly string[] {
  const rules = effectiveRules(content, classId);
  return rules === null ? [] : Object.values(TEXTS).flatMap((said) => said(rules, name) ?? []);
}

export type RuleChange = { readonly rule: string; readonly before: string; readonly after: string };

/** What rules of a class asked and ask now, of those that are named; a side that asks nothing is "nothing". */
export function ruleChanges(
  fields: readonly string[],
  [before, after]: readonly [GuidelineContent, GuidelineContent],
  classId: ClassId,
  name: Naming,
): readonly RuleChange[] {
  const [from, to] = [effectiveRules(before, classId), effectiveRules(after, classId)];
  if (from === null || to === null) return [];
  return Object.entries(TEXTS)
    .filter(([field]) => fields.includes(field))
    .map(([field, said]) => ({
      rule: RULE_WORDS[field] ?? field,
      before: said(from, name) ?? "nothing",
      after: said(to, name) ?? "nothing",
    }));
}
