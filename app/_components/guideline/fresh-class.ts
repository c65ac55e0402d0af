import { PALETTE } from "#app/_components/ui/colour-picker.tsx";
import { freshId } from "#client/fresh-id.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { type ClassId, classId } from "#domain/ids.ts";

/** An id for a class that did not exist before. */
export function freshClassId(): ClassId {
  return freshId(classId);
}

/** The first colour of the palette that no class has. */
export function nextColour(content: GuidelineContent): string {
  const taken = new Set(content.classes.map((each) => each.colour));
  return PALETTE.find((colour) => !taken.has(colour)) ?? "#6b7480";
}
