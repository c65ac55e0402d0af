import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import type { ClassRules } from "./rules.ts";

/** Every rule for outlines of a class, its smallest area and glass included. */
export type EffectiveRules = Omit<ClassRules, "inherits"> & Pick<ClassDefinition, "minAreaUm2" | "backgroundAllowed">;

/**
 * The rules that hold for a class: its own, and where it inherits those that it leaves open from the nearest class above
 * that sets them. Classes that may overlap add up.
 */
export function effectiveRules(content: GuidelineContent, classId: ClassId): EffectiveRules | null {
  const byId = new Map(content.classes.map((each) => [each.id, each]));
  const own = byId.get(classId);
  if (own === undefined) return null;
  let rules = ownRules(own);
  const seen = new Set([classId]);
  for (let at = own; at.rules.inherits && at.parentId !== null; ) {
    const parent = byId.get(at.parentId);
    if (parent === undefined || seen.has(parent.id)) break;
    rules = inherited(rules, ownRules(parent));
    seen.add(parent.id);
    at = parent;
  }
  return rules;
}

/**
 * Classes as findings are judged by: with the rules that they inherit, and with every class that may share tissue with
 * them, whichever of the two says so. The same rules as those of re-checks and previews.
 */
export function checkedClasses(content: GuidelineContent): ReadonlyMap<ClassId, ClassDefinition> {
  const effective = content.classes.flatMap((own) => {
    const rules = effectiveRules(content, own.id);
    return rules === null ? [] : [{ own, rules }];
  });
  return new Map(
    effective.map(({ own, rules: { minAreaUm2, backgroundAllowed, ...rules } }) => {
      const overlaps = effective.flatMap(({ own: { id }, rules: others }) =>
        id !== own.id && mayShare([own.id, rules], [id, others]) ? [id] : [],
      );
      return [own.id, { ...own, minAreaUm2, backgroundAllowed, rules: { ...rules, overlaps, inherits: false } }];
    }),
  );
}

const FIELDS = [
  "minAreaUm2",
  "maxAreaUm2",
  "advisedAreaUm2",
  "fieldOfView",
  "maxSharedShare",
  "overlaps",
  "nestedIn",
  "backgroundAllowed",
  "maxBackgroundShare",
  "minVariety",
  "severity",
] as const satisfies readonly (keyof EffectiveRules)[];
export type RuleField = (typeof FIELDS)[number];

/** Rules in which two sets differ, in a fixed order. */
export function differingRules(from: EffectiveRules, to: EffectiveRules): RuleField[] {
  return FIELDS.filter((field) => JSON.stringify(from[field]) !== JSON.stringify(to[field]));
}

/** Rules that an outline may violate after a change and did not have to satisfy before. */
export function tightenedRules(from: EffectiveRules, to: EffectiveRules): RuleField[] {
  return FIELDS.filter((field) => isTighter(field, from, to));
}

function isTighter(field: RuleField, from: EffectiveRules, to: EffectiveRules): boolean {
  switch (field) {
    case "minAreaUm2":
    case "minVariety":
      return raised(from[field], to[field]);
    case "maxAreaUm2":
    case "maxSharedShare":
    case "maxBackgroundShare":
      return lowered(from[field], to[field]);
    case "fieldOfView":
      return raised(needed(from.fieldOfView), needed(to.fieldOfView));
    case "overlaps":
      return to.maxSharedShare !== null && sharing(from).some((id) => !sharing(to).includes(id));
    case "nestedIn":
      return (
        to.nestedIn.length > 0 && (from.nestedIn.length === 0 || from.nestedIn.some((id) => !to.nestedIn.includes(id)))
      );
    case "backgroundAllowed":
      return from.backgroundAllowed && !to.backgroundAllowed && to.maxBackgroundShare !== null;
    case "advisedAreaUm2":
    case "severity":
      return false;
    default:
      return field satisfies never;
  }
}

/** Classes whose tissue may be shared: those that may overlap, and those that it lies in. */
function sharing({ overlaps, nestedIn }: Pick<EffectiveRules, "overlaps" | "nestedIn">): readonly ClassId[] {
  return [...overlaps, ...nestedIn];
}

/** True for two classes that may claim the same tissue: one of them says so, or one lies in the other. */
export function mayShare(
  [a, ofA]: readonly [ClassId, Pick<EffectiveRules, "overlaps" | "nestedIn">],
  [b, ofB]: readonly [ClassId, Pick<EffectiveRules, "overlaps" | "nestedIn">],
): boolean {
  return a === b || sharing(ofA).includes(b) || sharing(ofB).includes(a);
}

function raised(from: number | null, to: number | null): boolean {
  return to !== null && (from === null || to > from);
}

function lowered(from: number | null, to: number | null): boolean {
  return to !== null && (from === null || to < from);
}

/** Area that the fields of view take together, um2. */
function needed(rule: EffectiveRules["fieldOfView"]): number | null {
  return rule === null ? null : rule.count * rule.sideUm * rule.sideUm;
}

function ownRules({ rules, minAreaUm2, backgroundAllowed }: ClassDefinition): EffectiveRules {
  const { inherits: _, ...own } = rules;
  return { ...own, minAreaUm2, backgroundAllowed };
}

function inherited(own: EffectiveRules, above: EffectiveRules): EffectiveRules {
  return {
    ...own,
    minAreaUm2: own.minAreaUm2 ?? above.minAreaUm2,
    maxAreaUm2: own.maxAreaUm2 ?? above.maxAreaUm2,
    advisedAreaUm2: own.advisedAreaUm2 ?? above.advisedAreaUm2,
    fieldOfView: own.fieldOfView ?? above.fieldOfView,
    maxSharedShare: own.maxSharedShare ?? above.maxSharedShare,
    maxBackgroundShare: own.maxBackgroundShare ?? above.maxBackgroundShare,
    minVariety: own.minVariety ?? above.minVariety,
    overlaps: [...new Set([...own.overlaps, ...above.overlaps])],
    nestedIn: own.nestedIn.length > 0 ? own.nestedIn : above.nestedIn,
    severity: own.severity === "block" || above.severity === "block" ? "block" : "warn",
  };
}
