import { plural } from "#app/_lib/format.ts";
import { askedOfAny, chooseEach, keepEach, takeSuggestions } from "#client/alike-answers.ts";
import type { TaskItem } from "#client/answers.ts";
import type { AskedAttribute } from "#client/asked-attributes.ts";
import type { AnsweredItem } from "#client/task-walk.ts";
import type { ClassDefinition } from "#domain/guideline.ts";

type Said = Readonly<Record<string, string>>;
type Classes = ReadonlyMap<string, ClassDefinition>;
/** Answers as they will be given, and how they are called. */
export type Batch = { readonly answers: readonly AnsweredItem[]; readonly says: string; readonly about: string };
/** What has to be said before there is a batch; nothing where it is empty. */
export type Asking = { readonly asked: readonly AskedAttribute[]; readonly batchOf: (said: Said) => Batch };
/** One thing that can be said about all of the items at once, with its key. */
export type AlikeChoice = Asking & {
  readonly key: string;
  readonly says: string;
  readonly definition: ClassDefinition | null;
  readonly kind: "suggested" | "keep" | "choose" | "delete";
};

/** What can be said about alike items at once; nothing about none. */
export function choicesFor(items: readonly TaskItem[], byId: Classes): readonly AlikeChoice[] {
  const [first] = items;
  if (first === undefined) return [];
  const options = [...new Set(first.questions.flatMap((question) => question.options))];
  const keeps = first.questions.every(({ kind }) => kind !== "choose");
  return [
    ...suggested(items, byId),
    ...(keeps ? [kept(items, byId.get(first.classId))] : []),
    ...options.flatMap((id) => byId.get(id) ?? []).map((definition, index) => chosen(items, definition, index)),
    deleted(items),
  ];
}

function suggested(items: readonly TaskItem[], byId: Classes): AlikeChoice[] {
  const { answers, left, byClass } = takeSuggestions(items, byId);
  if (answers.length === 0) return [];
  const counts = [...byClass].map(([id, count]) => `${count} ${byId.get(id)?.name ?? id}`);
  const rest = left === 0 ? "" : ` ${plural(left, "item")} without a suggestion, or with more to say, stay.`;
  const says = "Take the suggestions";
  const batch: Batch = { answers, says, about: `${counts.join(", ")}.${rest}` };
  return [{ key: "Enter", says, definition: null, kind: "suggested", asked: [], batchOf: () => batch }];
}

function kept(items: readonly TaskItem[], current: ClassDefinition | undefined): AlikeChoice {
  const batchOf = (said: Said): Batch => ({ answers: keepEach(items, said), says: "Keep them as they are", about: "" });
  const asked = askedOfAny(items, null, current);
  return { key: "K", says: "Keep them", definition: null, kind: "keep", asked, batchOf };
}

function chosen(items: readonly TaskItem[], definition: ClassDefinition, index: number): AlikeChoice {
  const says = `Make them ${definition.name}`;
  const batchOf = (said: Said): Batch => ({ answers: chooseEach(items, definition, said), says, about: "" });
  const asked = askedOfAny(items, definition, undefined);
  return { key: String(index + 1), says, definition, kind: "choose", asked, batchOf };
}

function deleted(items: readonly TaskItem[]): AlikeChoice {
  const says = "Delete them";
  const answers = items.map((item) => ({ item, answer: { verdict: "delete" } as const }));
  return { key: "D", says, definition: null, kind: "delete", asked: [], batchOf: () => ({ answers, says, about: "" }) };
}
