import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { AttributeDefinition, ClassDefinition, Declaration } from "#domain/guideline.ts";
import { attributeId, type ValueId, valueId } from "#domain/ids.ts";

export const ATTRIBUTE_KINDS = [
  "attribute",
  "demand",
  "attribute-end",
  "value-add",
  "value-end",
  "value-restore",
  "unit",
] as const;
export type AttributeKind = (typeof ATTRIBUTE_KINDS)[number];

type Of = { readonly definition: ClassDefinition; readonly number: number };
type Picks = { readonly other: number; readonly third: number };
type Declared = readonly Declaration[];
type Edit = { readonly attributes: AttributeDefinition[]; readonly declarations: Declared };

/** What a lead does to an attribute of a class in a version, with what has to be declared; null where it has no such one. */
export function editAttribute(kind: AttributeKind, of: Of, picks: Picks): Edit | null {
  const { definition, number } = of;
  if (kind === "attribute") {
    const added = newAttribute(definition, number, picks);
    return { attributes: [...definition.attributes, added], declarations: [] };
  }
  const eligible = definition.attributes.filter((each) => isEligible(kind, each));
  const attribute = eligible[picks.other % Math.max(1, eligible.length)];
  if (attribute === undefined) return null;
  const edited = EDITS[kind](attribute, of, picks);
  if (edited === null) return null;
  const [changed, declarations] = edited;
  const attributes = definition.attributes.map((each) => (each.id === attribute.id ? changed : each));
  return { attributes, declarations };
}

export function openValues({ values }: Pick<AttributeDefinition, "values">): ValueId[] {
  return values.filter((each) => !each.retired).map(({ id }) => id);
}

const DEMANDS = ["optional", "required", "assumed"] as const;

/** Optional, required, or required with something that holds for whoever says nothing. */
function demanded(attribute: AttributeDefinition, pick: number): AttributeDefinition {
  const demand = DEMANDS[pick % DEMANDS.length];
  const assumed = attribute.kind === "choice" ? (openValues(attribute)[0] ?? null) : "1";
  return { ...attribute, required: demand !== "optional", assumed: demand === "assumed" ? assumed : null };
}

function newAttribute({ id: of }: ClassDefinition, number: number, { other, third }: Picks): AttributeDefinition {
  const id = attributeId.parse(`at${number}${of}`);
  const name = `attribute of ${number}`;
  if (other % 3 === 0) return demanded(attributeSchema.parse({ id, name, kind: "number", unit: "mm" }), third);
  const values = ["low", "high", "mid"].map((each) => ({ id: `${each}${number}${of}`, name: each }));
  return demanded(attributeSchema.parse({ id, name, kind: "choice", values }), third);
}

function isEligible(kind: AttributeKind, { kind: of, retired, values }: AttributeDefinition): boolean {
  if (kind === "attribute-end") return true;
  if (retired) return false;
  if (kind === "unit") return of === "number";
  if (kind === "value-restore") return values.some((each) => each.retired);
  return kind === "demand" || of === "choice";
}

type Edited = readonly [changed: AttributeDefinition, declarations: Declared];
type EditOne = (attribute: AttributeDefinition, of: Of, picks: Picks) => Edited | null;

const EDITS: Readonly<Record<Exclude<AttributeKind, "attribute">, EditOne>> = {
  demand: (attribute, _of, { third }) => [demanded(attribute, third), []],
  "attribute-end": (attribute) => [{ ...attribute, retired: !attribute.retired }, []],
  "value-add": (attribute, { definition, number }, { third }) => {
    const id = valueId.parse(`new${number}${definition.id}`);
    const values = [...attribute.values, { id, name: `value of ${number}`, retired: false }];
    const open = openValues(attribute);
    const near = open[third % open.length];
    if (near === undefined || third % 3 === 0) return [{ ...attribute, values }, []];
    const about = { classId: definition.id, attributeId: attribute.id };
    return [{ ...attribute, values }, [{ kind: "value-add", ...about, value: id, neighbours: [near] }]];
  },
  "value-end": endValue,
  "value-restore": (attribute, _of, { third }) => {
    const ended = attribute.values.filter((each) => each.retired);
    const back = ended[third % ended.length]?.id;
    return [{ ...attribute, values: attribute.values.map((each) => restored(each, back)) }, []];
  },
  unit: (attribute, { definition }, { third }) => {
    const isLarge = attribute.unit === "mm";
    const about = { classId: definition.id, attributeId: attribute.id };
    const factor = isLarge ? 1_000 : 0.001;
    const converts: Declared = third % 2 === 0 ? [] : [{ kind: "attribute-convert", ...about, factor }];
    return [{ ...attribute, unit: isLarge ? "um" : "mm" }, converts];
  },
};

function restored<Value extends { readonly id: ValueId }>(value: Value, id: ValueId | undefined) {
  return value.id === id ? { ...value, retired: false } : value;
}

/** A value is merged, split, or ended with none, one or two successors. */
function endValue(attribute: AttributeDefinition, { definition }: Of, { other, third }: Picks): Edited | null {
  const open = openValues(attribute);
  const value = open[third % open.length];
  const others = open.filter((each) => each !== value);
  const [first, second] = others;
  if (value === undefined || first === undefined || attribute.assumed === value) return null;
  const about = { classId: definition.id, attributeId: attribute.id };
  const ways: Declaration[] = [
    { kind: "value-merge", ...about, from: [value], into: first },
    { kind: "value-retire", ...about, value, successors: [] },
    { kind: "value-retire", ...about, value, successors: others.slice(0, 2) },
    ...(second === undefined
      ? []
      : [{ kind: "value-split" as const, ...about, value, into: [first, second], fallback: null, guide: "" }]),
  ];
  const way = ways[(other + third) % ways.length];
  const values = attribute.values.map((each) => (each.id === value ? { ...each, retired: true } : each));
  return way === undefined ? null : [{ ...attribute, values }, [way]];
}
