import type { TaskSuggestion } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";

/** Why a class is suggested, in a few words. */
export function becauseText({ because }: TaskSuggestion, byId: ReadonlyMap<string, ClassDefinition>): string {
  if (because.kind === "former") {
    return `was ${byId.get(because.classId)?.name ?? "another class"} before the merge in v${because.version}`;
  }
  for (const { attributes } of byId.values()) {
    const found = attributes.find(({ id }) => id === because.attributeId);
    if (found === undefined) continue;
    const value = found.values.find(({ id }) => id === because.value)?.name ?? because.value;
    return `because ${found.name} = ${value}${found.unit === null ? "" : ` ${found.unit}`}`;
  }
  return `because of its attribute ${because.value}`;
}
