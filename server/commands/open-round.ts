import type { z } from "zod";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { lockProject, newestVersion } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { membersOf } from "#db/projects.ts";
import { addRound, askedRound } from "#db/rounds.ts";
import { slidesByIds } from "#db/slides.ts";
import {
  layerId,
  type PersonId,
  type ProjectId,
  personId,
  type RoundId,
  roundId,
  type SlideId,
  slideId,
} from "#domain/ids.ts";
import { rolesFor } from "#domain/permissions.ts";
import { seedFrom } from "#domain/random.ts";
import { chooseRepeats } from "#domain/repeat.ts";
import { refuse } from "#domain/result.ts";
import { refused } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { readsWithoutWork } from "#server/queries/repeats.ts";
import type { Caller } from "#server/session.ts";
import { isMadeAlready } from "./named-request.ts";

type RoundRequest = {
  /** Names the round; one that was opened under it already is not opened again. */
  readonly id?: RoundId | undefined;
  readonly name: string;
  readonly mode: "together" | "open" | "blind";
  readonly slideIds: readonly string[];
  readonly readerIds: readonly string[];
  readonly repeats?: { readonly perReader: number; readonly washoutDays: number } | null;
};

/**
 * Makes a round under the newest guideline version, with all of its layers: one for each slide and reader, or one for
 * each slide where the readers draw together. Where it is asked for, some earlier reads of each reader are asked for again,
 * hidden among the others. The caller has been allowed "round.create".
 * @throws AppError no-guideline, person-not-suitable, not-found, repeats-need-blind, bad-request for an id that another
 * round has
 */
export async function openRound(
  { db, rooms, events, now }: World,
  caller: Caller,
  project: ProjectId,
  request: RoundRequest,
): Promise<RoundId> {
  const slideIds = distinct(request.slideIds, slideId);
  const readerIds = distinct(request.readerIds, personId);
  const id = request.id ?? newId(roundId);
  if (request.repeats != null && request.mode !== "blind") throw refused(refuse("repeats-need-blind", {}));
  const at = now();
  const layers = await db.transaction(async (tx) => {
    await lockProject(tx, project);
    if (await isOpened(tx, caller, project, { ...request, id, slideIds, readerIds })) return null;
    const guideline = await newestVersion(tx, project);
    if (guideline === null) throw new AppError("no-guideline", { projectId: project });
    await checkSlides(tx, project, slideIds);
    await checkReaders(tx, project, readerIds);
    const round = { id, projectId: project, name: request.name, mode: request.mode, seed: seedFrom(id) >>> 1 };
    const repeats = await repeatsOf(tx, round, { slideIds, readerIds, now: at }, request.repeats ?? null);
    const made = [...layersOf({ ...round, slideIds, readerIds }), ...repeats].map((layer) => ({
      ...layer,
      createdAt: at,
    }));
    await addRound(
      tx,
      { ...round, guidelineNumber: guideline.number, createdBy: caller.personId, createdAt: at },
      { slideIds, readerIds, layers: made },
    );
    const asked = { mode: request.mode, slides: slideIds.length, readers: readerIds, guideline: guideline.number };
    const detail = request.repeats == null ? asked : { ...asked, ...request.repeats, repeats: repeats.length };
    await appendAudit(tx, {
      personId: caller.personId,
      projectId: project,
      action: "round.opened",
      subject: id,
      detail,
      at,
    });
    return made;
  });
  if (layers === null) return id;
  // Whoever reads these slides blind from now on must lose sight of the others' layers on them.
  await rooms.recheck({ projectId: project });
  events.tell(project, "project", { kind: "rounds", toast: null });
  for (const readerId of readerIds) {
    // Each is told how many they have themselves: a number that differs from the worklist would give a repeat away.
    const own = layers.filter((layer) => layer.readerId === undefined || layer.readerId === readerId).length;
    const work = own === 1 ? "a slide" : `${own} slides`;
    events.tell(project, [readerId], { kind: "rounds", toast: `You have ${work} to read in ${request.name}.` });
  }
  return id;
}

/** Whether this very round was opened before: whoever asked for it did not hear so. @throws AppError bad-request for another's id */
async function isOpened(
  tx: Db,
  { personId }: Caller,
  project: ProjectId,
  asked: {
    readonly id: RoundId;
    readonly name: string;
    readonly mode: RoundRequest["mode"];
    readonly slideIds: readonly SlideId[];
    readonly readerIds: readonly PersonId[];
  },
): Promise<boolean> {
  const found = await askedRound(tx, asked.id);
  const made = found && [
    ...[found.round.projectId, found.round.createdBy, found.round.name, found.round.mode],
    ...[found.slideIds.toSorted(), found.readerIds.toSorted()],
  ];
  const { name, mode, slideIds, readerIds } = asked;
  return isMadeAlready(made, [project, personId, name, mode, slideIds.toSorted(), readerIds.toSorted()]);
}

type NewLayers = Parameters<typeof addRound>[2]["layers"];

function layersOf(round: {
  readonly id: RoundId;
  readonly projectId: ProjectId;
  readonly mode: RoundRequest["mode"];
  readonly slideIds: readonly SlideId[];
  readonly readerIds: readonly PersonId[];
}): NewLayers {
  const { id: ofRound, projectId, mode, slideIds, readerIds } = round;
  const layerOn = (slide: SlideId) => ({ id: newId(layerId), projectId, roundId: ofRound, slideId: slide });
  if (mode === "together") return slideIds.map((slide) => ({ ...layerOn(slide), kind: "team" }));
  return slideIds.flatMap((slide) =>
    readerIds.map((readerId) => ({ ...layerOn(slide), kind: "read" as const, readerId })),
  );
}

/** Earlier reads to be made again. One with unfinished work is left alone: its reader could not see that work meanwhile. */
async function repeatsOf(
  tx: Db,
  round: { readonly id: RoundId; readonly projectId: ProjectId; readonly seed: number },
  asked: { readonly slideIds: readonly SlideId[]; readonly readerIds: readonly PersonId[]; readonly now: Date },
  wanted: { readonly perReader: number; readonly washoutDays: number } | null,
): Promise<NewLayers[number][]> {
  if (wanted === null) return [];
  const past = await readsWithoutWork(tx, round.projectId);
  return chooseRepeats(past, { ...asked, ...wanted, seed: round.seed }).map(({ readerId, slideId: slide, of }) => ({
    id: newId(layerId),
    projectId: round.projectId,
    roundId: round.id,
    slideId: slide,
    kind: "read",
    readerId,
    purpose: "repeat",
    repeatOf: of,
  }));
}

async function checkSlides(tx: Db, project: ProjectId, ids: readonly SlideId[]): Promise<void> {
  const found = await slidesByIds(tx, ids);
  const missing = ids.find((id) => !found.some((slide) => slide.id === id && slide.projectId === project));
  if (missing !== undefined) throw new AppError("not-found", { slideId: missing });
}

async function checkReaders(tx: Db, project: ProjectId, ids: readonly PersonId[]): Promise<void> {
  const members = await membersOf(tx, project);
  const unsuitable = ids.filter(
    (id) => !members.some((member) => member.personId === id && rolesFor("layer.write").includes(member.role)),
  );
  if (unsuitable.length > 0) throw refused(refuse("person-not-suitable", { personIds: unsuitable }));
}

/** Texts from outside as ids; what is no id is not found anywhere. */
function distinct<Schema extends z.ZodType>(texts: readonly string[], kind: Schema): z.output<Schema>[] {
  return [...new Set(texts)].map((text) => {
    const parsed = kind.safeParse(text);
    if (!parsed.success) throw new AppError("not-found", { id: text });
    return parsed.data;
  });
}
