import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { appendAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { addSlide, caseNamed, isSlideName, type SlideRow, slideById } from "#db/slides.ts";
import { type ProjectId, type SlideId, slideId } from "#domain/ids.ts";
import { unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { type PreparedSlide, prepareSlide } from "#server/slides/inspect.ts";

/** What a person says about a slide when they bring it; mpp in um per level-0 px, where the file does not say. */
export type SlideStatement = { readonly name: string; readonly case: string; readonly mpp?: number | null | undefined };

/**
 * Registers a slide whose file comes as a stream. A file that is refused leaves nothing behind.
 * @throws AppError slide-too-large, slide-not-an-image, slide-damaged, slide-unsupported, name-taken
 */
export async function registerUpload(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  statement: SlideStatement,
  body: ReadableStream<Uint8Array>,
): Promise<SlideRow> {
  await refuseTakenName(world, projectId, statement);
  const id = newId(slideId);
  const path = join(world.slides.incoming, id);
  try {
    await receive(body, path, world.maxUploadBytes);
    return await registerFile(world, caller, projectId, id, statement, path);
  } finally {
    await rm(path, { force: true });
  }
}

/** Registers a file of the drop folder, which leaves it once the slide is in; a refused file stays where it is. */
export async function registerDropped(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  statement: SlideStatement & { readonly file: string },
): Promise<SlideRow> {
  const source = await world.slides.droppedPath(statement.file);
  if (source === null) throw new AppError("not-found", { file: statement.file });
  await refuseTakenName(world, projectId, statement);
  const id = newId(slideId);
  const path = join(world.slides.incoming, id);
  try {
    await copyFile(source, path);
    const slide = await registerFile(world, caller, projectId, id, statement, path);
    await rm(source, { force: true });
    return slide;
  } finally {
    await rm(path, { force: true });
  }
}

/** Registers a file that we made ourselves at `path`, which becomes the slide's own. */
export async function registerGenerated(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  statement: SlideStatement,
  path: string,
): Promise<SlideRow> {
  return registerFile(world, caller, projectId, newId(slideId), statement, path);
}

/** Asked before hours of receiving and converting, and again when the row is written. */
async function refuseTakenName({ db }: World, projectId: ProjectId, { name }: SlideStatement): Promise<void> {
  if (await isSlideName(db, projectId, name)) throw new AppError("name-taken", { name });
}

async function receive(body: ReadableStream<Uint8Array>, path: string, limit: number): Promise<void> {
  let received = 0;
  const measured = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      received += chunk.length;
      done(received > limit ? new AppError("slide-too-large", { limitBytes: limit }) : null, chunk);
    },
  });
  await pipeline(Readable.from(body), measured, createWriteStream(path, { flags: "wx" }));
}

async function registerFile(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  id: SlideId,
  statement: SlideStatement,
  path: string,
): Promise<SlideRow> {
  const prepared = unwrap(await prepareSlide(path, { mpp: statement.mpp ?? null }));
  try {
    const contentHash = await sha256Of(prepared.path);
    await world.slides.keep(prepared.path, id);
    await store(world, caller, projectId, id, statement, prepared, contentHash);
  } catch (error) {
    if (prepared.converted) await rm(prepared.path, { force: true });
    await world.slides.discard(id);
    throw error;
  }
  world.events.tell(projectId, "project", {
    kind: "slides",
    toast: `${caller.name} added the slide ${statement.name}.`,
  });
  const slide = await slideById(world.db, id);
  if (slide === null) throw new AppError("not-found", { slideId: id });
  return slide;
}

async function store(
  { db, now }: World,
  caller: Caller,
  projectId: ProjectId,
  id: SlideId,
  statement: SlideStatement,
  { meta }: PreparedSlide,
  contentHash: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const caseId = await caseNamed(tx, projectId, statement.case);
    const mpp = statement.mpp ?? meta.mpp;
    const createdBy = caller.personId;
    const added = await addSlide(tx, {
      id,
      projectId,
      caseId,
      name: statement.name,
      file: id,
      contentHash,
      meta,
      mpp,
      createdBy,
    });
    if (!added) throw new AppError("name-taken", { name: statement.name });
    const detail = { format: meta.format, stripped: meta.strippedFields, images: meta.strippedImages };
    const entry = { personId: createdBy, projectId, subject: id, detail, at: now() };
    await appendAudit(tx, { ...entry, action: "slide.registered" });
  });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
