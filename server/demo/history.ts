import { join } from "node:path";
import { draftOf, guidelineHistory } from "#db/guidelines.ts";
import { demoPeople, type Person } from "#db/people.ts";
import { addMember, createProject, projectsOf } from "#db/projects.ts";
import { type ReadRow, wholeRounds } from "#db/rounds.ts";
import { slidesOf } from "#db/slides.ts";
import type { Declaration, GuidelineContent } from "#domain/guideline.ts";
import type { ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import { seedFrom } from "#domain/random.ts";
import type { World } from "#server/api/world.ts";
import { openRound } from "#server/commands/open-round.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { registerGenerated } from "#server/commands/register-slide.ts";
import { saveGuidelineDraft } from "#server/commands/save-draft.ts";
import { unblindRound } from "#server/commands/unblind-round.ts";
import { generateSlide } from "#server/slides/synthetic/generate.ts";
import type { TrueRegion } from "#server/slides/synthetic/regions.ts";
import { callerFor } from "./callers.ts";
import { FIRST_GUIDELINE, REWORDED, REWORDED_DECLARATIONS, REWORDED_NOTE } from "./guideline.ts";
import { chooseBridge, readBridge } from "./history-bridge.ts";
import { type HistoryReader, historyReaders, MPP, READERS, readSlide, SIZE } from "./history-readers.ts";
import { daysAgo, type Place, type Truths } from "./past.ts";

const PROJECT = "Breast biopsies, twelve weeks of reading";
const DESCRIPTION = "Small generated slides read over twelve weeks, with repeats, to show how readers drift.";
const [EARLIER, LATER] = ["Weeks 1 and 2", "Weeks 6 to 12"] as const;
/** An interval over cases needs six of them; the later round repeats all slides of the earlier one. */
const SLIDES_A_ROUND = 6;
const WASHOUT_DAYS = 21;

/** Days before now. */
const DAYS = {
  ...{ project: 84, first: 83.9, bridgeChosen: 83.5, bridgeFirst: 83.2, earlier: 82, unblinded: 54 },
  ...{ second: 50, bridgeSecond: 49.5, later: 48, done: 2 },
} as const;
const READ_EVERY_DAYS = { [EARLIER]: 2, [LATER]: 3.5 } as const;

/**
 * Makes the second demo project, in which something can be seen that takes weeks: two blind rounds of simulated readers
 * dated back, the later with repeats, a version between them, and a bridge set that is read under both. Each step looks
 * whether it was done, so that one which was cut off goes on. Takes a while; the product runs meanwhile. A database
 * without demo people is left alone.
 * @throws the signal's reason where it is aborted
 */
export async function seedHistory(world: World, signal: AbortSignal): Promise<void> {
  const people = new Map((await demoPeople(world.db)).map((person) => [person.email, person]));
  if (people.size === 0) return;
  const lead = callerFor(people.get("lead@demo.concord"));
  const began = world.now();
  const projectId = await historyProject({ world, lead, began }, people);
  const place = { world, lead, projectId, began };
  const rounds = await wholeRounds(world.db, { projectId });
  if (rounds.some(({ round }) => round.name === LATER && round.unblindedAt !== null)) return;
  const readers = historyReaders(people);
  const truths = await historySlides(place, 2 * SLIDES_A_ROUND, signal);
  await publish(place, DAYS.first, { number: 1, content: FIRST_GUIDELINE, declarations: [], note: "" });
  const slideIds = [...truths.keys()];
  const fresh = slideIds.slice(SLIDES_A_ROUND);
  await chooseBridge(place, readers, { slideIds: fresh, truths, days: DAYS.bridgeChosen });
  await readBridge(place, readers, { truths, version: 1, days: DAYS.bridgeFirst, signal });
  await readRound(place, readers, truths, { name: EARLIER, slideIds: slideIds.slice(0, SLIDES_A_ROUND), signal });
  const second = { number: 2, content: REWORDED, declarations: REWORDED_DECLARATIONS, note: REWORDED_NOTE };
  await publish(place, DAYS.second, second);
  await readBridge(place, readers, { truths, version: 2, days: DAYS.bridgeSecond, signal });
  await readRound(place, readers, truths, { name: LATER, slideIds: fresh, signal });
}

async function historyProject(
  place: Omit<Place, "projectId">,
  people: ReadonlyMap<string, Person>,
): Promise<ProjectId> {
  const { db } = place.world;
  const { personId } = place.lead;
  const present = (await projectsOf(db, personId)).find(({ name }) => name === PROJECT);
  const createdAt = daysAgo(place, DAYS.project).now();
  const made = { name: PROJECT, description: DESCRIPTION, createdBy: personId, createdAt };
  const { id: projectId } = present ?? (await createProject(db, made));
  await addMember(db, { projectId, personId, role: "lead" });
  for (const { email } of READERS) {
    const person = people.get(email);
    if (person !== undefined) await addMember(db, { projectId, personId: person.id, role: "annotator" });
  }
  return projectId;
}

/** All slides with what they truly show, in their order; painted again where reads are still missing. */
async function historySlides(place: Place, slides: number, signal: AbortSignal): Promise<Truths> {
  const { world, lead, projectId } = place;
  const present = new Map((await slidesOf(world.db, projectId)).map((slide) => [slide.name, slide]));
  const truths = new Map<SlideId, readonly TrueRegion[]>();
  for (let n = 1; n <= slides; n++) {
    const name = `Biopsy ${String(n).padStart(2, "0")}`;
    const path = join(world.slides.incoming, `demo-history-${n}`);
    const { regions } = await generateSlide({ path, size: SIZE, seed: 31_000 + n, mpp: MPP, signal });
    const stated = { name, case: `Patient ${n}`, mpp: MPP };
    const slide =
      present.get(name) ?? (await registerGenerated(daysAgo(place, DAYS.project), lead, projectId, stated, path));
    truths.set(slide.id, regions);
  }
  return truths;
}

async function publish(
  place: Place,
  days: number,
  version: { number: number; content: GuidelineContent; declarations: readonly Declaration[]; note: string },
): Promise<void> {
  const { world, lead, projectId } = place;
  if ((await guidelineHistory(world.db, projectId)).length >= version.number) return;
  const { number, content, note } = version;
  const revision = (await draftOf(world.db, projectId))?.revision ?? 0;
  const past = daysAgo(place, days);
  await saveGuidelineDraft(past, lead, projectId, { revision, content, declarations: [...version.declarations] });
  await publishGuideline(past, lead, projectId, { parent: number - 1, note });
}

async function readRound(
  place: Place,
  readers: readonly HistoryReader[],
  truths: Truths,
  {
    name,
    slideIds,
    signal,
  }: { name: typeof EARLIER | typeof LATER; slideIds: readonly SlideId[]; signal: AbortSignal },
): Promise<void> {
  const { world, lead, projectId } = place;
  const [opened, version] = name === EARLIER ? ([DAYS.earlier, 1] as const) : ([DAYS.later, 2] as const);
  const known = (await wholeRounds(world.db, { projectId })).find(({ round }) => round.name === name);
  if (known !== undefined && known.round.unblindedAt !== null) return;
  const request = { name, mode: "blind" as const, slideIds, readerIds: readers.map(({ caller }) => caller.personId) };
  const repeats = name === EARLIER ? null : { perReader: SLIDES_A_ROUND, washoutDays: WASHOUT_DAYS };
  const roundId =
    known?.round.id ?? (await openRound(daysAgo(place, opened), lead, projectId, { ...request, repeats }));
  for (const { reader, layer, slide, turn } of await turnsIn(place, roundId, readers, truths)) {
    signal.throwIfAborted();
    if (layer.state === "submitted") continue;
    const past = daysAgo(place, opened - 2 - turn * READ_EVERY_DAYS[name]);
    const regions = truths.get(layer.slideId) ?? [];
    await readSlide(past, reader, { layer, name: `${slide} ${name}`, regions, version, within: null });
  }
  await unblindRound(daysAgo(place, name === EARLIER ? DAYS.unblinded : DAYS.done), lead, roundId);
}

type Turn = Awaited<ReturnType<typeof readsOf>>[number] & { readonly reader: HistoryReader; readonly turn: number };

/** The reads of a round as they come one after the other: what happened is entered in the order in which it did. */
async function turnsIn(
  place: Place,
  roundId: RoundId,
  readers: readonly HistoryReader[],
  truths: Truths,
): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  for (const reader of readers) {
    const reads = await readsOf(place, roundId, reader, truths);
    turns.push(...reads.map((read, turn) => ({ ...read, reader, turn })));
  }
  return turns.sort((a, b) => a.turn - b.turn);
}

/** What a reader reads in a round, and the places of its slides. Repeats lie among the others, the same at every start. */
async function readsOf(
  { world }: Place,
  roundId: RoundId,
  { caller, email }: HistoryReader,
  truths: Truths,
): Promise<readonly { readonly layer: ReadRow; readonly slide: number }[]> {
  const [whole] = await wholeRounds(world.db, { roundId });
  const places = [...truths.keys()];
  const turn = (slide: number) => seedFrom(`${email} ${slide}`);
  return (whole?.reads ?? [])
    .filter(({ readerId }) => readerId === caller.personId)
    .map((layer) => ({ layer, slide: places.indexOf(layer.slideId) }))
    .toSorted((a, b) => turn(a.slide) - turn(b.slide));
}
