import { createHash } from "node:crypto";
import { appendAudit, auditHead } from "#db/audit.ts";
import { guidelineHistory, newestVersion } from "#db/guidelines.ts";
import { layersOfSlide } from "#db/layers.ts";
import { newId } from "#db/new-id.ts";
import { projectById } from "#db/projects.ts";
import { addRelease, nextReleaseNumber, releaseById } from "#db/releases.ts";
import { slidesOf } from "#db/slides.ts";
import type { Annotation } from "#domain/annotation.ts";
import { geoJsonText, toGeoJson } from "#domain/geojson.ts";
import { geometryArea } from "#domain/geometry.ts";
import { exportedGeometry } from "#domain/guideline/shapes.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { type ProjectId, type ReleaseId, releaseId, type SlideId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";
import { seedFrom } from "#domain/random.ts";
import { canonicalJson, type ManifestInput, manifest, type ReleaseFile } from "#domain/release.ts";
import { requireRole } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { outlinesOf, type SlideTruth } from "#server/queries/ground-truth.ts";
import { blindSubject } from "#server/queries/projects.ts";
import { releaseExceptions } from "#server/queries/release-exceptions.ts";
import {
  blockerViews,
  measuredCandidate,
  type ReleaseCandidate,
  releaseCandidate,
} from "#server/queries/release-facts.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";
import { isMadeAlready } from "./named-request.ts";

type Work = Pick<World, "db" | "computation">;

const SPLIT = { train: 0.7, validation: 0.15, test: 0.15 };

/**
 * Freezes the truth of slides: annotations, raw reads, decisions, guideline, metrics and a manifest that names every file
 * by hash. All of it is read at one moment. Same data, same bytes. Never changed afterwards.
 * @throws AppError release-blocked with the list of what stands in the way, not-found for a slide of elsewhere, bad-request
 * for an id that another release has
 */
export async function freezeRelease(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  wanted: {
    /** Names the release; one that was frozen under it already is not frozen again. */
    readonly id?: ReleaseId | undefined;
    readonly name: string;
    readonly slideIds?: readonly string[] | undefined;
  },
): Promise<ReleaseId> {
  await requireRole(world.db, caller, projectId, "release.freeze", await blindSubject(world.db, projectId));
  const chosen = await chosenSlides(world.db, projectId, wanted.slideIds);
  const asked = { id: wanted.id ?? newId(releaseId), name: wanted.name, chosen };
  if (await isFrozen(world.db, caller, projectId, asked)) return asked.id;
  const id = await frozen(world, caller, projectId, asked);
  await tidyLayers(world, projectId, chosen);
  const audience = await watchers(world.db, projectId, "release.view", [await blindSubject(world.db, projectId)]);
  const toast = `${caller.name} froze the release ${wanted.name}.`;
  world.events.tell(projectId, audience, { kind: "releases", toast });
  return id;
}

/** The layers that it was made of are begun anew, without the old edits that only their log needs from now on. */
async function tidyLayers(world: World, projectId: ProjectId, chosen: Wanted["chosen"]): Promise<void> {
  const slides = (await slidesOf(world.db, projectId)).filter(({ id }) => chosen?.has(id) ?? true);
  const layers = await Promise.all(slides.map(({ id }) => layersOfSlide(world.db, id)));
  world.rooms.tidy(layers.flat().map(({ id }) => id));
}

type Wanted = {
  readonly id: ReleaseId;
  readonly name: string;
  readonly chosen: ReadonlySet<SlideId> | undefined;
};

/** Whether this very release was frozen before: whoever asked for it did not hear so. @throws AppError bad-request for another's id */
async function isFrozen(
  db: World["db"],
  { personId }: Caller,
  projectId: ProjectId,
  { id, name, chosen }: Wanted,
): Promise<boolean> {
  const release = await releaseById(db, id);
  if (release === null) return false;
  const held: { readonly slides: readonly { readonly id: SlideId }[] } = JSON.parse(release.manifest);
  const slideIds = held.slides.map((slide) => slide.id).toSorted();
  const made = [release.projectId, release.createdBy, release.name, slideIds];
  return isMadeAlready(made, [projectId, personId, name, chosen === undefined ? slideIds : [...chosen].toSorted()]);
}

async function chosenSlides(
  db: World["db"],
  projectId: ProjectId,
  wanted: readonly string[] | undefined,
): Promise<ReadonlySet<SlideId> | undefined> {
  if (wanted === undefined) return undefined;
  const present = new Map((await slidesOf(db, projectId)).map((slide) => [String(slide.id), slide.id]));
  const ids = wanted.map((id) => {
    const found = present.get(id);
    if (found === undefined) throw new AppError("not-found", { slideId: id });
    return found;
  });
  return new Set(ids);
}

/** Reads at one moment, then writes under the project's lock; reads again where a version was published in between. */
async function frozen(world: World, caller: Caller, projectId: ProjectId, wanted: Wanted): Promise<ReleaseId> {
  // Consensus is computed and pairs are measured here, outside of the moment that is read: it may take minutes.
  unblocked(projectId, await measuredCandidate(world, projectId, wanted.chosen));
  const prepared = await world.db.transaction((tx) => prepare({ ...world, db: tx }, projectId, wanted), {
    isolationLevel: "repeatable read",
  });
  const id = await world.db.transaction(async (tx) => {
    const number = await nextReleaseNumber(tx, projectId);
    if (await isFrozen(tx, caller, projectId, wanted)) return wanted.id;
    if ((await newestVersion(tx, projectId))?.number !== prepared.guideline.number) return null;
    return await store(tx, caller, projectId, { id: wanted.id, number, name: wanted.name }, prepared);
  });
  return id ?? frozen(world, caller, projectId, wanted);
}

type Exceptions = Awaited<ReturnType<typeof releaseExceptions>>;
type Prepared = {
  readonly guideline: GuidelineVersion;
  readonly truths: readonly SlideTruth[];
  readonly exceptions: Exceptions;
  readonly files: readonly ReleaseFile[];
};

/** @throws AppError release-blocked with the list of what stands in the way */
function unblocked(projectId: ProjectId, candidate: ReleaseCandidate): Pick<Prepared, "guideline" | "truths"> {
  const { guideline, truths, blockers } = candidate;
  if (blockers.length > 0 || guideline === null) {
    throw new AppError("release-blocked", { blockers: blockerViews(projectId, candidate) });
  }
  return { guideline, truths };
}

async function prepare(work: Work, projectId: ProjectId, wanted: Wanted): Promise<Prepared> {
  const { guideline, truths } = unblocked(projectId, await releaseCandidate(work, projectId, wanted.chosen));
  const history = await guidelineHistory(work.db, projectId);
  const exceptions = await releaseExceptions(work.db, projectId, history);
  return { guideline, truths, exceptions, files: await releaseFiles(work, truths, { guideline, history, exceptions }) };
}

async function store(
  tx: World["db"],
  caller: Caller,
  projectId: ProjectId,
  { id, ...release }: ManifestInput["release"] & { readonly id: ReleaseId },
  prepared: Prepared,
): Promise<ReleaseId> {
  const { guideline, files } = prepared;
  const project = await projectById(tx, projectId);
  const input = manifestInput({ id: projectId, name: project?.name ?? "" }, release, prepared);
  const { text, files: named } = manifest(input, sha256);
  const hash = sha256(text);
  const { personId } = caller;
  const row = { id, projectId, ...release, guidelineNumber: guideline.number, manifest: text, hash };
  const contents = new Map(files.map((file) => [file.path, file.content]));
  const rows = named.map((file) => ({ path: file.path, sha256: file.sha256, content: contents.get(file.path) ?? "" }));
  await addRelease(tx, { ...row, createdBy: personId }, rows);
  const head = await auditHead(tx);
  const detail = { number: release.number, hash, files: named.length, auditHead: head.hash };
  await appendAudit(tx, { personId, projectId, action: "release.frozen", subject: id, detail });
  return id;
}

/** One folder a kind; every name is an id, so that no name of a patient travels in a path. */
async function releaseFiles(
  world: Pick<World, "db">,
  truths: readonly SlideTruth[],
  { guideline, history, exceptions }: Pick<Prepared, "guideline" | "exceptions"> & { readonly history: History },
): Promise<ReleaseFile[]> {
  const files: ReleaseFile[] = [
    { path: "guideline.json", content: `${canonicalJson(guideline)}\n` },
    { path: "exceptions.json", content: `${canonicalJson(exceptions)}\n` },
  ];
  for (const truth of truths) {
    const { slide, annotations, reads } = truth;
    files.push({
      path: `ground-truth/${slide.id}.geojson`,
      content: geoJsonText(toGeoJson(asDrawnNow(annotations, guideline), guideline.content, history)),
    });
    for (const read of reads) {
      const outlines = await outlinesOf(world, [read.layerId], history);
      files.push({
        path: `reads/${slide.id}/${read.layerId}.geojson`,
        content: geoJsonText(toGeoJson(outlines, guideline.content, history)),
      });
    }
    files.push(...decisionFiles(truth));
  }
  return files;
}

/** How far the reads of a slide agree, what was decided where they do not, and what is to be ignored; where there is any. */
function decisionFiles({ slide, consensus, decisions, ignored }: SlideTruth): ReleaseFile[] {
  const provenance = decisions.map(({ id, disputeKey, method, reason, version, personId, annotationIds, inputs }) => ({
    id,
    disputeKey,
    method,
    reason,
    version,
    personId,
    annotationIds,
    inputs,
  }));
  const decided = {
    path: `decisions/${slide.id}.json`,
    content: `${canonicalJson({ decisions: provenance, ignored })}\n`,
  };
  if (consensus === null) return ignored.length === 0 ? [] : [decided];
  const { overall, classes, evaluated, readerKeys, classIds } = consensus;
  const agreement = { readerKeys, classIds, evaluated, overall, classes };
  return [{ path: `agreement/${slide.id}.json`, content: `${canonicalJson(agreement)}\n` }, decided];
}

function manifestInput(
  project: ManifestInput["project"],
  release: ManifestInput["release"],
  { guideline, truths, files, exceptions: { waivers, leftOut } }: Prepared,
): ManifestInput {
  return {
    project,
    release,
    guidelineNumber: guideline.number,
    classes: guideline.content.classes
      .filter((each) => !each.retired)
      .map(({ id, name, colour }) => ({ id, name, colour, ...classTotals(truths, id) })),
    slides: truths.map(({ slide, annotations }) => ({
      id: slide.id,
      name: slide.name,
      caseId: slide.caseId,
      caseName: slide.caseName,
      widthPx: slide.meta.width,
      heightPx: slide.meta.height,
      mpp: slide.mpp,
      sha256: slide.contentHash,
      annotations: annotations.length,
    })),
    split: { seed: seedFrom(project.id), fractions: SPLIT },
    waivers,
    leftOut,
    files,
    licence: null,
  };
}

/** Outlines as their classes are drawn by now: the box or the middle of what was drawn as more. What is stored stays. */
function asDrawnNow(annotations: readonly Annotation[], { content }: GuidelineVersion): Annotation[] {
  const shapes = new Map(content.classes.map(({ id, geometry }) => [id, geometry]));
  return annotations.map((each) => ({
    ...each,
    geometry: exportedGeometry(shapes.get(each.classId) ?? ["polygon"], each.geometry),
  }));
}

function classTotals(truths: readonly SlideTruth[], classId: string): { annotations: number; areaUm2: number } {
  let [annotations, areaUm2] = [0, 0];
  for (const { slide, annotations: outlines } of truths) {
    for (const outline of outlines) {
      if (outline.classId !== classId) continue;
      annotations++;
      areaUm2 += slide.mpp === null ? 0 : geometryArea(outline.geometry) * slide.mpp * slide.mpp;
    }
  }
  return { annotations, areaUm2: Math.round(areaUm2 * 100) / 100 };
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
