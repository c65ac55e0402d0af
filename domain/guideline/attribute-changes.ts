import type {
  AttributeDefinition,
  AttributeValue,
  ClassDefinition,
  Declaration,
  GuidelineChange,
} from "#domain/guideline.ts";
import type { ValueId } from "#domain/ids.ts";
import { ok, type Result, refuse } from "#domain/result.ts";
import { isAboutValues, type ValueDeclaration } from "./declared-values.ts";

type About = Pick<Extract<GuidelineChange, { kind: "attribute-relax" }>, "classId" | "attributeId">;

/**
 * What happened to the attributes of a class. A value that can no longer be chosen needs a declaration of what becomes of
 * it; a new one may have one. A conversion of a unit is declared, else every number is asked for again.
 */
export function attributeChanges(
  old: ClassDefinition | null,
  now: ClassDefinition,
  declarations: readonly Declaration[],
): Result<GuidelineChange[], "change-undeclared"> {
  const changes: GuidelineChange[] = [];
  for (const attribute of now.attributes) {
    const about: About = { classId: now.id, attributeId: attribute.id };
    const said = declarations
      .filter(isAboutValues)
      .filter((each) => each.classId === now.id && each.attributeId === attribute.id);
    const before = old?.attributes.find(({ id }) => id === attribute.id);
    if (before === undefined) {
      if (attribute.retired) return refuse("change-undeclared", { ...about, fields: ["retired"] });
      changes.push({ kind: "attribute-add", ...about, ...demand(attribute) });
      continue;
    }
    const values = valueChanges(before, attribute, about, said);
    if (!values.ok) return values;
    changes.push(...definitionChanges(before, attribute, about, said), ...values.value);
  }
  return ok(changes);
}

function demand({ required, assumed }: AttributeDefinition) {
  return { required, assumed };
}

function definitionChanges(
  old: AttributeDefinition,
  now: AttributeDefinition,
  about: About,
  said: readonly ValueDeclaration[],
): GuidelineChange[] {
  if (now.retired) return old.retired ? [] : [{ kind: "attribute-retire", ...about }];
  if (old.retired) return [{ kind: "attribute-restore", ...about, ...demand(now) }];
  const changes: GuidelineChange[] = [];
  if (old.name !== now.name) changes.push({ kind: "attribute-rename", ...about, from: old.name, to: now.name });
  if (old.help !== now.help) changes.push({ kind: "attribute-reword", ...about });
  if (old.kind !== now.kind || old.unit !== now.unit) {
    const conversion = said.find((each) => each.kind === "attribute-convert");
    changes.push({ kind: "attribute-retype", ...about, factor: conversion?.factor ?? null });
  }
  const asked = demandOf(now);
  if (asked !== demandOf(old)) {
    const strict: GuidelineChange = { kind: "attribute-require", ...about, assumed: now.assumed };
    changes.push(now.required ? strict : { kind: "attribute-relax", ...about });
  }
  return changes;
}

function demandOf({ required, assumed }: AttributeDefinition): string | null {
  return required ? `required ${assumed ?? ""}` : null;
}

function valueChanges(
  old: AttributeDefinition,
  now: AttributeDefinition,
  about: About,
  said: readonly ValueDeclaration[],
): Result<GuidelineChange[], "change-undeclared"> {
  const declared: GuidelineChange[] = said.flatMap((each) => (each.kind === "attribute-convert" ? [] : [each]));
  const explained = new Set(declared.flatMap(valuesOf));
  const changes = now.values.map((value) => {
    const before = old.values.find(({ id }) => id === value.id);
    return explained.has(value.id) ? renamed(before, value, about) : valueChange(before, value, about);
  });
  const unsaid = changes.find((each) => each === null);
  if (unsaid === null) return refuse("change-undeclared", { ...about, fields: ["values"] });
  return ok([...declared, ...changes.flatMap((each) => each ?? [])]);
}

/** What became of a value that nothing was said about; null where something has to be said. */
function valueChange(old: AttributeValue | undefined, now: AttributeValue, about: About): GuidelineChange[] | null {
  const ends = now.retired && old?.retired !== true;
  if (ends) return null;
  if (old === undefined) return [{ kind: "value-add", ...about, value: now.id, neighbours: [] }];
  const restored: GuidelineChange[] =
    old.retired && !now.retired ? [{ kind: "value-restore", ...about, value: now.id }] : [];
  return [...restored, ...renamed(old, now, about)];
}

function renamed(old: AttributeValue | undefined, now: AttributeValue, about: About): GuidelineChange[] {
  if (old === undefined || old.name === now.name) return [];
  return [{ kind: "value-rename", ...about, value: now.id, from: old.name, to: now.name }];
}

/** Values whose beginning or end a change explains. */
function valuesOf(change: GuidelineChange): ValueId[] {
  if (change.kind === "value-merge") return change.from;
  return change.kind === "value-add" || change.kind === "value-split" || change.kind === "value-retire"
    ? [change.value]
    : [];
}
