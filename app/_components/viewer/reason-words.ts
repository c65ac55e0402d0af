import type { ReasonCode } from "#domain/task.ts";

export const REASON_WORDS: Readonly<Record<ReasonCode, string>> = {
  missed: "Missed",
  "class-confusion": "Class confused",
  "too-loose": "Too loose",
  "too-tight": "Too tight",
  "too-small": "Too small",
  "not-evaluable": "Cannot be judged",
  artefact: "Artefact",
  "guideline-silent": "Guideline says nothing",
  "guideline-ambiguous": "Guideline ambiguous",
  slip: "Slip of the hand",
};
