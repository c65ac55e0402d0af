import { describe, expect, it } from "vitest";
import { mayReview, type ReviewKind, reviewKindSchema, reviewOf } from "#domain/draft-review.ts";
import { aPersonId } from "#tests/support/builders.ts";

const step = (kind: ReviewKind, revision: number, by = "a") => ({ kind, revision, personId: aPersonId(by) });

describe("the review of a draft", () => {
  it("[GED7] stands as its last step of this revision says; every save takes it back to writing", () => {
    expect(reviewOf([], 1)).toMatchObject({ state: "writing", step: null, proposerId: null });
    const steps = [step("propose", 3), step("approve", 3, "b")];
    expect(reviewOf(steps, 3)).toMatchObject({ state: "approved", proposerId: aPersonId("a") });
    expect(reviewOf(steps, 4)).toMatchObject({ state: "writing", proposerId: null });
    expect(reviewOf([step("propose", 3), step("return", 3, "b")], 3).state).toBe("returned");
    expect(reviewOf([step("propose", 3), step("withdraw", 3)], 3).state).toBe("writing");
  });

  it("[GED8] knows which step makes sense when", () => {
    const steps = (["writing", "proposed", "approved", "returned"] as const).map((state) => [
      state,
      reviewKindSchema.options.filter((kind) => mayReview(state, kind)),
    ]);
    expect(Object.fromEntries(steps)).toEqual({
      writing: ["propose"],
      proposed: ["approve", "return", "withdraw"],
      approved: ["withdraw"],
      returned: ["propose"],
    });
  });
});
