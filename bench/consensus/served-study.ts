import { readsOf } from "#db/consensus.ts";
import { newId } from "#db/new-id.ts";
import { createAccessToken, createPerson, type Person } from "#db/people.ts";
import { addMember, createProject } from "#db/projects.ts";
import { guidelineVersions } from "#db/schema.ts";
import { addSlide, caseNamed } from "#db/slides.ts";
import type { Read } from "#domain/consensus.ts";
import { blankClass, type GuidelineContent, studyRules } from "#domain/guideline.ts";
import { type LayerId, type ProjectId, type SlideId, slideId } from "#domain/ids.ts";
import { unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { openRound } from "#server/commands/open-round.ts";
import { submitRead } from "#server/commands/submit-read.ts";
import { type Caller, secretHash } from "#server/session.ts";
import { CLASS_IDS } from "./reads.ts";

export const LEAD_TOKEN = "cpt_bench-lead";
/** Of the reader at a place among the reads. */
export const readerToken = (place: number): string => `cpt_bench-${place}`;

/** The slide, level-0 px. */
export const SIDE_PX = 65_536;
export const MPP = 0.25;
export const QUORUM = 3;
export const LEAST_IOU = 0.3;

/** Where a study is in the API. */
export type ServedStudy = {
  readonly projectId: string;
  readonly roundId: string;
  readonly slideId: string;
  /** In the order of the reads. */
  readonly layerIds: readonly string[];
};

/** A project with one slide in an open round, of which each reader has drawn a read and handed it in. */
export async function fillStudy(world: World, reads: readonly Read[]): Promise<ServedStudy> {
  const { db } = world;
  const lead = await personWith(db, "lead", LEAD_TOKEN);
  const { id: projectId } = await createProject(db, { name: "Bench", description: "", createdBy: lead.personId });
  const content = guideline(reads.length);
  await db.insert(guidelineVersions).values({ projectId, number: 1, content, changes: [], publishedBy: lead.personId });
  const readers: Caller[] = [];
  for (const place of reads.keys()) {
    const reader = await personWith(db, `reader${place}`, readerToken(place));
    await addMember(db, { projectId, personId: reader.personId, role: "annotator" });
    readers.push(reader);
  }
  const slide = await slideOf(db, projectId, lead);
  const readerIds = readers.map(({ personId }) => personId);
  const roundId = await openRound(world, lead, projectId, {
    name: "Round",
    mode: "open",
    slideIds: [slide],
    readerIds,
  });
  const layers = await readsOf(db, { roundId, slideId: slide });
  const layerIds: LayerId[] = [];
  for (const [place, { outlines }] of reads.entries()) {
    const reader = readers[place];
    const layer = layers.find((each) => each.reader.id === reader?.personId)?.layerId;
    if (reader === undefined || layer === undefined) throw new Error("a reader has no layer");
    await world.rooms.edit(layer, reader.personId, (doc) => {
      for (const { annotationId: id, classId, geometry } of outlines) {
        doc.put({ id, classId, geometry, under: 1, attributes: {}, note: "" });
      }
    });
    await submitRead(world, reader, layer);
    layerIds.push(layer);
  }
  return { projectId, roundId, slideId: slide, layerIds };
}

/** Every class is compared object by object. */
function guideline(readersPerCase: number): GuidelineContent {
  return {
    introduction: "",
    classes: CLASS_IDS.map((id) => ({
      ...blankClass({ id, name: id, colour: "#808080" }),
      matching: { by: "iou", min: LEAST_IOU },
    })),
    rules: studyRules({ exhaustive: true, readersPerCase, quorum: QUORUM, minDisputeUm2: 0 }),
  };
}

async function personWith(db: World["db"], name: string, token: string): Promise<Caller> {
  const person: Person = unwrap(await createPerson(db, { email: `${name}@example.org`, name, passwordHash: null }));
  const hash = secretHash(token);
  await createAccessToken(db, { personId: person.id, name: "bench", hash, scope: "write", expiresAt: null });
  const { id: personId, colour, email } = person;
  return { personId, name, colour, email, scope: "write", via: "token" };
}

async function slideOf(db: World["db"], projectId: ProjectId, { personId }: Caller): Promise<SlideId> {
  const id = newId(slideId);
  const level = { width: SIDE_PX, height: SIDE_PX, tileWidth: 256, tileHeight: 256, downsample: 1 };
  await addSlide(db, {
    id,
    projectId,
    caseId: await caseNamed(db, projectId, "case"),
    name: "slide",
    file: id,
    contentHash: id.padEnd(64, "0"),
    meta: {
      format: "bench",
      width: SIDE_PX,
      height: SIDE_PX,
      mpp: MPP,
      objective: 40,
      scanner: null,
      levels: [level],
      strippedFields: [],
      strippedImages: [],
    },
    mpp: MPP,
    createdBy: personId,
  });
  return id;
}
