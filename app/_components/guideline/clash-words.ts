import type { DraftClash } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { TEXT_FIELDS } from "./class-fields.ts";

const FIELD_WORDS: Readonly<Record<string, string>> = {
  introduction: "introduction",
  name: "name",
  colour: "colour",
  hotkey: "key",
  parentId: "place in the hierarchy",
  retired: "end",
  ...Object.fromEntries(TEXT_FIELDS.map(({ key, label }) => [key, label.toLowerCase()])),
};

/** Where two people wrote at once: "definition of Tumour". */
export function clashPlace({ path }: DraftClash, content: GuidelineContent): string {
  const [part, list, id, field] = path.split("/");
  if (part === "declarations") return "meaning of a change";
  if (list !== "classes") return list === "rules" ? "rules of the study" : (FIELD_WORDS[list ?? ""] ?? "draft");
  const name = content.classes.find((each) => each.id === id)?.name ?? "a class that was taken out";
  return field === undefined ? name : `${FIELD_WORDS[field] ?? field} of ${name}`;
}

/** A value of a field as words; nothing that a person wrote is left out. */
export function clashWords(value: unknown): string {
  if (value === undefined) return "(taken out)";
  if (value === null || value === "") return "(nothing)";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
