import { areaText } from "#client/tools/outline.ts";
import type { Finding, FindingCode } from "#domain/quality.ts";

/** One or two words for a badge. */
export const FINDING_NAMES: Readonly<Record<FindingCode, string>> = {
  "class-retired": "retired class",
  "geometry-not-allowed": "wrong shape",
  "off-slide": "off the slide",
  "self-crossing": "crosses itself",
  "too-small": "too small",
  "too-large": "too large",
  "too-few-fields": "too little room",
  "overlap-other-class": "overlap",
  "attribute-missing": "not said",
};

/**
 * What is wrong, with the number and its limit.
 * @param unsaid names of what the class requires and nobody has said, where they are known
 */
export function findingText(
  { code, measured, limit, unit }: Finding,
  mpp: number | null,
  unsaid: readonly string[] = [],
): string {
  const inUm2 = (value: number | null) => (value === null ? "" : areaText(value / ((mpp ?? 1) * (mpp ?? 1)), mpp));
  const size = unit === "um2" ? inUm2(measured) : `${Math.round(measured ?? 0)} ${unit === "px2" ? "px²" : "px"}`;
  switch (code) {
    case "class-retired":
      return "Its class is retired and can no longer be drawn.";
    case "geometry-not-allowed":
      return "The guideline does not allow this kind of shape for its class.";
    case "off-slide":
      return `It sticks out of the slide by ${size}.`;
    case "self-crossing":
      return "Its outline crosses itself.";
    case "too-small":
      return `${size}: the guideline asks for at least ${inUm2(limit)}.`;
    case "too-large":
      return `${size}: the guideline allows ${inUm2(limit)} at most.`;
    case "too-few-fields":
      return `Room for ${measured ?? 0} of the ${limit ?? 0} fields of view that the guideline asks for.`;
    case "attribute-missing":
      return `Its class requires what is not said yet${unsaid.length === 0 ? "" : `: ${unsaid.join(", ")}`}.`;
    case "overlap-other-class":
      return `${size} of it are also outlined as another class.`;
    default:
      return code satisfies never;
  }
}
