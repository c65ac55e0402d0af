import { createHash } from "node:crypto";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { wordsOf } from "#domain/qualification.ts";

/** What classes mean by a text, as a reference that was said by a draft keeps it; null for one that cannot be drawn. */
export function meaningIn(content: GuidelineContent): (classId: ClassId) => string | null {
  return (classId) => {
    const words = wordsOf(classId, content);
    return words === null ? null : createHash("sha256").update(words).digest("hex");
  };
}
