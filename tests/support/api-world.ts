import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { encode } from "next-auth/jwt";
import type { Db } from "#db/client.ts";
import { newId } from "#db/new-id.ts";
import { createAccessToken, createPerson, type Person, personById } from "#db/people.ts";
import { addMember } from "#db/projects.ts";
import { addSlide, caseNamed } from "#db/slides.ts";
import type { Annotation, Geometry } from "#domain/annotation.ts";
import type { Declaration, GuidelineContent } from "#domain/guideline.ts";
import { annotationId, type LayerId, type ProjectId, projectId, slideId } from "#domain/ids.ts";
import type { Role } from "#domain/permissions.ts";
import { unwrap } from "#server/access.ts";
import type { GuidelineView } from "#server/api/schemas/guideline.ts";
import type { Project } from "#server/api/schemas/projects.ts";
import type { Round } from "#server/api/schemas/rounds.ts";
import { readEnv } from "#server/env.ts";
import { SILENT_LOG } from "#server/log.ts";
import { secretHash } from "#server/session.ts";
import { openPyramidWriter } from "#server/slides/tiff-writer.ts";
import { type RunningWorld, startWorld } from "#server/world.ts";
import { aClassId, anAnnotation } from "./builders.ts";
import { type TestDatabase, testDatabase } from "./database.ts";

/** The people of a test project by name, and their roles in it; the stranger has an account and no project. */
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
export type Member = keyof typeof CAST;
export type Name = Member | "stranger";
export const MEMBERS = Object.keys(CAST) as Member[];
export const roleOf = (name: Member): Role => CAST[name];

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** The answer of a route; `body` is parsed JSON, or the text of what is none. */
export type Answer<Body = unknown> = {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
};
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

const SECRET = "a secret of at least 32 characters";
const MAX_UPLOAD_MIB = 2;

export type ApiWorld = {
  readonly running: RunningWorld;
  readonly db: Db;
  readonly pool: TestDatabase["pool"];
  /** `http://127.0.0.1:<port>` */
  readonly base: string;
  readonly dataDir: string;
  readonly people: Readonly<Record<Name, Person>>;
  /** A personal access token that may write, by name; `read` tokens may not. */
  token(name: Name, scope?: "read" | "write"): string;
  /** Headers of a signed-in browser on our own pages. */
  browser(name: Name): Promise<Record<string, string>>;
  /** A request by token, or by nobody. `path` is without /api/v1 unless it begins with a second slash. */
  call<Body = unknown>(name: Name | null, method: Method, path: string, body?: unknown): Promise<Answer<Body>>;
  /** A request of which everything is said by the test. */
  fetch<Body = unknown>(path: string, init?: RequestInit): Promise<Answer<Body>>;
  /** A project of lena's with everybody but the stranger, and this guideline published as version 1. */
  project(guideline?: GuidelineContent): Promise<ProjectId>;
  publish(
    project: ProjectId,
    content: GuidelineContent,
    declarations?: readonly Declaration[],
  ): Promise<Answer<{ number: number; tasks: number }>>;
  /** A slide without a file, for what is not about pixels; 2,000 px square at 0.5 um per px unless told otherwise. */
  bareSlide(project: ProjectId, name: string, given?: { side?: number; mpp?: number | null }): Promise<string>;
  round(
    project: ProjectId,
    mode: "together" | "open" | "blind",
    slides: readonly string[],
    readers: readonly Name[],
  ): Promise<{ readonly id: string; layer(slide: string, name: Name | null): LayerId }>;
  /** Puts outlines into a layer in somebody's name, as the room does for a stroke. */
  draw(
    name: Name,
    layer: string,
    outlines: readonly { readonly classId: string; readonly geometry: Geometry; readonly under?: number }[],
  ): Promise<Annotation[]>;
  /** What was logged as our own fault; nothing that comes from outside may ever be. */
  readonly faults: readonly string[];
  /** Paths of the files in the data folder, with sizes, for "nothing is left". */
  files(): string[];
  close(): Promise<void>;
};

/** The whole product in this process, without pages, on a port, a data folder and a database of its own. */
export async function apiWorld(): Promise<ApiWorld> {
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), "concord-api-"));
  const env = readEnv({
    PORT: "0",
    HOST: "127.0.0.1",
    CONCORD_DATA: dataDir,
    DATABASE_URL: database.url,
    CONCORD_MODE: "production",
    CONCORD_SECRET: SECRET,
    CONCORD_MAX_UPLOAD_MIB: String(MAX_UPLOAD_MIB),
  });
  const faults: string[] = [];
  const error = (event: string, fault: unknown) => {
    faults.push(`${event}: ${fault instanceof Error ? fault.stack : String(fault)}`);
  };
  const running = await startWorld(env, { pages: false, log: { ...SILENT_LOG, error } });
  const { db } = running.product.world;
  const base = `http://127.0.0.1:${running.port}`;
  const people = await makePeople(db);
  const token = (name: Name, scope: "read" | "write" = "write") => `cpt_${scope}-${name}`;

  const fetchIt = async <Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> => {
    const response = await fetch(`${base}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
  };
  const call = async <Body>(name: Name | null, method: Method, path: string, body?: unknown): Promise<Answer<Body>> => {
    const headers: Record<string, string> = name === null ? {} : { authorization: `Bearer ${token(name)}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const address = path.startsWith("//") ? path.slice(1) : `/api/v1${path}`;
    return fetchIt(address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  };
  const expectDone = async <Body>(answer: Promise<Answer<Body>>): Promise<Body> => {
    const { status, body } = await answer;
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return body;
  };

  const publish: ApiWorld["publish"] = async (project, content, declarations = []) => {
    const path = `/projects/${project}/guideline`;
    const present = await expectDone(call<GuidelineView>("lena", "GET", path));
    const revision = present.draft?.revision ?? 0;
    await expectDone(call("lena", "PUT", `${path}/draft`, { revision, content, declarations }));
    return call("lena", "POST", `${path}/publish`, { parent: present.versions.length });
  };

  return {
    running,
    db,
    pool: database.pool,
    base,
    dataDir,
    people,
    token,
    browser: async (name) => ({
      cookie: `next-auth.session-token=${await sessionOf(db, people[name])}`,
      origin: running.url,
    }),
    call,
    fetch: fetchIt,
    publish,
    async project(guideline) {
      const made = await expectDone(call<Project>("lena", "POST", "/projects", { name: "Glands" }));
      const id = projectId.parse(made.id);
      for (const name of MEMBERS.slice(1)) {
        await addMember(db, { projectId: id, personId: people[name].id, role: CAST[name] });
      }
      if (guideline !== undefined) await expectDone(publish(id, guideline));
      return id;
    },
    bareSlide: (project, name, given) => bareSlide(db, people.lena, project, name, given),
    async round(project, mode, slideIds, readers) {
      const readerIds = readers.map((name) => people[name].id);
      const request = { name: `${mode} round`, mode, slideIds, readerIds };
      const made = await expectDone(call<Round>("lena", "POST", `/projects/${project}/rounds`, request));
      const { rows } = await database.pool.query("select id, slide_id, reader_id from layers where round_id = $1", [
        made.id,
      ]);
      return {
        id: made.id,
        layer(slide, name) {
          const reader = name === null ? null : people[name].id;
          const found = rows.find((row) => row.slide_id === slide && row.reader_id === reader);
          if (found === undefined) throw new Error(`no layer of ${name} on ${slide}`);
          return found.id;
        },
      };
    },
    async draw(name, layer, outlines) {
      const made = outlines.map(({ classId, geometry, under = 1 }) =>
        anAnnotation("x", { id: newId(annotationId), classId: aClassId(classId), geometry, under }),
      );
      await running.product.world.rooms.edit(layer as LayerId, people[name].id, (doc) => {
        for (const each of made) doc.put(each);
      });
      return made;
    },
    faults,
    files: () => filesIn(dataDir),
    async close() {
      await running.stop();
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function makePeople(db: Db): Promise<Record<Name, Person>> {
  const made: [Name, Person][] = [];
  for (const name of [...MEMBERS, "stranger" as const]) {
    const person = unwrap(await createPerson(db, { email: `${name}@example.org`, name, passwordHash: null }));
    for (const scope of ["read", "write"] as const) {
      const hash = secretHash(`cpt_${scope}-${name}`);
      await createAccessToken(db, { personId: person.id, name: scope, hash, scope, expiresAt: null });
    }
    made.push([name, person]);
  }
  return Object.fromEntries(made) as Record<Name, Person>;
}

/** A session as sign-in would give it now. */
async function sessionOf(db: Db, { id }: Person): Promise<string> {
  const person = await personById(db, id);
  const signedInAt = Math.floor(Date.now() / 1_000);
  const token = {
    personId: id,
    tokenVersion: person?.tokenVersion,
    signedInAt,
    sessionId: `of ${id} ${Math.random()}`,
  };
  return encode({ token, secret: SECRET, maxAge: 3_600 });
}

async function bareSlide(
  db: Db,
  lead: Person,
  project: ProjectId,
  name: string,
  { side = 2_000, mpp = 0.5 }: { readonly side?: number; readonly mpp?: number | null } = {},
): Promise<string> {
  const id = newId(slideId);
  const caseId = await caseNamed(db, project, `case of ${name}`);
  const level = { width: side, height: side, tileWidth: 256, tileHeight: 256, downsample: 1 };
  const meta = { format: "test", width: side, height: side, mpp, objective: 20, scanner: null, levels: [level] };
  await addSlide(db, {
    id,
    projectId: project,
    caseId,
    name,
    file: id,
    contentHash: id.padEnd(64, "0"),
    meta: { ...meta, strippedFields: [], strippedImages: [] },
    mpp,
    createdBy: lead.id,
  });
  return id;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${relative(folder, path)} ${statSync(path).size}`)
    .sort();
}

/** The bytes of a small tiled pyramid whose left half is red and whose right half is blue. */
export async function smallTiff({ side = 600, mpp = 0.5 }: { side?: number; mpp?: number | null } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "concord-tiff-"));
  const path = join(folder, "slide.tiff");
  const writer = await openPyramidWriter(path, {
    width: side,
    height: side,
    tileSize: 256,
    mpp,
    objective: 20,
    quality: 90,
  });
  const row = new Uint8Array(side * 3);
  for (let x = 0; x < side; x++) row.set(x < side / 2 ? [200, 30, 30] : [30, 30, 200], x * 3);
  for (let y = 0; y < side; y += 256) {
    const rows = new Uint8Array(row.length * Math.min(256, side - y));
    for (let at = 0; at < rows.length; at += row.length) rows.set(row, at);
    await writer.push(rows);
  }
  await writer.finish();
  const bytes = Buffer.from(await readFile(path));
  rmSync(folder, { recursive: true });
  return bytes;
}
