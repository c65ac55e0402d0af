import type { ClassDefinition, ClassExample } from "#domain/guideline.ts";

export function exampleLabel({ name }: ClassDefinition, { good, caption }: ClassExample): string {
  return `${good ? "Example" : "Counter-example"} of ${name}${caption === "" ? "" : `: ${caption}`}`;
}
