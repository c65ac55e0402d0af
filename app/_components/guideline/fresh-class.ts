import { PALETTE } from "#app/_components/ui/colour-picker.tsx";
import { mostDifferent } from "#client/class-colours.ts";
import { freshId } from "#client/fresh-id.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { type ClassId, classId } from "#domain/ids.ts";

/** An id for a class that did not exist before. */
export function freshClassId(): ClassId {
  return freshId(classId);
}

/** Colours for new classes, the one that is told apart best from those of the others first; there is always one. */
export function freshColours({ classes }: GuidelineContent): readonly [string, ...string[]] {
  const used = classes.filter(({ retired }) => !retired).map(({ colour }) => colour);
  const [first = "#6b7480", ...others] = mostDifferent(PALETTE, used);
  return [first, ...others];
}
