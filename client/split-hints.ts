import type { SplitHint } from "#domain/guideline/change.ts";
import type { ClassDefinition, GuidelineVersion } from "#domain/guideline.ts";
import { type AttributeId, type ClassId, classId as classIdSchema } from "#domain/ids.ts";
import { resolve } from "#domain/migration.ts";

/** A class to be made by a split, or one that is there already. */
export type SplitTarget = { readonly id: ClassId; readonly name: string; readonly colour: string };

/** How a lead fills in the choice of a split: by one attribute, each value for a class. */
export type SplitFilling = {
  readonly attributeId: AttributeId | null;
  /** The class that a value of a choice suggests. */
  readonly byValue: Readonly<Record<string, string>>;
  /** What was typed for each class, separated by commas: numbers or words. */
  readonly typed?: Readonly<Record<string, string>>;
  /** The class that is suggested for what was of another class before a merge. */
  readonly byFormer?: Readonly<Record<string, string>>;
};

/** What a filling says; the first class that claims a value has it, and classes that are no part say nothing. */
export function hintsOf(filling: SplitFilling, into: readonly SplitTarget[]): SplitHint[] {
  return [...attributeHints(filling, into), ...formerHints(filling, into)];
}

/**
 * Classes that became another one by themselves, as by a merge: what was drawn as one of them may be told apart again when
 * that one is split.
 * @param versions oldest first
 */
export function formersOf(classId: ClassId, versions: readonly GuidelineVersion[]): readonly ClassDefinition[] {
  const classes = versions.at(-1)?.content.classes ?? [];
  return classes.filter(({ id, retired }) => {
    const drawn = versions.findLast(({ content }) => content.classes.some((each) => each.id === id && !each.retired));
    if (!retired || id === classId || drawn === undefined) return false;
    const now = resolve(id, drawn.number, versions);
    return now.classId === classId && !now.questions.some(({ kind }) => kind === "choose");
  });
}

function formerHints({ byFormer = {} }: SplitFilling, into: readonly SplitTarget[]): SplitHint[] {
  return Object.entries(byFormer).flatMap(([former, chosen]): SplitHint[] => {
    const target = into.find(({ id }) => id === chosen);
    return target === undefined ? [] : [{ from: "former", formerId: classIdSchema.parse(former), classId: target.id }];
  });
}

function attributeHints({ attributeId, byValue, typed = {} }: SplitFilling, into: readonly SplitTarget[]): SplitHint[] {
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
