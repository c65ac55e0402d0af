import type { ClassDefinition } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";

export type TreeRow = { readonly definition: ClassDefinition; readonly depth: number };

/** Classes with each parent before its children, in the order of the guideline; retired ones where they stood. */
export function treeOf(classes: readonly ClassDefinition[]): TreeRow[] {
  const known = new Set(classes.map((each) => each.id));
  const rows: TreeRow[] = [];
  const visit = (parent: ClassId | null, depth: number): void => {
    for (const definition of classes) {
      const under = definition.parentId !== null && known.has(definition.parentId) ? definition.parentId : null;
      if (under !== parent || rows.some((row) => row.definition.id === definition.id)) continue;
      rows.push({ definition, depth });
      visit(definition.id, depth + 1);
    }
  };
  visit(null, 0);
  const shown = new Set(rows.map((row) => row.definition.id));
  return [...rows, ...classes.filter((each) => !shown.has(each.id)).map((definition) => ({ definition, depth: 0 }))];
}
