import type { AttributeDefinition, ClassDefinition, Declaration } from "#domain/guideline.ts";
import type { ClassId, ValueId } from "#domain/ids.ts";
import type { Refusal } from "#domain/result.ts";

export type Classes = ReadonlyMap<ClassId, ClassDefinition>;
/** The classes of a version and of the draft that follows it. */
export type Pair = { readonly before: Classes; readonly after: Classes };
export type DeclaredReason =
  | "change-undeclared"
  | "class-removed"
  | "attribute-removed"
  | "declaration-unfounded"
  | "declared-twice"
  | "merge-target-missing"
  | "split-needs-children"
  | "retired-id-reused"
  | "unknown-class";
export type Found = Refusal<DeclaredReason> | null;
export type Unfounded = (why: string, detail?: Record<string, unknown>) => Refusal<"declaration-unfounded">;

export type ValueDeclaration = Extract<Declaration, { readonly attributeId: unknown }>;

export function isAboutValues(declaration: Declaration): declaration is ValueDeclaration {
  return "attributeId" in declaration;
}

/** Whether the draft bears out what is said about an attribute: as for classes. */
export function findValueFault(declaration: ValueDeclaration, pair: Pair, unfounded: Unfounded): Found {
  const old = attributeOf(pair.before, declaration);
  const now = attributeOf(pair.after, declaration);
  if (old === undefined || now === undefined || now.retired) return unfounded("the attribute is new or retired");
  const why = faultIn(declaration, old, now);
  return why === null ? null : unfounded(why);
}

function faultIn(declaration: ValueDeclaration, old: AttributeDefinition, now: AttributeDefinition): string | null {
  const open = (id: ValueId): boolean => isOpen(now, id);
  const ends = (id: ValueId): boolean => isOpen(old, id) && !isOpen(now, id);
  const first = (...faults: [fault: boolean, why: string][]): string | null =>
    faults.find(([fault]) => fault)?.[1] ?? null;
  switch (declaration.kind) {
    case "attribute-convert": {
      const convertible = old.kind === "number" && now.kind === "number" && old.unit !== now.unit;
      return first([!convertible, "the unit of a number is the same"]);
    }
    case "value-add": {
      const { value, neighbours } = declaration;
      return first(
        [isOpen(old, value) || !open(value), "the value is not new"],
        [!neighbours.every(open), "a neighbour is a value that can be chosen"],
      );
    }
    case "value-merge":
      return first(
        [!open(declaration.into), "the value that others are merged into cannot be chosen"],
        [!declaration.from.every(ends), "the merged value is not retired by this draft"],
      );
    case "value-split": {
      const { into, fallback, value } = declaration;
      return first(
        [new Set(into).size < 2 || !into.every(open), "a split needs two values that can be chosen"],
        [fallback !== null && !open(fallback), "the fallback cannot be chosen"],
        [!ends(value), "the split value is not retired by this draft"],
      );
    }
    case "value-retire":
      return first(
        [!declaration.successors.every(open), "a successor cannot be chosen"],
        [!ends(declaration.value), "the value is not retired by this draft"],
      );
    default:
      return declaration satisfies never;
  }
}

type Attributed = { readonly classId: ClassId; readonly attributeId: AttributeDefinition["id"] };

function attributeOf(classes: Pair["before"], { classId, attributeId }: Attributed): AttributeDefinition | undefined {
  return classes.get(classId)?.attributes.find(({ id }) => id === attributeId);
}

function isOpen({ values }: AttributeDefinition, id: ValueId): boolean {
  return values.some((value) => value.id === id && !value.retired);
}
