import type { Tone } from "#app/_components/ui/badge.tsx";
import type { ReasonCode, TaskKind, TaskState } from "#domain/task.ts";

export const KIND_WORDS: Readonly<Record<TaskKind, string>> = {
  read: "Read",
  "repeat-read": "Repeat read",
  migration: "Guideline change",
  "re-screen": "Screen again",
  rework: "Rework",
  adjudication: "Adjudication",
  requalify: "Qualify again",
};

export const STATE_WORDS: Readonly<Record<TaskState, { readonly label: string; readonly tone: Tone }>> = {
  open: { label: "Open", tone: "neutral" },
  "in-progress": { label: "In progress", tone: "accent" },
  submitted: { label: "To accept", tone: "warn" },
  returned: { label: "Returned", tone: "bad" },
  accepted: { label: "Accepted", tone: "good" },
  cancelled: { label: "Cancelled", tone: "outline" },
  superseded: { label: "Superseded", tone: "outline" },
};

/** Columns of the board in the order of the work; what was cancelled or superseded is in the table only. */
export const BOARD_STATES: readonly TaskState[] = ["open", "in-progress", "returned", "submitted", "accepted"];

export const REASON_WORDS: Readonly<Record<ReasonCode, string>> = {
  missed: "missed",
  "class-confusion": "class confusion",
  "too-loose": "too loose",
  "too-tight": "too tight",
  "too-small": "too small",
  "not-evaluable": "not evaluable",
  artefact: "artefact",
  "guideline-silent": "guideline silent",
  "guideline-ambiguous": "guideline ambiguous",
  slip: "slip",
};

export const PRIORITY_WORDS = ["low", "normal", "high", "urgent"] as const;
