import { appendAudit } from "#db/audit.ts";
import { addNotifications } from "#db/notifications.ts";
import { lockRound, markUnblinded, wholeRounds } from "#db/rounds.ts";
import type { RoundId } from "#domain/ids.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireRound, unblindSubject } from "#server/queries/rounds.ts";
import type { Caller } from "#server/session.ts";
import { makeTasks } from "./make-tasks.ts";

/**
 * Opens a blind round to everybody, for good, and tells its readers. Guideline versions published meanwhile take effect for
 * it now.
 * @throws AppError not-found, not-allowed, already-unblinded, round-not-finished while a read is open
 */
export async function unblindRound(world: World, caller: Caller, roundId: RoundId): Promise<void> {
  const { whole, member } = await requireRound(world.db, caller, roundId);
  const { projectId, name } = whole.round;
  // A lead who reads in the round learns that it is unfinished, and not by how much.
  const rounds = await wholeRounds(world.db, { projectId });
  allow(member, "round.unblind", { ...unblindSubject(whole, rounds), allSubmitted: true });
  await world.db.transaction(async (tx) => {
    const locked = await lockRound(tx, roundId);
    if (locked === null) throw new AppError("not-found", { roundId });
    if (locked.round.mode !== "blind" || locked.round.unblindedAt !== null) {
      throw new AppError("already-unblinded", { roundId });
    }
    if (locked.openReads > 0) throw new AppError("round-not-finished", { roundId });
    await markUnblinded(tx, roundId, world.now());
    await appendAudit(tx, {
      personId: caller.personId,
      projectId,
      action: "round.unblinded",
      subject: roundId,
      detail: {},
      at: world.now(),
    });
    const notice = { projectId, roundId, actorId: caller.personId, kind: "round-unblinded", note: name } as const;
    await addNotifications(
      tx,
      whole.readers.map((reader) => ({ ...notice, personId: reader.id })),
      world.now(),
    );
  });
  const toast = `${name} has been unblinded.`;
  world.events.tell(projectId, "project", { kind: "rounds", toast });
  world.events.tell(projectId, "project", { kind: "layers", toast: null });
  world.events.tell(projectId, "project", { kind: "consensus", toast: null });
  const readers = whole.readers.map(({ id }) => id);
  world.events.tell(projectId, readers, { kind: "notifications", toast: null });
  await makeTasks(world, projectId);
}
