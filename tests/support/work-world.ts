import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpenAPIHono } from "@hono/zod-openapi";
import { newId } from "#db/new-id.ts";
import { createPerson } from "#db/people.ts";
import { addMember, createProject } from "#db/projects.ts";
import { addSlide, caseNamed } from "#db/slides.ts";
import type { Annotation } from "#domain/annotation.ts";
import type { Declaration, GuidelineContent } from "#domain/guideline.ts";
import { annotationId, type LayerId, type ProjectId, type SlideId, slideId } from "#domain/ids.ts";
import type { Role } from "#domain/permissions.ts";
import { layerAccess, unwrap } from "#server/access.ts";
import { problemAnswer } from "#server/api/app.ts";
import { consensusRoutes } from "#server/api/consensus.ts";
import { consistencyRoutes } from "#server/api/consistency.ts";
import { dissolveRoutes } from "#server/api/dissolve.ts";
import { draftRoutes } from "#server/api/drafts.ts";
import { driftRoutes } from "#server/api/drift.ts";
import { guidelineRoutes } from "#server/api/guideline.ts";
import { layerRoutes } from "#server/api/layers.ts";
import { qualificationRoutes } from "#server/api/qualification.ts";
import { questionRoutes } from "#server/api/questions.ts";
import { releaseRoutes } from "#server/api/releases.ts";
import { roundRoutes } from "#server/api/rounds.ts";
import type { GuidelineView } from "#server/api/schemas/guideline.ts";
import type { Round as RoundView } from "#server/api/schemas/rounds.ts";
import { talkRoutes } from "#server/api/talk.ts";
import { taskRoutes } from "#server/api/tasks.ts";
import { trialRoutes } from "#server/api/trials.ts";
import type { ApiEnv, World } from "#server/api/world.ts";
import { startComputation } from "#server/jobs/computation.ts";
import { LiveEvents } from "#server/live-events.ts";
import { SILENT_LOG } from "#server/log.ts";
import type { Caller } from "#server/session.ts";
import { createSessions } from "#server/session.ts";
import { openSlideStore } from "#server/slides/store.ts";
import { openTiles } from "#server/slides/tiles.ts";
import { createRooms } from "#server/sync/rooms.ts";
import { aClassId, square } from "./builders.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { FakeReader, until } from "./fake-socket.ts";

/** The people of a test project, by name; their first letters say their roles. */
const CAST = {
  lena: "lead",
  lars: "lead",
  ada: "annotator",
  bea: "annotator",
  cem: "annotator",
  jo: "adjudicator",
  eve: "engineer",
  vic: "viewer",
} as const satisfies Record<string, Role>;
export type Name = keyof typeof CAST | "stranger";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** The answer of a route: its status, and its body as any reader of JSON gets it. */
export type Answer<Body> = { readonly status: number; readonly body: Body };
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

export type WorkWorld = {
  readonly world: World;
  readonly database: TestDatabase;
  readonly projectId: ProjectId;
  readonly slideIds: readonly SlideId[];
  readonly people: Readonly<Record<Name, Caller>>;
  /** What every listener was told, by name. */
  readonly told: { readonly name: Name; readonly kind: string; readonly toast: string | null }[];
  call<Body = unknown>(name: Name, method: Method, path: string, body?: unknown): Promise<Answer<Body>>;
  /** Publishes a guideline as lena and answers what the route did. */
  publish(
    content: GuidelineContent,
    declarations?: readonly Declaration[],
  ): Promise<Answer<{ number: number; tasks: number }>>;
  /** Opens a round as lena on the first slides and answers its id and its layers by reader. */
  round(mode: "together" | "open" | "blind", readers: readonly Name[], slides?: number): Promise<Round>;
  /** Puts squares into a layer in somebody's name, as the room does for a stroke. */
  draw(name: Name, layerId: LayerId, classNames: readonly string[], under?: number): Promise<Annotation[]>;
  /** A reader with an open socket, whose rights are those of the product. */
  connect(name: Name, layerId: LayerId): Promise<FakeReader>;
  close(): Promise<void>;
};
export type Round = { readonly id: string; readonly layers: (name: Name | null, slide?: number) => LayerId };

/** A project with people of every role and slides, its real rooms and its real routes, on a database of its own. */
export async function workWorld({ slides = 2 } = {}): Promise<WorkWorld> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), "concord-work-"));
  const { db } = database;
  const store = await openSlideStore(folder);
  const rooms = createRooms({
    db,
    access: (who, layer, tx) => layerAccess(tx ?? db, who.personId, layer),
    log: SILENT_LOG,
  });
  const url = "http://concord.test";
  const world: World = {
    db,
    rooms,
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
  const people = await makePeople(database);
  const { id: projectId } = await createProject(db, {
    name: "Glands",
    description: "",
    createdBy: people.lena.personId,
  });
  for (const [name, role] of Object.entries(CAST) as [keyof typeof CAST, Role][]) {
    await addMember(db, { projectId, personId: people[name].personId, role });
  }
  const slideIds: SlideId[] = [];
  for (let index = 0; index < slides; index++) slideIds.push(await makeSlide(database, projectId, people.lena, index));
  const told: WorkWorld["told"] = [];
  for (const [name, { personId }] of Object.entries(people) as [Name, Caller][]) {
    world.events.subscribe(projectId, personId, {
      tell: (message) => told.push({ name, ...message }),
      gap: () => undefined,
      end: () => undefined,
      ageMs: null,
    });
  }
  const api = apiOf(world, people);
  const call = async <Body>(name: Name, method: Method, path: string, body?: unknown): Promise<Answer<Body>> => {
    const headers = { "x-person": name, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await api.request(path, init);
    return { status: response.status, body: await response.json() };
  };
  return {
    world,
    database,
    projectId,
    slideIds,
    people,
    told,
    call,
    async publish(content, declarations = []) {
      const { body: present } = await call<GuidelineView>("lena", "GET", `/projects/${projectId}/guideline`);
      const revision = present.draft?.revision ?? 0;
      await call("lena", "PUT", `/projects/${projectId}/guideline/draft`, { revision, content, declarations });
      return call("lena", "POST", `/projects/${projectId}/guideline/publish`, { parent: present.versions.length });
    },
    async round(mode, readers, count = 1) {
      const readerIds = readers.map((name) => people[name].personId);
      const request = { name: `${mode} round`, mode, slideIds: slideIds.slice(0, count), readerIds };
      const { status, body } = await call<RoundView>("lena", "POST", `/projects/${projectId}/rounds`, request);
      if (status !== 200) throw new Error(`no round: ${JSON.stringify(body)}`);
      const layers = await database.pool.query("select id, slide_id, reader_id from layers where round_id = $1", [
        body.id,
      ]);
      return {
        id: body.id,
        layers: (name, slide = 0) => {
          const readerId = name === null ? null : people[name].personId;
          const found = layers.rows.find((row) => row.slide_id === slideIds[slide] && row.reader_id === readerId);
          return found.id;
        },
      };
    },
    async draw(name, layerId, classNames, under = 1) {
      const drawn = classNames.map(
        (each, index): Annotation => ({
          id: newId(annotationId),
          classId: aClassId(each),
          geometry: square(100 + index * 50, 100 + index * 50, 40),
          under,
          attributes: {},
          note: "",
        }),
      );
      await rooms.edit(layerId, people[name].personId, (doc) => {
        for (const annotation of drawn) doc.put(annotation);
      });
      return drawn;
    },
    async connect(name, layerId) {
      const access = await layerAccess(db, people[name].personId, layerId);
      if (access === null) throw new Error(`${name} may not see layer ${layerId}`);
      const reader = new FakeReader(people[name]);
      await reader.connect(rooms, layerId, access);
      await until(() => reader.synced && reader.standing !== null, "synced");
      return reader;
    },
    async close() {
      await rooms.close();
      await world.computation.close();
      await world.tiles.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The routes as the product mounts them, with callers named by a header. */
function apiOf(world: World, people: Readonly<Record<Name, Caller>>): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>();
  api.onError((error) =>
    problemAnswer(error, (fault) => {
      throw fault;
    }),
  );
  api.use("*", async (context, next) => {
    context.set("caller", people[context.req.header("x-person") as Name] ?? null);
    await next();
  });
  const decisions = [
    guidelineRoutes,
    consistencyRoutes,
    draftRoutes,
    trialRoutes,
    questionRoutes,
    releaseRoutes,
    taskRoutes,
    qualificationRoutes,
    talkRoutes,
    dissolveRoutes,
    consensusRoutes,
    driftRoutes,
    layerRoutes,
  ];
  for (const make of [roundRoutes, ...decisions]) api.route("/", make(world));
  return api;
}

async function makePeople({ db }: TestDatabase): Promise<Record<Name, Caller>> {
  const entries: [Name, Caller][] = [];
  for (const name of [...(Object.keys(CAST) as Name[]), "stranger" as const]) {
    const email = `${name}@example.org`;
    const person = unwrap(await createPerson(db, { email, name, passwordHash: null }));
    const { id: personId, colour } = person;
    entries.push([name, { personId, name, colour, email, scope: "write", via: "cookie" }]);
  }
  return Object.fromEntries(entries) as Record<Name, Caller>;
}

async function makeSlide(
  { db }: TestDatabase,
  projectId: ProjectId,
  { personId }: Caller,
  index: number,
): Promise<SlideId> {
  const id = newId(slideId);
  const caseId = await caseNamed(db, projectId, `case ${index}`);
  const level = { width: 4_096, height: 4_096, tileWidth: 256, tileHeight: 256, downsample: 1 };
  const meta = { format: "test", width: 4_096, height: 4_096, mpp: 0.5, objective: 20, scanner: null, levels: [level] };
  await addSlide(db, {
    id,
    projectId,
    caseId,
    name: `slide ${index}`,
    file: `${id}.tiff`,
    contentHash: `${index}`.repeat(64),
    meta: { ...meta, strippedFields: [], strippedImages: [] },
    mpp: 0.5,
    createdBy: personId,
  });
  return id;
}
