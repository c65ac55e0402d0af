import type { Round } from "#client/answers.ts";

type Mode = Round["mode"];

export const MODE_WORDS: Readonly<
  Record<Mode, { readonly label: string; readonly short: string; readonly text: string }>
> = {
  blind: {
    label: "Blind",
    short: "Each reader alone",
    text: "Every reader has a layer of their own and learns nothing about the others: no outlines, cursors, counts or times, until you unblind the round. The honest way to measure agreement.",
  },
  open: {
    label: "Open",
    short: "Each reader, in sight of the others",
    text: "Every reader has a layer of their own and sees what the others draw. Good for teaching and for a first pass with a new guideline.",
  },
  together: {
    label: "Together",
    short: "One shared layer",
    text: "All readers draw in one team layer per slide, live. The fastest way to ground truth; there is nothing to compare afterwards.",
  },
};

export const MODES: readonly Mode[] = ["blind", "open", "together"];

/** Reads of a round that this person may know of: how many there are, how many are submitted. */
export function readsOf(round: Round): { readonly submitted: number; readonly total: number } {
  return { submitted: round.reads.filter((read) => read.state === "submitted").length, total: round.reads.length };
}
