import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { z } from "zod";
import type { Measure } from "#domain/agreement.ts";

const file = z.object({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      metric: z.string(),
      tolerance_abs: z.number(),
      input: z.unknown(),
      expected: z.unknown(),
    }),
  ),
});

export type ReferenceCase<Input, Expected> = {
  readonly id: string;
  readonly tolerance: number;
  readonly input: Input;
  readonly expected: Expected;
};

/**
 * The cases of one metric in a file of reference values, with their shape checked.
 * @param path as `describeWithData` gives it; "" gives none
 */
export function referenceCases<Input, Expected>(
  path: string,
  metric: string,
  input: z.ZodType<Input>,
  expected: z.ZodType<Expected>,
): ReferenceCase<Input, Expected>[] {
  if (path === "") return [];
  const chosen = file.parse(JSON.parse(readFileSync(path, "utf8"))).cases.filter((each) => each.metric === metric);
  expect(chosen.length, metric).toBeGreaterThan(0);
  return chosen.map((each) => ({
    id: each.id,
    tolerance: each.tolerance_abs,
    input: input.parse(each.input),
    expected: expected.parse(each.expected),
  }));
}

/** A number within a tolerance; null and "not defined" are the same and equal to nothing else. */
export function expectNear(
  actual: Measure | number | null | undefined,
  expected: number | null,
  tolerance: number,
  what = "",
): void {
  const value = typeof actual === "number" ? actual : actual?.defined ? actual.value : null;
  if (expected === null || value === null) expect(value, what).toBe(expected);
  else expect(Math.abs(value - expected), `${what}: ${value} for ${expected}`).toBeLessThanOrEqual(tolerance);
}
