import type { TaskDetail } from "#client/answers.ts";
import { findingCodeSchema } from "#domain/quality.ts";
import { FINDING_NAMES } from "./finding-words.ts";

/** What a lead was looking at when they asked for rework; null where there is nothing more to say. */
export function originText(origin: TaskDetail["origin"]): string | null {
  if (origin === null) return null;
  switch (origin.from) {
    case "outlines":
      return null;
    case "region":
      return "From a region that a lead drew around.";
    case "dispute":
      return "From a dispute between reads.";
    case "finding": {
      const code = findingCodeSchema.safeParse(origin.detail);
      return code.success ? `From a finding: ${FINDING_NAMES[code.data]}.` : "From a finding.";
    }
    case "search":
      return `From a search for “${origin.detail}”.`;
    default:
      return origin.from satisfies never;
  }
}
