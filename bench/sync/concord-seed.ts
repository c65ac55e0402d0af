import { eq } from "drizzle-orm";
import type { Db } from "#db/client.ts";
import { addLayer } from "#db/layers.ts";
import { accessTokens, cases, guidelineVersions, members, people, projects, slides } from "#db/schema.ts";
import {
  type CaseId,
  caseId,
  layerId,
  type PersonId,
  type ProjectId,
  personId,
  projectId,
  slideId,
} from "#domain/ids.ts";
import { secretHash } from "#server/session.ts";
import { aGuideline } from "#tests/support/builders.ts";
import { concordLayer, concordToken } from "./concord-names.ts";
import { CLASS_NAMES, SLIDE_PX } from "./workload.ts";

const PROJECT = projectId.parse("benchproject");
const CASE = caseId.parse("benchcase");

/** A project of so many annotators with a token each, and as many slides with a team layer as there are rooms; once. */
export async function seedBench(db: Db, { persons, rooms }: { persons: number; rooms: number }): Promise<void> {
  const present = await db.select({ id: projects.id }).from(projects).where(eq(projects.id, PROJECT));
  if (present.length > 0) return;
  const ids = Array.from({ length: persons }, (_, index) => personId.parse(`person${String(index).padStart(6, "0")}`));
  const [lead] = ids;
  if (lead === undefined) throw new Error("a bench needs a person");
  await db
    .insert(people)
    .values(ids.map((id, index) => ({ id, email: `${id}@example.org`, name: `Reader ${index}`, colour: "#0072b2" })));
  await db.insert(accessTokens).values(
    ids.map((id, index) => ({
      id: `token${id}`,
      personId: id,
      name: "bench",
      hash: secretHash(concordToken(index)),
      scope: "write" as const,
    })),
  );
  await db.insert(projects).values({ id: PROJECT, name: "bench", createdBy: lead });
  await db
    .insert(members)
    .values(ids.map((id) => ({ projectId: PROJECT, personId: id, role: id === lead ? "lead" : "annotator" }) as const));
  await db.insert(cases).values({ id: CASE, projectId: PROJECT, name: "case" });
  await db.insert(guidelineVersions).values({
    projectId: PROJECT,
    number: 1,
    content: aGuideline([...CLASS_NAMES]),
    changes: [],
    publishedBy: lead,
  });
  for (let room = 0; room < rooms; room++) await addRoom(db, room, { projectId: PROJECT, caseId: CASE, lead });
}

async function addRoom(
  db: Db,
  room: number,
  ids: { projectId: ProjectId; caseId: CaseId; lead: PersonId },
): Promise<void> {
  const id = slideId.parse(`slide${String(room).padStart(6, "0")}`);
  const level = { width: SLIDE_PX, height: SLIDE_PX, tileWidth: 256, tileHeight: 256, downsample: 1 };
  await db.insert(slides).values({
    id,
    projectId: ids.projectId,
    caseId: ids.caseId,
    name: `slide ${room}`,
    file: id,
    contentHash: id.padEnd(64, "0"),
    meta: {
      format: "bench",
      width: SLIDE_PX,
      height: SLIDE_PX,
      mpp: 0.25,
      objective: 40,
      scanner: null,
      levels: [level],
      strippedFields: [],
      strippedImages: [],
    },
    mpp: 0.25,
    createdBy: ids.lead,
  });
  await addLayer(db, {
    id: layerId.parse(concordLayer(room)),
    projectId: ids.projectId,
    slideId: id,
    kind: "team",
    readerId: null,
  });
}
