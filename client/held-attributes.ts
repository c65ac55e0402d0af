import type { Annotation } from "#domain/annotation.ts";
import { isValueOf, unsaidAttributes } from "#domain/guideline/attribute-values.ts";
import type { AttributeDefinition, ClassDefinition } from "#domain/guideline.ts";
import type { AnnotationId } from "#domain/ids.ts";
import type { Guideline } from "./class-standing.ts";

type Outline = Pick<Annotation, "id" | "classId" | "under" | "attributes">;

/** What some outlines of one class say about an attribute of it. */
export type HeldAttribute = {
  readonly definition: AttributeDefinition;
  /** What all of them say, empty for nothing; null where they differ. */
  readonly value: string | null;
  /** How many say something. */
  readonly said: number;
  /** How many lack what their class requires. */
  readonly missing: number;
};

/** Outlines of one class with what they say. */
export type HeldClass = {
  readonly definition: ClassDefinition;
  readonly ids: readonly AnnotationId[];
  /** In the order of the guideline; a retired one only where somebody has said it. */
  readonly attributes: readonly HeldAttribute[];
  /** Said under names that the class does not know, as an import may bring them. */
  readonly others: readonly (readonly [name: string, value: string | null])[];
};

/** What outlines say about the attributes of the class that counts for each today, class by class as they come. */
export function heldAttributes(outlines: readonly Outline[], guideline: Guideline): readonly HeldClass[] {
  const byClass = new Map<string, Outline[]>();
  for (const outline of outlines) {
    const { classId } = guideline.standingOf(outline);
    const members = byClass.get(classId);
    if (members === undefined) byClass.set(classId, [outline]);
    else members.push(outline);
  }
  return [...byClass].flatMap(([classId, members]): HeldClass[] => {
    const definition = guideline.byId.get(classId);
    if (definition === undefined) return [];
    const held = members.map((each) => guideline.saidOf(each));
    const known = new Set<string>(definition.attributes.map(({ id }) => id));
    const names = new Set(held.flatMap((each) => Object.keys(each)).filter((name) => !known.has(name)));
    const attributes = definition.attributes.map((each) => heldIn(each, definition, held));
    return [
      {
        definition,
        ids: members.map(({ id }) => id),
        attributes: attributes.filter(({ definition: { retired }, said }) => !retired || said > 0),
        others: [...names].sort().map((name) => [name, common(held, name)] as const),
      },
    ];
  });
}

function heldIn(
  definition: AttributeDefinition,
  { attributes }: ClassDefinition,
  held: readonly Annotation["attributes"][],
): HeldAttribute {
  const own = attributes.filter(({ id }) => id === definition.id);
  return {
    definition,
    value: common(held, definition.id),
    said: held.filter((each) => (each[definition.id] ?? "") !== "").length,
    missing: held.filter((each) => unsaidAttributes({ attributes: own }, each).length > 0).length,
  };
}

function common(held: readonly Annotation["attributes"][], name: string): string | null {
  const [first = "", ...others] = new Set(held.map((each) => each[name] ?? ""));
  return others.length === 0 ? first : null;
}

/** Whether an outline of this class has something to be said before its class is content. */
export function asksSomething({ attributes }: Pick<ClassDefinition, "attributes">): boolean {
  return attributes.some(({ required, retired, assumed }) => required && !retired && assumed === null);
}

/** Names of what the class of an outline requires and nobody has said about it. */
export function unsaidNames(outline: Outline, guideline: Guideline): readonly string[] {
  const definition = guideline.byId.get(guideline.standingOf(outline).classId);
  return definition === undefined
    ? []
    : unsaidAttributes(definition, guideline.saidOf(outline)).map(({ name }) => name);
}

/** What is said, as people read it: the name of a value, a number with its unit. */
export function valueWords({ values, unit, kind }: AttributeDefinition, value: string): string {
  if (kind === "choice") return values.find(({ id }) => id === value)?.name ?? value;
  return kind === "number" && unit !== null && unit !== "" ? `${value} ${unit}` : value;
}

/** All that an outline says, as it is searched: each attribute's name and value. */
export function saidWords(outline: Outline, guideline: Guideline): readonly string[] {
  const definition = guideline.byId.get(guideline.standingOf(outline).classId);
  return Object.entries(guideline.saidOf(outline)).map(([key, value]) => {
    const attribute = definition?.attributes.find(({ id }) => id === key);
    return attribute === undefined ? `${key}: ${value}` : `${attribute.name}: ${valueWords(attribute, value)}`;
  });
}

/** What is typed as it is stored: empty takes back what is there, null is no answer to this attribute. */
export function typedValue(definition: AttributeDefinition, text: string): string | null {
  const value = text.trim();
  if (value === "") return "";
  if (!isValueOf(definition, value)) return null;
  return definition.kind === "number" ? String(Number(value)) : value;
}
