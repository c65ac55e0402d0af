import pg from "pg";
import type { Db } from "#db/client.ts";
import { draftOf, versionsOf } from "#db/guidelines.ts";
import { createPerson } from "#db/people.ts";
import { addMember, createProject } from "#db/projects.ts";
import { declarationSchema } from "#domain/guideline/change.ts";
import { blankClass, type Declaration, type GuidelineContent, studyRules } from "#domain/guideline.ts";
import { type ClassId, classId, type PersonId, type ProjectId } from "#domain/ids.ts";
import { layerAccess, unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { saveGuidelineDraft } from "#server/commands/save-draft.ts";
import { startComputation } from "#server/jobs/computation.ts";
import { LiveEvents } from "#server/live-events.ts";
import { SILENT_LOG } from "#server/log.ts";
import { changesOf } from "#server/queries/draft.ts";
import type { Versions } from "#server/queries/staleness.ts";
import { type Caller, createSessions } from "#server/session.ts";
import { openSlideStore } from "#server/slides/store.ts";
import { openTiles } from "#server/slides/tiles.ts";
import { createRooms } from "#server/sync/rooms.ts";
import { type Crowd, crowded } from "./crowd.ts";
import { CLASSES, fillProject, type Scale, type Seeded, strewnBoxes } from "./seed.ts";

/** The product's parts on a database, without a server. */
export async function worldOn({ db }: Pick<World, "db">, folder: string): Promise<World> {
  const store = await openSlideStore(folder);
  const url = "http://concord.test";
  return {
    db,
    rooms: createRooms({
      db,
      access: (who, layer, tx) => layerAccess(tx ?? db, who.personId, layer),
      log: SILENT_LOG,
    }),
    events: new LiveEvents(),
    computation: startComputation(SILENT_LOG),
    sessions: createSessions({ db, secret: "s".repeat(32), url }),
    slides: store,
    tiles: openTiles({ pathOf: store.pathOf, sidecarOf: store.sidecarOf }),
    url,
    maxUploadBytes: 1_000_000,
    log: SILENT_LOG,
    now: () => new Date(),
  };
}

/** Where a project is made; the url is that of the world's database, for the copy. */
type Place = { readonly world: World; readonly url: string; readonly seed: number };

/** A project with two published versions, outlines by COPY, and a draft that touches most of them. */
export async function largeProject({ scale, ...place }: Place & { readonly scale: Scale }) {
  return filledProject(place, scale, { versions: VERSIONS, draft: DRAFT, outlines: strewnBoxes(scale, place.seed) });
}

/** A project of crowded layers in which everything may share everything, and a draft that limits what two classes share. */
export async function crowdedProject({ crowd, ...place }: Place & { readonly crowd: Crowd }) {
  const outlines = crowded(crowd, place.seed);
  return filledProject(place, { slides: crowd.layers, readers: 1 }, { versions: [FREE], draft: LIMITED, outlines });
}

async function filledProject(
  { world, url, seed }: Place,
  { slides, readers: count }: Pick<Scale, "slides" | "readers">,
  plan: { readonly versions: readonly Step[]; readonly draft: Step; readonly outlines: Iterable<Seeded> },
) {
  const { projectId, caller, readers } = await peopleIn(world, count);
  await publishAll(world, caller, projectId, plan.versions);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await fillProject(world.db, client, plan.outlines, { projectId, lead: caller.personId, readers, seed, slides });
  } finally {
    await client.end();
  }
  await saveGuidelineDraft(world, caller, projectId, { revision: 0, ...plan.draft });
  return { projectId, caller };
}

/** The versions of a project as they will be when its draft is published. */
export async function historyWithDraft(db: Db, projectId: ProjectId): Promise<Versions> {
  const versions = await versionsOf(db, projectId);
  const draft = await draftOf(db, projectId);
  if (draft === null) throw new Error("there is no draft");
  const changes = changesOf(versions.at(-1)?.content ?? null, draft);
  if (!changes.ok) throw new Error(changes.reason);
  return [...versions, { number: draft.parent + 1, content: draft.content, changes: changes.value }];
}

async function peopleIn({ db }: World, readers: number) {
  const made: PersonId[] = [];
  for (let n = 0; n <= readers; n++) {
    const person = unwrap(await createPerson(db, { email: `p${n}@example.org`, name: `p${n}`, passwordHash: null }));
    made.push(person.id);
  }
  const [lead, ...rest] = made;
  if (lead === undefined) throw new Error("nobody was made");
  const { id: projectId } = await createProject(db, { name: "Bench", description: "", createdBy: lead });
  await addMember(db, { projectId, personId: lead, role: "lead" });
  for (const personId of rest) await addMember(db, { projectId, personId, role: "annotator" });
  const caller: Caller = { personId: lead, name: "p0", colour: "#000000", email: "", scope: "write", via: "cookie" };
  return { projectId, caller, readers: rest };
}

type Step = { readonly content: GuidelineContent; readonly declarations: Declaration[] };

async function publishAll(world: World, caller: Caller, projectId: ProjectId, steps: readonly Step[]): Promise<void> {
  for (const [parent, step] of steps.entries()) {
    await saveGuidelineDraft(world, caller, projectId, { revision: 0, ...step });
    await publishGuideline(world, caller, projectId, { parent, note: "" });
  }
}

const IDS = [...CLASSES, "iiiiiiii", "jjjjjjjj"].map((each) => classId.parse(each));
const [A, B, C, D, E, F, G, H, I, J] = IDS;

function contentOf(change: (id: string) => object): GuidelineContent {
  const known = IDS.slice(0, CLASSES.length).map((id) => ({
    ...blankClass({ id, name: id, colour: "#808080" }),
    ...change(id),
  }));
  return {
    introduction: "",
    classes: known,
    rules: studyRules({ exhaustive: true, readersPerCase: 5, quorum: 3, minDisputeUm2: 0 }),
  };
}

const FIRST = contentOf(() => ({}));
const SECOND = contentOf((id) => (id === B ? { definition: "two" } : {}));
/** What the outlines are drawn under. */
const VERSIONS: readonly Step[] = [
  { content: FIRST, declarations: [] },
  { content: SECOND, declarations: said({ kind: "narrow", classId: B }) },
];

/** Narrows one class, splits another, merges a third, has a smallest area for two, and a new class to look for. */
const DRAFT: Step = {
  content: {
    ...SECOND,
    classes: [
      ...SECOND.classes.map((each) => ({
        ...each,
        ...(each.id === A ? { definition: "three" } : {}),
        ...(each.id === C || each.id === D ? { retired: true } : {}),
        ...(each.id === E || each.id === F ? { minAreaUm2: 5_000 } : {}),
      })),
      ...[I, J].flatMap((id) => (id === undefined ? [] : [blankClass({ id, name: id, colour: "#404040" })])),
    ],
  },
  declarations: [
    ...said({ kind: "narrow", classId: A }),
    ...said({ kind: "split", classId: C, into: [I, J], fallback: null, guide: "look" }),
    ...said({ kind: "merge", from: [D], into: H ?? G }),
  ],
};

/** Shares that others may claim of an outline under the draft of a crowded project, by class. */
export const MOST_SHARED: ReadonlyMap<ClassId, number> = new Map(
  [A, B].flatMap((id, place) => (id === undefined ? [] : [[id, [0.15, 0.2][place] ?? 1]])),
);

const FREE: Step = { content: sharing(() => null), declarations: [] };
const LIMITED: Step = { content: sharing((id) => MOST_SHARED.get(id) ?? null), declarations: [] };

function sharing(most: (id: ClassId) => number | null): GuidelineContent {
  const content = contentOf(() => ({}));
  const classes = content.classes.map((each) => ({ ...each, rules: { ...each.rules, maxSharedShare: most(each.id) } }));
  return { ...content, classes };
}

/** A declaration of classes of the bench, which are there. */
function said(declaration: object): Declaration[] {
  return [declarationSchema.parse(declaration)];
}
