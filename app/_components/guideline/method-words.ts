import { studyFor } from "#domain/consensus-rules.ts";
import { type ConsensusMethod, consensusMethodSchema } from "#domain/guideline/rules.ts";
import type { ClassDefinition, StudyRules } from "#domain/guideline.ts";

/** How reads become the record. */
export const METHOD_WORDS: Readonly<Record<ConsensusMethod, string>> = {
  majority: "majority",
  quorum: "quorum",
  weighted: "weighted votes",
  staple: "STAPLE",
  single: "one adjudicator",
  "two-plus-one": "two readers, a third where they differ",
};

export const METHOD_OPTIONS = consensusMethodSchema.options.map((method) => ({
  value: method,
  label: METHOD_WORDS[method],
}));

/** Methods that ask for somebody by name, with what that person does. */
export const NAMED: Readonly<Partial<Record<ConsensusMethod, { readonly label: string; readonly hint: string }>>> = {
  single: { label: "Whose word is taken", hint: "Decides what the reads do not agree on, and is given it." },
  "two-plus-one": { label: "The third reader", hint: "Settles what the two others differ on." },
};

/** How the record of a class is made: "quorum of 2", "majority". */
export function decidedBy(definition: Pick<ClassDefinition, "consensus">, rules: StudyRules): string {
  const { method, quorum } = studyFor(definition, rules);
  if (method === "two-plus-one") return "two and a third";
  return method === "quorum" ? `quorum of ${quorum}` : METHOD_WORDS[method];
}
