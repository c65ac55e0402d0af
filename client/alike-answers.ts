import type { ClassDefinition } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import type { TaskItem } from "./answers.ts";
import { type AskedAttribute, askedOnChoice, askedOnKeep, withAttributes } from "./asked-attributes.ts";
import type { AnsweredItem } from "./task-walk.ts";

type Said = Readonly<Record<string, string>>;
type Classes = ReadonlyMap<string, ClassDefinition>;

/** A class for each of several items; what it requires is said for those that lack it. */
export function chooseEach(items: readonly TaskItem[], chosen: ClassDefinition, said: Said): readonly AnsweredItem[] {
  const answer = { verdict: "choose", classId: chosen.id } as const;
  return items.map((item) => {
    const lacking = new Set(askedOnChoice(item, chosen).map(({ definition }) => definition.id as string));
    const own = Object.fromEntries(Object.entries(said).filter(([id]) => lacking.has(id)));
    return { item, answer: withAttributes(answer, own) };
  });
}

/** Items kept as they are, with what is asked about them said alike. */
export function keepEach(items: readonly TaskItem[], said: Said): readonly AnsweredItem[] {
  return items.map((item) => ({ item, answer: withAttributes({ verdict: "keep" }, said) }));
}

/** What has to be said, for any of the items, to keep them or to give them a class. */
export function askedOfAny(
  items: readonly TaskItem[],
  chosen: ClassDefinition | null,
  current: ClassDefinition | undefined,
): readonly AskedAttribute[] {
  const found = new Map<string, AskedAttribute>();
  for (const item of items) {
    const asked =
      chosen !== null ? askedOnChoice(item, chosen) : current === undefined ? [] : askedOnKeep(item, current);
    for (const each of asked) if (!found.has(each.definition.id)) found.set(each.definition.id, each);
  }
  return [...found.values()];
}

/**
 * To each item the class that is suggested for it. Items without a suggestion are left, and those whose class needs
 * something that nobody has said about them.
 */
export function takeSuggestions(
  items: readonly TaskItem[],
  byId: Classes,
): { readonly answers: readonly AnsweredItem[]; readonly left: number; readonly byClass: ReadonlyMap<string, number> } {
  const answers: AnsweredItem[] = [];
  const byClass = new Map<string, number>();
  for (const item of items) {
    const chosen = byId.get(item.suggestion?.classId ?? "");
    if (chosen === undefined || askedOnChoice(item, chosen).length > 0) continue;
    answers.push({ item, answer: { verdict: "choose", classId: classId.parse(chosen.id) } });
    byClass.set(chosen.id, (byClass.get(chosen.id) ?? 0) + 1);
  }
  return { answers, left: items.length - answers.length, byClass };
}
