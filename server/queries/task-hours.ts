import type { TaskKind } from "#domain/task.ts";

/** What an answer takes before the project has a median of its own, seconds. */
export const ANSWER_SECONDS = 12;
/** What it takes to look through a slide for a class, to settle a dispute, to read a slide, or to be tested, seconds; no median measures these. */
const SECONDS: Readonly<Partial<Record<TaskKind, number>>> = {
  "re-screen": 300,
  adjudication: 60,
  read: 1_200,
  "repeat-read": 1_200,
  requalify: 300,
};

/** Estimated hours until a task is done. */
export function hoursOf(kind: TaskKind, left: number, medianSeconds: number | null): number {
  return (left * (SECONDS[kind] ?? medianSeconds ?? ANSWER_SECONDS)) / 3_600;
}
