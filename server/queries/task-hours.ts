import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { medianSeconds } from "#db/paces.ts";
import { openBlindRounds } from "#db/rounds.ts";
import type { ProjectId } from "#domain/ids.ts";
import { can, type LayerSubject, type Member } from "#domain/permissions.ts";
import type { TaskKind } from "#domain/task.ts";

/** What one thing to do of a task takes, seconds, as far as the project has measured it. */
export type Pace = Readonly<Partial<Record<TaskKind, number>>>;

/** Before a project has measured anything, or where nothing is known of the project. */
export const UNMEASURED: Pace = {};

/** What is assumed until then, seconds: for an answer, a class to look through a slide for, a dispute, a read, a test. */
const ASSUMED: Readonly<Record<TaskKind, number>> = {
  migration: 12,
  rework: 12,
  "re-screen": 300,
  adjudication: 60,
  read: 1_200,
  "repeat-read": 1_200,
  requalify: 300,
};

/** Estimated hours until a task is done. */
export function hoursOf(kind: TaskKind, left: number, pace: Pace): number {
  return (left * secondsFor(kind, pace).seconds) / 3_600;
}

export function secondsFor(kind: TaskKind, pace: Pace): { readonly seconds: number; readonly isAssumed: boolean } {
  const own = pace[kind];
  return own === undefined ? { seconds: ASSUMED[kind], isAssumed: true } : { seconds: own, isAssumed: false };
}

/** The project's own pace, on layers that the member may see: a blind reader is not told how fast others work. */
export async function paceFor(db: Db, member: Member): Promise<Pace> {
  return paceWhere(db, member.projectId, (layer) => can(member, "layer.see", layer));
}

/** The same on layers that are kept from nobody, for what is decided alike for everybody. */
export async function openPace(db: Db, projectId: ProjectId): Promise<Pace> {
  return paceWhere(db, projectId, isForAll);
}

/** False where somebody reads blind and must not learn of work on the layer. */
export function isForAll({ unblinded, slideBlindReaderIds }: LayerSubject): boolean {
  return unblinded && slideBlindReaderIds.length === 0;
}

async function paceWhere(db: Db, projectId: ProjectId, isTold: (layer: LayerSubject) => boolean): Promise<Pace> {
  // Only where somebody reads blind is anything kept from anybody.
  const facts = (await openBlindRounds(db, projectId)).length === 0 ? [] : await layerFacts(db, { projectId });
  const hidden = facts.filter(({ subject }) => !isTold(subject)).map(({ layerId }) => layerId);
  const { answer, screening, test } = await medianSeconds(db, projectId, hidden);
  return {
    ...(answer === null ? {} : { migration: answer, rework: answer }),
    ...(screening === null ? {} : { "re-screen": screening }),
    ...(test === null ? {} : { requalify: test }),
  };
}
