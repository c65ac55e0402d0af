import type { AttributeDefinition, ClassDefinition } from "#domain/guideline.ts";

/** Whether something can be said of an attribute: one of its open values, a number, or some words. */
export function isValueOf({ kind, values }: Pick<AttributeDefinition, "kind" | "values">, said: string): boolean {
  switch (kind) {
    case "choice":
      return values.some(({ id, retired }) => !retired && id === said);
    case "number":
      return said.trim() !== "" && Number.isFinite(Number(said));
    case "text":
      return said.trim() !== "";
    default:
      return kind satisfies never;
  }
}

/**
 * Attributes of a class that have to be given and are not, in the order of the guideline; what is assumed is given.
 * @param held what an annotation holds under the ids of attributes
 */
export function missingAttributes(
  { attributes }: Pick<ClassDefinition, "attributes">,
  held: Readonly<Record<string, string>>,
): readonly AttributeDefinition[] {
  return attributes.filter(
    (each) => !each.retired && each.required && each.assumed === null && !isValueOf(each, held[each.id] ?? ""),
  );
}

/** Of these the ones about which nothing at all is said; what was said and no longer fits is asked by the history. */
export function unsaidAttributes(
  definition: Pick<ClassDefinition, "attributes">,
  held: Readonly<Record<string, string>>,
): readonly AttributeDefinition[] {
  return missingAttributes(definition, held).filter(({ id }) => (held[id] ?? "") === "");
}
