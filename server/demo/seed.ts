import { join } from "node:path";
import { readsOf } from "#db/consensus.ts";
import { draftOf, guidelineHistory } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { anybody, createPerson, demoPeople, type Person, personByEmail } from "#db/people.ts";
import { addMember, createProject, projectsOf } from "#db/projects.ts";
import { wholeRounds } from "#db/rounds.ts";
import { type SlideRow, slidesOf } from "#db/slides.ts";
import { annotationId, type ProjectId } from "#domain/ids.ts";
import type { Role } from "#domain/permissions.ts";
import { unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { createTeamLayer } from "#server/commands/create-team-layer.ts";
import { openRound } from "#server/commands/open-round.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { registerGenerated } from "#server/commands/register-slide.ts";
import { saveGuidelineDraft } from "#server/commands/save-draft.ts";
import { submitRead } from "#server/commands/submit-read.ts";
import { unblindRound } from "#server/commands/unblind-round.ts";
import { hashPassword } from "#server/password.ts";
import type { Caller } from "#server/session.ts";
import { generateSlide } from "#server/slides/synthetic/generate.ts";
import { type ReaderHabit, simulateReader } from "#server/slides/synthetic/readers.ts";
import type { TrueRegion } from "#server/slides/synthetic/regions.ts";
import { callerFor } from "./callers.ts";
import { demoClassId, FIRST_GUIDELINE, SECOND_DECLARATIONS, SECOND_GUIDELINE, SECOND_NOTE } from "./guideline.ts";

export const DEMO_PASSWORD = "concord-demo";
const PROJECT = "Breast carcinoma, tissue regions";
const ROUND = "First blind round";

type DemoPerson = {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly habit: ReaderHabit | null;
};
const PEOPLE: readonly DemoPerson[] = [
  { name: "Lena Hartmann", email: "lead@demo.concord", role: "lead", habit: null },
  { name: "Amir Rahimi", email: "amir@demo.concord", role: "annotator", habit: "loose" },
  { name: "Beatriz Costa", email: "beatriz@demo.concord", role: "annotator", habit: "misses-rare" },
  { name: "Chen Wei", email: "chen@demo.concord", role: "annotator", habit: "confuses" },
  { name: "Dana Okafor", email: "dana@demo.concord", role: "adjudicator", habit: null },
];
/** Share of the configured width, and seed. */
const SLIDES = [
  { name: "Demo 1", case: "Case 1", share: 1, seed: 20_261 },
  { name: "Demo 2", case: "Case 2", share: 0.5, seed: 20_262 },
] as const;
const MPP = 0.5;
/** Stroma is what lies between; nobody outlines it in the demo round, so that one class shows as missing. */
const NOT_READ = "Stroma";

type Say = (line: string) => void;

/**
 * Makes the demo project on an empty database: slides, guideline, a blind round read by simulated readers with known
 * habits, and a second guideline version whose tasks wait. Each step looks whether it was done, so a start that was cut
 * off goes on where it was. A database that holds anybody else is left alone.
 * @returns lines for the operator: how to sign in
 */
export async function seedDemo(
  world: World,
  options: { readonly width: number; readonly say: Say },
): Promise<string[]> {
  const people = await demoAccounts(world);
  if (people === null) return [];
  const lead = callerFor(people.get("lead@demo.concord"));
  const projectId = await demoProject(world, lead, people);
  const truths = await demoSlides(world, lead, projectId, options);
  const versions = (await guidelineHistory(world.db, projectId)).length;
  if (versions === 0)
    await publish(world, lead, projectId, { content: FIRST_GUIDELINE, declarations: [], parent: 0, note: "" });
  await readRound(world, lead, projectId, people, truths);
  for (const slide of await slidesOf(world.db, projectId)) await createTeamLayer(world, lead, slide);
  if (versions < 2) {
    const second = { content: SECOND_GUIDELINE, declarations: SECOND_DECLARATIONS, parent: 1, note: SECOND_NOTE };
    await publish(world, lead, projectId, second);
  }
  return [
    "Sign in with one of",
    ...PEOPLE.map(({ email, role }) => `  ${email.padEnd(24)} ${role}`),
    `Password: ${DEMO_PASSWORD}`,
  ];
}

/** The demo people, made at the first start; null where somebody else lives here. */
async function demoAccounts({ db }: World): Promise<Map<string, Person> | null> {
  const present = await demoPeople(db);
  if (present.length === 0 && (await anybody(db))) return null;
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  for (const { name, email } of PEOPLE) {
    if ((await personByEmail(db, email)) === null)
      unwrap(await createPerson(db, { name, email, passwordHash, demo: true }));
  }
  return new Map((await demoPeople(db)).map((person) => [person.email, person]));
}

async function demoProject({ db }: World, lead: Caller, people: ReadonlyMap<string, Person>): Promise<ProjectId> {
  const present = (await projectsOf(db, lead.personId)).find((project) => project.name === PROJECT);
  const description = "Generated slides with known truth, three simulated readers, and a guideline that changed once.";
  const project = present ?? (await createProject(db, { name: PROJECT, description, createdBy: lead.personId }));
  for (const { email, role } of PEOPLE) {
    const person = people.get(email);
    if (person !== undefined) await addMember(db, { projectId: project.id, personId: person.id, role });
  }
  return project.id;
}

type Truths = ReadonlyMap<SlideRow["id"], readonly TrueRegion[]>;

/** Slides that are missing are generated. The truth of those that are there is not needed any more, or is made again. */
async function demoSlides(
  world: World,
  lead: Caller,
  projectId: ProjectId,
  { width, say }: { readonly width: number; readonly say: Say },
): Promise<Truths> {
  const truths = new Map<SlideRow["id"], readonly TrueRegion[]>();
  const present = new Map((await slidesOf(world.db, projectId)).map((slide) => [slide.name, slide]));
  const unread = (await readsOf(world.db, { projectId })).length === 0 || (await hasOpenReads(world, projectId));
  for (const { name, case: caseName, share, seed } of SLIDES) {
    const known = present.get(name);
    if (known !== undefined && !unread) continue;
    const path = join(world.slides.incoming, `demo-${seed}`);
    const size = Math.max(512, Math.round(width * share));
    const { regions } = await generateSlide({
      path,
      size: { width: size, height: Math.round(size * 0.75) },
      seed,
      mpp: MPP,
      onProgress: progressLine(`Making the slide ${name}`, say),
    });
    const slide = known ?? (await registerGenerated(world, lead, projectId, { name, case: caseName, mpp: MPP }, path));
    truths.set(slide.id, regions);
  }
  return truths;
}

async function hasOpenReads(world: World, projectId: ProjectId): Promise<boolean> {
  const rounds = await wholeRounds(world.db, { projectId });
  const first = rounds.find(({ round }) => round.name === ROUND);
  return first === undefined || first.reads.some((read) => read.state === "open");
}

function progressLine(what: string, say: Say): (fraction: number) => void {
  let said = -1;
  return (fraction) => {
    const tenth = Math.floor(fraction * 10);
    if (tenth > said) say(`${what}: ${tenth * 10} %`);
    said = Math.max(said, tenth);
  };
}

async function publish(
  world: World,
  lead: Caller,
  projectId: ProjectId,
  version: { content: typeof FIRST_GUIDELINE; declarations: typeof SECOND_DECLARATIONS; parent: number; note: string },
): Promise<void> {
  const { content, declarations, parent, note } = version;
  const draft = await draftOf(world.db, projectId);
  await saveGuidelineDraft(world, lead, projectId, { revision: draft?.revision ?? 0, content, declarations });
  await publishGuideline(world, lead, projectId, { parent, note });
}

/** A blind round over all slides, read by everybody with a habit, submitted and unblinded. */
async function readRound(
  world: World,
  lead: Caller,
  projectId: ProjectId,
  people: ReadonlyMap<string, Person>,
  truths: Truths,
): Promise<void> {
  const slides = await slidesOf(world.db, projectId);
  const readers = PEOPLE.filter((each) => each.habit !== null).flatMap((each) => people.get(each.email) ?? []);
  const rounds = await wholeRounds(world.db, { projectId });
  const known = rounds.find(({ round }) => round.name === ROUND);
  const roundId =
    known?.round.id ??
    (await openRound(world, lead, projectId, {
      name: ROUND,
      mode: "blind",
      slideIds: slides.map((slide) => slide.id),
      readerIds: readers.map((reader) => reader.id),
    }));
  for (const read of await readsOf(world.db, { projectId })) {
    const regions = truths.get(read.slideId);
    const reader = readers.find((each) => each.id === read.reader.id);
    if (read.roundId !== roundId || read.state === "submitted" || regions === undefined || reader === undefined)
      continue;
    await readSlide(world, callerFor(reader), read, regions, slides);
  }
  const [round] = await wholeRounds(world.db, { roundId });
  if (round !== undefined && round.round.unblindedAt === null) await unblindRound(world, lead, roundId);
}

async function readSlide(
  world: World,
  reader: Caller,
  read: Awaited<ReturnType<typeof readsOf>>[number],
  regions: readonly TrueRegion[],
  slides: readonly SlideRow[],
): Promise<void> {
  const habit = PEOPLE.find((each) => each.email === reader.email)?.habit ?? "loose";
  const meta = slides.find((slide) => slide.id === read.slideId)?.meta;
  if (meta === undefined) return;
  const seen = regions.filter((region) => region.label !== NOT_READ);
  const outlines = simulateReader(seen, habit, { seed: meta.width, mpp: MPP, width: meta.width, height: meta.height });
  await world.rooms.edit(read.layerId, reader.personId, (doc) => {
    if (doc.size > 0) return;
    for (const { label, polygon } of outlines) {
      const drawn = demoClassId(label);
      if (drawn === null) continue;
      const geometry = { type: "polygon" as const, rings: polygon };
      doc.put(
        { id: newId(annotationId), classId: drawn, geometry, under: 1, attributes: {}, note: "" },
        { origin: "command" },
      );
    }
  });
  await submitRead(world, reader, read.layerId);
}
