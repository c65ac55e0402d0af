import { z } from "zod";
import type { PersonId } from "./ids.ts";

/** What a lead does to a draft before it is published: puts it forward, or answers for it as another lead. */
export const reviewKindSchema = z.enum(["propose", "approve", "return", "withdraw"]);
export type ReviewKind = z.infer<typeof reviewKindSchema>;

/** One step of a review. `revision` is the draft's as that person saw it. */
export type ReviewStep = {
  readonly kind: ReviewKind;
  readonly revision: number;
  readonly personId: PersonId;
};

export type ReviewState = "writing" | "proposed" | "approved" | "returned";

/**
 * How a draft stands: whatever was said about an earlier revision no longer counts, so that nobody's approval covers
 * words that they have not seen.
 * @param steps oldest first, of this draft
 */
export function reviewOf<Step extends ReviewStep>(
  steps: readonly Step[],
  revision: number,
): { readonly state: ReviewState; readonly step: Step | null; readonly proposerId: PersonId | null } {
  const counting = steps.filter((step) => step.revision === revision);
  const step = counting.at(-1) ?? null;
  const proposerId = counting.findLast(({ kind }) => kind === "propose")?.personId ?? null;
  return { state: step === null ? "writing" : STATES[step.kind], step, proposerId };
}

const STATES: Readonly<Record<ReviewKind, ReviewState>> = {
  propose: "proposed",
  approve: "approved",
  return: "returned",
  withdraw: "writing",
};

/** True where the step makes sense in that state; who may take it is asked of permissions. */
export function mayReview(state: ReviewState, kind: ReviewKind): boolean {
  if (kind === "propose") return state === "writing" || state === "returned";
  return kind === "withdraw" ? state === "proposed" || state === "approved" : state === "proposed";
}
