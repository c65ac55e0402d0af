import type { DriftEstimate } from "#client/answers.ts";
import { LEAST_CLUSTERS } from "#domain/bootstrap.ts";

/** Signed, in um. */
export function offsetText(um: number): string {
  const size = Math.abs(um) < 0.05 ? "0.0" : Math.abs(um).toFixed(1);
  if (size === "0.0") return "0.0 µm";
  return `${um > 0 ? "+" : "−"}${size} µm`;
}

/** What an offset means, in a word; within half a micron nobody could draw better. */
export function offsetWord(um: number): string {
  if (Math.abs(um) < 0.5) return "on the line";
  return um > 0 ? "loose" : "tight";
}

/** The interval of a number, or why there is none. */
export function limitsText({ limits, clusters }: DriftEstimate, format: (value: number) => string): string {
  if (limits.defined) return `95 %: ${format(limits.low)} to ${format(limits.high)}`;
  return `no interval, ${limits.reason === "too few slides" ? fewCases(clusters) : limits.reason}`;
}

/** There may be cases enough, and what is measured in few of them. */
function fewCases(clusters: number): string {
  if (clusters >= LEAST_CLUSTERS) return "seen in too few cases";
  return `only ${clusters} ${clusters === 1 ? "case" : "cases"}`;
}

export function versionsText(from: number, to: number): string {
  return from === to ? `both under v${from}` : `v${from} against v${to}`;
}
