import { join } from "node:path";
import { draftOf, guidelineHistory } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { demoPeople, type Person } from "#db/people.ts";
import { addMember, createProject, projectsOf } from "#db/projects.ts";
import { type ReadRow, wholeRounds } from "#db/rounds.ts";
import { slidesOf } from "#db/slides.ts";
import type { Declaration, GuidelineContent } from "#domain/guideline.ts";
import { annotationId, type PersonId, type ProjectId, type RoundId, type SlideId } from "#domain/ids.ts";
import { seedFrom } from "#domain/random.ts";
import type { World } from "#server/api/world.ts";
import { openRound } from "#server/commands/open-round.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { registerGenerated } from "#server/commands/register-slide.ts";
import { saveGuidelineDraft } from "#server/commands/save-draft.ts";
import { submitRead } from "#server/commands/submit-read.ts";
import { unblindRound } from "#server/commands/unblind-round.ts";
import type { Caller } from "#server/session.ts";
import { generateSlide } from "#server/slides/synthetic/generate.ts";
import { type ReaderHabit, simulateReader } from "#server/slides/synthetic/readers.ts";
import type { TrueRegion } from "#server/slides/synthetic/regions.ts";
import { callerFor } from "./callers.ts";
import { demoClassId, FIRST_GUIDELINE, REWORDED, REWORDED_DECLARATIONS, REWORDED_NOTE } from "./guideline.ts";

const PROJECT = "Breast biopsies, twelve weeks of reading";
const DESCRIPTION = "Small generated slides read over twelve weeks, with repeats, to show how readers drift.";
const [EARLIER, LATER] = ["Weeks 1 and 2", "Weeks 6 to 12"] as const;
/** An interval over cases needs six of them; the later round repeats all slides of the earlier one. */
const SLIDES_A_ROUND = 6;
const MPP = 1;
const SIZE = { width: 640, height: 480 };
const WASHOUT_DAYS = 21;
const DAY_MS = 86_400_000;
const NOT_READ = "Stroma";

/** Days before now. */
const DAYS = { project: 84, first: 83, earlier: 82, unblinded: 54, second: 50, later: 48, done: 2 } as const;
const READ_EVERY_DAYS = { [EARLIER]: 2, [LATER]: 3.5 } as const;

/** Chen begins to call glands tumour when the words change, which nobody meant. */
const READERS: readonly { readonly email: string; readonly habit: ReaderHabit; readonly drifts: boolean }[] = [
  { email: "amir@demo.concord", habit: "loose", drifts: false },
  { email: "beatriz@demo.concord", habit: "careful", drifts: false },
  { email: "chen@demo.concord", habit: "careful", drifts: true },
];

type Reader = (typeof READERS)[number] & { readonly caller: Caller };
type Place = { readonly world: World; readonly lead: Caller; readonly projectId: ProjectId; readonly began: Date };
type Truths = ReadonlyMap<SlideId, readonly TrueRegion[]>;

/**
 * Makes the second demo project, in which something can be seen that takes weeks: two blind rounds of simulated readers
 * dated back, the later with repeats, and a version between them. Each step looks whether it was done, so that one which
 * was cut off goes on. Takes a while; the product runs meanwhile. A database without demo people is left alone.
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
  const readers = READERS.map((reader) => ({ ...reader, caller: callerFor(people.get(reader.email)) }));
  const truths = await historySlides(place, 2 * SLIDES_A_ROUND, signal);
  await publish(place, DAYS.first, { number: 1, content: FIRST_GUIDELINE, declarations: [], note: "" });
  const slideIds = [...truths.keys()];
  await readRound(place, readers, truths, { name: EARLIER, slideIds: slideIds.slice(0, SLIDES_A_ROUND), signal });
  const second = { number: 2, content: REWORDED, declarations: REWORDED_DECLARATIONS, note: REWORDED_NOTE };
  await publish(place, DAYS.second, second);
  await readRound(place, readers, truths, { name: LATER, slideIds: slideIds.slice(SLIDES_A_ROUND), signal });
}

/** The world as it was some days ago: what is done in it is dated so. */
function daysAgo({ world, began }: Pick<Place, "world" | "began">, days: number): World {
  return { ...world, now: () => new Date(began.getTime() - days * DAY_MS) };
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
  readers: readonly Reader[],
  truths: Truths,
  {
    name,
    slideIds,
    signal,
  }: { name: typeof EARLIER | typeof LATER; slideIds: readonly SlideId[]; signal: AbortSignal },
): Promise<void> {
  const { world, lead, projectId } = place;
  const opened = name === EARLIER ? DAYS.earlier : DAYS.later;
  const known = (await wholeRounds(world.db, { projectId })).find(({ round }) => round.name === name);
  if (known !== undefined && known.round.unblindedAt !== null) return;
  const request = { name, mode: "blind" as const, slideIds, readerIds: readers.map(({ caller }) => caller.personId) };
  const repeats = name === EARLIER ? null : { perReader: SLIDES_A_ROUND, washoutDays: WASHOUT_DAYS };
  const roundId =
    known?.round.id ?? (await openRound(daysAgo(place, opened), lead, projectId, { ...request, repeats }));
  for (const reader of readers) {
    for (const [turn, read] of (await readsOf(place, roundId, reader.caller.personId)).entries()) {
      signal.throwIfAborted();
      if (read.state === "submitted") continue;
      const past = daysAgo(place, opened - 2 - turn * READ_EVERY_DAYS[name]);
      await readSlide(past, reader, { ...read, regions: truths.get(read.slideId) ?? [], isLater: name === LATER });
    }
  }
  await unblindRound(daysAgo(place, name === EARLIER ? DAYS.unblinded : DAYS.done), lead, roundId);
}

async function readsOf({ world }: Place, roundId: RoundId, personId: PersonId): Promise<readonly ReadRow[]> {
  const [whole] = await wholeRounds(world.db, { roundId });
  const own = (whole?.reads ?? []).filter(({ readerId }) => readerId === personId);
  // Repeats lie among the others; the order of ids is as good as any, and the same after a cut.
  return own.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function readSlide(
  world: World,
  { habit, drifts, caller }: Reader,
  read: ReadRow & { readonly regions: readonly TrueRegion[]; readonly isLater: boolean },
): Promise<void> {
  const seen = read.regions.filter(({ label }) => label !== NOT_READ);
  const outlines = simulateReader(seen, habit, { ...SIZE, mpp: MPP, seed: seedFrom(read.id) });
  await world.rooms.edit(read.id, caller.personId, (doc) => {
    if (doc.size > 0) return;
    for (const { label, polygon } of outlines) {
      const classId = demoClassId(drifts && read.isLater && label === "Gland" ? "Tumour" : label);
      if (classId === null) continue;
      const geometry = { type: "polygon" as const, rings: polygon };
      const under = read.isLater ? 2 : 1;
      doc.put({ id: newId(annotationId), classId, geometry, under, attributes: {}, note: "" }, { origin: "command" });
    }
  });
  await submitRead(world, caller, read.id);
}
