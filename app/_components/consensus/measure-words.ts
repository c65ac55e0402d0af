import { coefficient } from "#app/_lib/format.ts";
import type { Dispute, Measure } from "#client/answers.ts";

/** Landis and Koch's words for a chance-corrected agreement. Source: Landis and Koch 1977, Biometrics 33(1). */
export function strengthOf(value: number): string {
  if (value < 0) return "worse than chance";
  if (value <= 0.2) return "slight";
  if (value <= 0.4) return "fair";
  if (value <= 0.6) return "moderate";
  if (value <= 0.8) return "substantial";
  return "almost perfect";
}

export function measureText(measure: Measure): string {
  return measure.defined ? coefficient(measure.value) : "not defined";
}

export const DISPUTE_WORDS: Readonly<Record<Dispute["kind"], string>> = {
  "class-conflict": "different classes",
  missed: "missed by some",
  boundary: "boundary",
  regrouped: "drawn as one or several",
};

export const METHOD_WORDS: Readonly<Record<NonNullable<Dispute["decision"]>["method"], string>> = {
  "accept-read": "one read accepted",
  majority: "majority",
  union: "union",
  intersection: "intersection",
  redraw: "redrawn",
  exclude: "left out",
  unresolved: "left unresolved",
};
