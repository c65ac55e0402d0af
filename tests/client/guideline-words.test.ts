import { expect, test } from "vitest";
import { changeSentence, namingOf } from "#app/_components/guideline/change-words.ts";
import { ruleChanges, rulesSaid } from "#app/_components/guideline/rule-words.ts";
import { percent } from "#app/_lib/format.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import { aClass, aClassId, aGuideline, withClass } from "#tests/support/builders.ts";

const density = attributeSchema.parse({
  id: "density0",
  name: "Density",
  kind: "choice",
  required: true,
  values: [{ id: "sparsefibres", name: "sparse" }],
});
const before = aGuideline([aClass("a", { name: "Stroma", minAreaUm2: 1_000, attributes: [density] })]);
const id = aClassId("a");

test("[PAG13] a change of an attribute names the attribute and its values", () => {
  const ofDensity = { classId: id, attributeId: density.id } as const;
  const name = namingOf(before);
  expect(changeSentence({ kind: "attribute-require", ...ofDensity, assumed: null }, name)).toBe(
    "Density of Stroma has to be given: members without it are asked.",
  );
  const [sparse] = density.values;
  if (sparse === undefined) throw new Error("no value");
  expect(changeSentence({ kind: "value-retire", ...ofDensity, value: sparse.id, successors: [] }, name)).toBe(
    "Density of Stroma: sparse is retired.",
  );
});

test("[PAG14] a change of rules says what each rule asked and asks now, and a version says every rule of a class", () => {
  const after = withClass(before, "a", { minAreaUm2: 4_000, rules: { ...aClass("a").rules, severity: "block" } });
  expect(ruleChanges(["minAreaUm2", "severity"], [before, after], id, namingOf(before, after))).toEqual([
    { rule: "smallest area", before: "at least 1,000 µm²", after: "at least 4,000 µm²" },
    { rule: "severity", before: "nothing", after: "what breaks a rule stops a submit" },
  ]);
  expect(rulesSaid(after, id, namingOf(after))).toEqual([
    "at least 4,000 µm²",
    `at most ${percent(0.02)} shared with other classes`,
    "what breaks a rule stops a submit",
  ]);
  expect(rulesSaid(after, aClassId("zzz"), namingOf(after))).toEqual([]);
});
