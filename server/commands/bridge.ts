import { isDeepStrictEqual } from "node:util";
import { appendAudit } from "#db/audit.ts";
import {
  addRegions,
  type BridgeRegion,
  bridgeReadersOf,
  bridgeRegionsOf,
  bridgeRounds,
  removeRegions,
  setBridgeReaders,
} from "#db/bridge.ts";
import type { Db } from "#db/client.ts";
import { lockProject, newestVersion } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { membersOf } from "#db/projects.ts";
import { addLayers, addRound, markUnblinded, setRoundReaders } from "#db/rounds.ts";
import { slidesByIds } from "#db/slides.ts";
import { addTask, addTaskEvent, changeTask, openTasks } from "#db/tasks.ts";
import {
  layerId,
  type PersonId,
  type ProjectId,
  personId,
  type RoundId,
  regionId,
  roundId,
  type SlideId,
  slideId,
  taskId,
} from "#domain/ids.ts";
import { rolesFor } from "#domain/permissions.ts";
import { seedFrom } from "#domain/random.ts";
import { refuse } from "#domain/result.ts";
import { refused } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";

type Box = readonly [minX: number, minY: number, maxX: number, maxY: number];
export type BridgeRequest = {
  readonly regions: readonly {
    readonly id?: string | undefined;
    readonly slideId: string;
    readonly name: string;
    readonly box: Box;
  }[];
  readonly readerIds: readonly string[];
};

/**
 * Says which fixed regions are read again under each guideline version, and by whom. A region stays where it is: what is
 * left out is taken out of the set, what is new is added, what is there by id or by name and place stays. Reads under the
 * present version are asked for at once, so that the next version has something to be compared with. The caller has been
 * allowed "drift.configure".
 * @throws AppError not-found for a slide or region of elsewhere, outline-off-slide, person-not-suitable
 */
export async function setBridge(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  { regions, readerIds }: BridgeRequest,
): Promise<void> {
  const { db, now } = world;
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const readers = await suitable(tx, projectId, readerIds);
    const present = (await bridgeRegionsOf(tx, projectId)).filter(({ removedAt }) => removedAt === null);
    const kept = regions.flatMap((region) => keptRegion(present, region) ?? []);
    const gone = present.filter(({ id }) => !kept.includes(id)).map(({ id }) => id);
    const made = [];
    for (const region of regions) {
      if (keptRegion(present, region) !== null) continue;
      const { slideId: slide, name, box } = region;
      const on = await checkedPlace(tx, projectId, slide, box);
      const [minX, minY, maxX, maxY] = box;
      const place = { minX, minY, maxX, maxY, createdBy: caller.personId, createdAt: now() };
      made.push({ id: newId(regionId), projectId, slideId: on, name, ...place });
    }
    await removeRegions(tx, gone, now());
    await addRegions(tx, made);
    await setBridgeReaders(tx, projectId, readers);
    const detail = { added: made.length, removed: gone.length, readers };
    const entry = { personId: caller.personId, projectId, subject: projectId, detail, at: now() };
    await appendAudit(tx, { ...entry, action: "bridge.changed" });
  });
  await makeBridgeReads(world, projectId);
}

/**
 * Makes the bridge reads that the newest version lacks: a blind round of the set with a read and a task for each reader and
 * slide. What of an older version was not read by then is superseded, since nobody reads under it any more. May be called
 * at any time and any number of times.
 * @returns the number of reads made
 */
export async function makeBridgeReads({ db, rooms, events, now }: World, projectId: ProjectId): Promise<number> {
  const told = await db.transaction(async (tx) => {
    if (!(await lockProject(tx, projectId))) return [];
    const version = await newestVersion(tx, projectId);
    if (version === null) return [];
    await closeOlder(tx, projectId, version.number, now());
    return addMissing(tx, projectId, version.number, now());
  });
  if (told.length === 0) return 0;
  await rooms.recheck({ projectId });
  events.tell(projectId, "project", { kind: "rounds", toast: null });
  for (const reader of new Set(told)) {
    const count = told.filter((each) => each === reader).length;
    const slides = count === 1 ? "a slide" : `${count} slides`;
    events.tell(projectId, [reader], { kind: "tasks", toast: `The bridge set asks you to read regions of ${slides}.` });
  }
  return told.length;
}

/** A bridge round whose reads are all in hides nothing any more. @returns whether it was closed now */
export async function closeFinishedBridge(
  tx: Db,
  projectId: ProjectId,
  id: RoundId | null,
  at: Date,
): Promise<boolean> {
  const round = (await bridgeRounds(tx, projectId)).find((each) => each.id === id);
  if (round === undefined || round.closed || round.reads.some(({ state }) => state === "open")) return false;
  await markUnblinded(tx, round.id, at);
  return true;
}

async function addMissing(tx: Db, projectId: ProjectId, version: number, at: Date): Promise<PersonId[]> {
  const regions = (await bridgeRegionsOf(tx, projectId)).filter(({ removedAt }) => removedAt === null);
  const members = await membersOf(tx, projectId);
  const readers = (await bridgeReadersOf(tx, projectId)).filter((id) => isSuitable(members, id));
  const slides = [...new Set(regions.map((region) => region.slideId))];
  const present = (await bridgeRounds(tx, projectId)).find((round) => round.version === version);
  if (present?.closed === true) return [];
  const missing = slides.flatMap((slide) =>
    readers
      .filter((reader) => !present?.reads.some((read) => read.slideId === slide && read.readerId === reader))
      .map((reader) => ({ id: newId(layerId), slideId: slide, readerId: reader })),
  );
  if (missing.length === 0) return [];
  const id = present?.id ?? (await openBridgeRound(tx, projectId, { version, regions, at }));
  await setRoundReaders(tx, id, readers);
  await addLayers(
    tx,
    missing.map((read) => ({ ...read, projectId, roundId: id, kind: "read", purpose: "bridge", createdAt: at })),
  );
  for (const { id: layer, slideId: slide, readerId } of missing) {
    const regionIds = regions.filter((region) => region.slideId === slide).map((region) => region.id);
    await addTask(tx, {
      ...{ id: newId(taskId), projectId, kind: "repeat-read", slideId: slide, layerId: layer, assigneeId: readerId },
      scope: { kind: "repeat-read", version, regionIds },
      dedupeKey: `repeat-read:${version}:${slide}:${readerId}`,
      ...{ priority: 1, createdAt: at, updatedAt: at },
    });
  }
  const detail = { version, reads: missing.length };
  await appendAudit(tx, { personId: null, projectId, action: "bridge.asked", subject: id, detail, at });
  return missing.map(({ readerId }) => readerId);
}

async function openBridgeRound(
  tx: Db,
  projectId: ProjectId,
  { version, regions, at }: { readonly version: number; readonly regions: readonly BridgeRegion[]; readonly at: Date },
): Promise<RoundId> {
  const id = newId(roundId);
  const createdBy = regions[0]?.createdBy;
  if (createdBy === undefined) throw new Error("a bridge round needs a region");
  const round = { id, projectId, name: `Bridge set, guideline v${version}`, mode: "blind" as const, createdAt: at };
  await addRound(
    tx,
    { ...round, purpose: "bridge", seed: seedFrom(id) >>> 1, guidelineNumber: version, createdBy },
    { slideIds: [], readerIds: [], layers: [] },
  );
  return id;
}

async function closeOlder(tx: Db, projectId: ProjectId, version: number, at: Date): Promise<void> {
  const older = (await bridgeRounds(tx, projectId)).filter((round) => round.version < version && !round.closed);
  if (older.length === 0) return;
  for (const round of older) await markUnblinded(tx, round.id, at);
  for (const task of await openTasks(tx, projectId, "repeat-read")) {
    if (task.scope.kind !== "repeat-read" || task.scope.version >= version) continue;
    await changeTask(tx, task.id, { state: "superseded" }, at);
    const step = { taskId: task.id, personId: null, fromState: task.state, toState: "superseded" as const };
    await addTaskEvent(tx, { ...step, note: `Superseded by guideline version ${version}.` });
  }
}

/**
 * The region of the set that is meant: by its id, or by name and place where it comes without, since a request that is sent
 * again adds nothing twice. @returns null for a new one @throws AppError not-found for an id that is not in the set
 */
function keptRegion(
  present: readonly BridgeRegion[],
  { id, slideId: slide, name, box }: BridgeRequest["regions"][number],
): BridgeRegion["id"] | null {
  if (id === undefined) {
    const isThere = (each: BridgeRegion): boolean =>
      each.slideId === slide &&
      each.name === name &&
      isDeepStrictEqual([each.minX, each.minY, each.maxX, each.maxY], [...box]);
    return present.find(isThere)?.id ?? null;
  }
  const found = present.find((region) => region.id === id);
  if (found === undefined) throw new AppError("not-found", { regionId: id });
  return found.id;
}

async function checkedPlace(tx: Db, projectId: ProjectId, text: string, box: Box): Promise<SlideId> {
  const parsed = slideId.safeParse(text);
  const [slide] = parsed.success ? await slidesByIds(tx, [parsed.data]) : [];
  if (slide === undefined || slide.projectId !== projectId) throw new AppError("not-found", { slideId: text });
  const [minX, minY, maxX, maxY] = box;
  const { width, height } = slide.meta;
  if (!(minX >= 0 && minY >= 0 && maxX <= width && maxY <= height && maxX - minX >= 1 && maxY - minY >= 1)) {
    throw new AppError("outline-off-slide", { box, width, height });
  }
  return slide.id;
}

async function suitable(tx: Db, projectId: ProjectId, texts: readonly string[]): Promise<PersonId[]> {
  const members = await membersOf(tx, projectId);
  const unsuitable = texts.filter((text) => !isSuitable(members, text));
  if (unsuitable.length > 0) throw refused(refuse("person-not-suitable", { personIds: unsuitable }));
  return [...new Set(texts)].map((text) => personId.parse(text));
}

function isSuitable(members: Awaited<ReturnType<typeof membersOf>>, id: string): boolean {
  return members.some((member) => member.personId === id && rolesFor("layer.write").includes(member.role));
}
