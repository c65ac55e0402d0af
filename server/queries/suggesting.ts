import type { Annotation } from "#domain/annotation.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { suggestionFor } from "#domain/migration/suggestion.ts";
import type { Question } from "#domain/migration.ts";
import type { TaskItem } from "#server/api/schemas/tasks.ts";

export type Suggesting = (questions: readonly Question[], annotation: Annotation) => TaskItem["suggestion"];

/** What a choice is filled in with; items that share everything it depends on are looked at once. */
export function suggesting(history: readonly GuidelineVersion[]): Suggesting {
  const known = new Map<string, TaskItem["suggestion"]>();
  return (questions, annotation) => {
    const choice = questions.find(({ kind }) => kind === "choose");
    if (choice === undefined) return null;
    const { classId, under, attributes } = annotation;
    const key = JSON.stringify([classId, under, attributes, choice.key, choice.options]);
    const found = known.has(key) ? known.get(key) : suggestionFor(choice, annotation, history);
    known.set(key, found ?? null);
    return found ?? null;
  };
}
