import type { SplitHint } from "#domain/guideline/change.ts";
import type { AttributeId, ClassId } from "#domain/ids.ts";

/** A class to be made by a split, or one that is there already. */
export type SplitTarget = { readonly id: ClassId; readonly name: string; readonly colour: string };

/** How a lead fills in the choice of a split: by one attribute, each value for a class. */
export type SplitFilling = {
  readonly attributeId: AttributeId | null;
  /** The class that a value of a choice suggests. */
  readonly byValue: Readonly<Record<string, string>>;
  /** What was typed for each class, separated by commas: numbers or words. */
  readonly typed?: Readonly<Record<string, string>>;
};

/** What a filling says; the first class that claims a value has it, and classes that are no part say nothing. */
export function hintsOf({ attributeId, byValue, typed = {} }: SplitFilling, into: readonly SplitTarget[]): SplitHint[] {
  if (attributeId === null) return [];
  const hints = new Map<string, SplitHint>();
  const add = (value: string, classId: ClassId) => {
    if (value !== "" && !hints.has(value)) hints.set(value, { from: "attribute", attributeId, value, classId });
  };
  for (const target of into) {
    for (const [value, chosen] of Object.entries(byValue)) if (chosen === target.id) add(value, target.id);
    for (const value of (typed[target.id] ?? "").split(",")) add(value.trim(), target.id);
  }
  return [...hints.values()];
}
