import { newestVersion } from "#db/guidelines.ts";
import type { BoardBasis } from "#domain/agreement-board.ts";
import type { Dispute } from "#domain/consensus.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { QueueQuery } from "#server/api/schemas/agreement.ts";
import type { World } from "#server/api/world.ts";
import { boardFor } from "./agreement.ts";
import { type ComparedSlide, readersIn } from "./compared-slides.ts";
import { type DisputeStanding, isDecided } from "./decisions.ts";

type Work = Pick<World, "db" | "computation" | "now">;

/** "Not marked" in the address of a queue. */
export const NOT_MARKED = "none";

/** Whether the readers' reliability would decide a dispute otherwise than their majority. */
type IsFlagged = (compared: ComparedSlide, standing: DisputeStanding) => boolean;

/**
 * What the board lists as decided otherwise by reliability, dispute by dispute: the probable label of a place follows from
 * its votes alone, so that the combinations of votes that the board found name the disputes. Without `flagged` everything.
 * @param all every slide of the board, whatever part of it is asked for
 */
export async function flaggedBy(
  work: Work,
  projectId: ProjectId,
  all: readonly ComparedSlide[],
  { flagged, version, x, y }: QueueQuery,
): Promise<IsFlagged> {
  if (flagged === undefined) return () => true;
  const guideline = await newestVersion(work.db, projectId);
  const { board } = await boardFor(work, projectId, all, { of: flagged, version }, guideline);
  const readers = readersIn(all).map(({ id }) => id);
  const meant = new Map(board.bases.map((basis) => [basis.basis, { basis, patterns: patternsOf(basis, x, y) }]));
  return ({ basis, consensus }, standing) => {
    const { dispute, decision } = standing;
    // Where something was decided everybody says so on that board; what was left unresolved keeps its votes.
    if (flagged === "decided" && isDecided(standing) && decision?.method !== "unresolved") return false;
    const found = meant.get(dispute.basis === "region" ? "regions" : "objects");
    if (found === undefined) return false;
    const readerOf = new Map(basis.reads.map(({ layerId, reader }) => [String(layerId), reader.id]));
    const places = consensus.readerKeys.map((key) => readerOf.get(key));
    const labels = readers.map((reader) => {
      const column = places.indexOf(reader);
      return column < 0 ? null : labelIn(found.basis, dispute.votes[column]);
    });
    return found.patterns.has(labels.join());
  };
}

/** The combinations of votes that are moved from one label, and to another, where these are asked for. */
function patternsOf({ classIds, reliability }: BoardBasis, x: string | undefined, y: string | undefined): Set<string> {
  const idOf = (label: number) => classIds[label - 1] ?? NOT_MARKED;
  const moved = reliability.moved.filter(
    ({ majority, probable }) => (x ?? idOf(majority)) === idOf(majority) && (y ?? idOf(probable)) === idOf(probable),
  );
  return new Set(moved.flatMap(({ patterns }) => patterns.map((labels) => labels.join())));
}

function labelIn({ classIds }: BoardBasis, vote: Dispute["votes"][number] | undefined): number {
  return vote === undefined || vote.classId === null ? 0 : classIds.indexOf(vote.classId) + 1;
}
