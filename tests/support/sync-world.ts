import type { Db } from "#db/client.ts";
import { addLayer } from "#db/layers.ts";
import { newId } from "#db/new-id.ts";
import { cases, guidelineVersions, members, people, projects, slides } from "#db/schema.ts";
import {
  type CaseId,
  caseId,
  classId,
  type LayerId,
  layerId,
  type PersonId,
  type ProjectId,
  personId,
  projectId,
  type SlideId,
  slideId,
} from "#domain/ids.ts";
import type { Caller, LayerAccess } from "#server/sync/access.ts";
import { aGuideline } from "./builders.ts";

export const TUMOUR = classId.parse("tumour00");
export const STROMA = classId.parse("stroma00");
export const SLIDE_SIZE = 4_096;

/** A project with a slide of 4,096 px, a guideline of two classes, and people, straight in the tables. */
export type SyncWorld = {
  readonly projectId: ProjectId;
  readonly caseId: CaseId;
  readonly slideId: SlideId;
  readonly people: readonly Caller[];
  /** What each person may do; by default everything. Changed by tests, asked by the rooms. */
  readonly access: Map<PersonId, LayerAccess | null>;
  readonly ask: (caller: Caller) => Promise<LayerAccess | null>;
  layer(kind?: "team" | "read" | "ground-truth", readerId?: PersonId | null): Promise<LayerId>;
};

const WRITER: LayerAccess = { see: true, write: true, locked: false };

export async function syncWorld(db: Db, names: readonly string[] = ["ada", "bea", "cem"]): Promise<SyncWorld> {
  const callers = names.map((name): Caller => {
    const id = newId(personId);
    return { personId: id, name, colour: "#0072b2", scope: "write", via: "cookie" };
  });
  await db.insert(people).values(
    callers.map((each) => ({
      id: each.personId,
      email: `${each.personId}@example.org`,
      name: each.name,
      colour: each.colour,
    })),
  );
  const [first] = callers;
  if (first === undefined) throw new Error("a world needs a person");
  const ids = { projectId: newId(projectId), caseId: newId(caseId), slideId: newId(slideId) };
  await db.insert(projects).values({ id: ids.projectId, name: "project", createdBy: first.personId });
  await db
    .insert(members)
    .values(callers.map((each) => ({ projectId: ids.projectId, personId: each.personId, role: "annotator" as const })));
  await db.insert(cases).values({ id: ids.caseId, projectId: ids.projectId, name: "case" });
  await db.insert(slides).values(slideOf(ids, first.personId));
  await db.insert(guidelineVersions).values({
    projectId: ids.projectId,
    number: 1,
    content: aGuideline(["tumour", "stroma"]),
    changes: [],
    publishedBy: first.personId,
  });
  const access = new Map<PersonId, LayerAccess | null>();
  return {
    ...ids,
    people: callers,
    access,
    async ask(caller) {
      const known = access.get(caller.personId);
      return known === undefined ? WRITER : known;
    },
    async layer(kind = "team", readerId = null) {
      const id = newId(layerId);
      await addLayer(db, { id, projectId: ids.projectId, slideId: ids.slideId, kind, readerId });
      return id;
    },
  };
}

function slideOf(ids: { projectId: ProjectId; caseId: CaseId; slideId: SlideId }, createdBy: PersonId) {
  const level = { width: SLIDE_SIZE, height: SLIDE_SIZE, tileWidth: 256, tileHeight: 256, downsample: 1 };
  return {
    id: ids.slideId,
    projectId: ids.projectId,
    caseId: ids.caseId,
    name: "slide",
    file: "slide.tiff",
    contentHash: "0".repeat(64),
    meta: {
      format: "test",
      width: SLIDE_SIZE,
      height: SLIDE_SIZE,
      mpp: 0.5,
      objective: 20,
      scanner: null,
      levels: [level],
      strippedFields: [],
      strippedImages: [],
    },
    mpp: 0.5,
    createdBy,
  };
}
