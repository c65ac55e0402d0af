import { addSeen } from "#db/screening.ts";
import { slideById } from "#db/slides.ts";
import type { LayerId } from "#domain/ids.ts";
import { cellsFromBase64, screenGridOf } from "#domain/screening.ts";
import { allow, requireLayer } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { historyInForce } from "#server/queries/in-force.ts";
import type { Caller } from "#server/session.ts";

/**
 * Keeps which cells of a slide the caller has had on screen at working magnification. It is the browser's word about its
 * own person: it never opens anything, and is told to nobody, in a blind round least of all.
 * @param cells base64 of a bit for each cell of the slide's grid
 * @throws AppError not-found, not-allowed, bad-request for what is no set of cells of this slide
 */
export async function logView({ db, now }: World, caller: Caller, layerId: LayerId, cells: string): Promise<void> {
  const { subject, member, slideId } = await requireLayer(db, caller, layerId);
  allow(member, "screening.log", subject);
  const slide = await slideById(db, slideId);
  if (slide === null) throw new AppError("not-found", { layerId });
  const set = cellsFromBase64(screenGridOf(slide.meta), cells);
  if (set === null) throw new AppError("bad-request", { in: "body", path: "cells" });
  const version = (await historyInForce(db, slide.projectId, layerId)).at(-1)?.number ?? 0;
  const { personId } = caller;
  await db.transaction((tx) => addSeen(tx, { layerId, personId, version, cells: set, at: now() }));
}
