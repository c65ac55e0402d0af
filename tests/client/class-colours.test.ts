import { expect, it } from "vitest";
import { mostDifferent } from "#client/class-colours.ts";

const RED = "#e6194b";
const BLUE = "#2f7ff0";
const GREEN = "#3cb44b";

it("[SCN4] a new class gets the colour that differs most from those in use, whatever their order", () => {
  expect(mostDifferent([RED, BLUE, GREEN], ["#c2255c", "#2b8a3e"])[0]).toBe(BLUE);
  expect(mostDifferent([GREEN, BLUE, RED], ["#2b8a3e", "#c2255c"])[0]).toBe(BLUE);
  expect(mostDifferent([RED, BLUE, GREEN], [BLUE, "#d6336c"])).toEqual([GREEN, RED, BLUE]);
  expect(mostDifferent([RED, BLUE], [])).toEqual([RED, BLUE]);
  expect(mostDifferent([], [RED])).toEqual([]);
});
