import type { ClassDefinition } from "#domain/guideline.ts";

/** The texts of a class, in reading order. */
export const TEXT_FIELDS = [
  { key: "definition", label: "Definition", hint: "What it is, in the words of the microscope.", rows: 3 },
  { key: "include", label: "Include", hint: "What belongs to it although one may doubt.", rows: 2 },
  { key: "exclude", label: "Exclude", hint: "What does not, and where that goes instead.", rows: 2 },
  { key: "boundary", label: "Boundary", hint: "Where the outline runs.", rows: 2 },
  { key: "whenUnsure", label: "When unsure", hint: "Advice; changing it asks nobody to review anything.", rows: 2 },
] as const satisfies readonly { key: keyof ClassDefinition; label: string; hint: string; rows: number }[];
