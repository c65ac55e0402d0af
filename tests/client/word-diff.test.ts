import fc from "fast-check";
import { expect, it } from "vitest";
import { diffWords } from "#client/word-diff.ts";

const words = fc
  .array(fc.constantFrom("tumour", "cells", "with", "stroma,", " ", "\n", "and"), { maxLength: 30 })
  .map((w) => w.join(" "));

it("[PAG7] the runs of a word comparison give both texts back", () => {
  fc.assert(
    fc.property(words, words, (before, after) => {
      const runs = diffWords(before, after);
      expect(
        runs
          .filter((run) => run.kind !== "added")
          .map((run) => run.text)
          .join(""),
      ).toBe(before);
      expect(
        runs
          .filter((run) => run.kind !== "removed")
          .map((run) => run.text)
          .join(""),
      ).toBe(after);
    }),
  );
});

it("[PAG7] words that stay are not shown as changed", () => {
  expect(diffWords("atypical glands with lumen", "atypical glands without lumen")).toEqual([
    { kind: "same", text: "atypical glands " },
    { kind: "removed", text: "with" },
    { kind: "added", text: "without" },
    { kind: "same", text: " lumen" },
  ]);
});
