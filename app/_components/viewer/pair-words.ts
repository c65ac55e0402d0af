import { percent } from "#app/_lib/format.ts";
import type { TaskItem } from "#client/answers.ts";
import { effectiveRules } from "#domain/guideline/effective.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";

type Paired = TaskItem["pairs"][number];
type Side = NonNullable<Paired["shared"]>["item"];
export type Names = { readonly item: string; readonly other: string };

/** What is asked about two outlines: which classes, what they share, and how much is allowed. */
export function pairSentence({ shared }: Pick<Paired, "shared">, { item, other }: Names): string {
  const parts =
    shared === null
      ? []
      : [
          ...(exceeds(shared.item) ? [sideText(shared.item, `this ${item}`, other)] : []),
          ...(exceeds(shared.other) ? [sideText(shared.other, `the ${other}`, item)] : []),
        ];
  return parts.length > 0
    ? `${parts.map(capital).join(" ")} Do both stay as they are?`
    : `This ${item} and a ${other} share more than the guideline allows. Do both stay as they are?`;
}

export function exceeds({ share, most }: Side): boolean {
  return most !== null && share > most;
}

/** The allowed share in words. */
export function mostText(most: number | null): string {
  if (most === null || most >= 1) return "any share";
  return most === 0 ? "none" : `at most ${percent(most).replace(".0", "")}`;
}

/** What the version that raised it changed, with what was allowed before. */
export function changedText(
  { questions }: Pick<TaskItem, "questions">,
  { annotationId }: Pick<Paired, "annotationId">,
  versions: readonly GuidelineVersion[],
): string | null {
  const question = questions.find(({ limit }) => limit?.other === annotationId);
  const before = versions.find(({ number }) => number === (question?.version ?? 0) - 1)?.content;
  if (question === undefined || before === undefined || !("classId" in question.change)) return null;
  const changed = question.change.classId;
  const name = before.classes.find(({ id }) => id === changed)?.name ?? "The class";
  const since = `Version ${question.version} made it stricter.`;
  if (question.limit?.rule !== "maxSharedShare") return `${since} Before, ${name} allowed the two to overlap.`;
  const most = effectiveRules(before, classId.parse(changed))?.maxSharedShare ?? null;
  return `${since} Before, ${name} allowed ${mostText(most)}.`;
}

function sideText({ share, most }: Side, whose: string, other: string): string {
  const allowed = most === 0 ? "nothing is allowed" : `${mostText(most)} is allowed`;
  return `${percent(share)} of ${whose} is also ${other}; ${allowed}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
