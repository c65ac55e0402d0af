import { createHash } from "node:crypto";
import { appendAudit, auditHead } from "#db/audit.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { projectById } from "#db/projects.ts";
import { addRelease, nextReleaseNumber } from "#db/releases.ts";
import { geoJsonText, toGeoJson } from "#domain/geojson.ts";
import { geometryArea } from "#domain/geometry.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { type ProjectId, type ReleaseId, releaseId, slideId } from "#domain/ids.ts";
import { seedFrom } from "#domain/random.ts";
import { canonicalJson, type ManifestInput, manifest, type ReleaseFile } from "#domain/release.ts";
import { requireRole } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { outlinesOf, type SlideTruth } from "#server/queries/ground-truth.ts";
import { blindSubject } from "#server/queries/projects.ts";
import { blockerViews, releaseCandidate } from "#server/queries/release-facts.ts";
import type { Caller } from "#server/session.ts";
import { watchers } from "#server/watchers.ts";

const SPLIT = { train: 0.7, validation: 0.15, test: 0.15 };

/**
 * Freezes the truth of slides: annotations, raw reads, decisions, guideline, metrics and a manifest that names every file
 * by hash. Same data, same bytes. Never changed afterwards.
 * @throws AppError release-blocked with the list of what stands in the way
 */
export async function freezeRelease(
  world: World,
  caller: Caller,
  projectId: ProjectId,
  wanted: { readonly name: string; readonly slideIds?: readonly string[] | undefined },
): Promise<ReleaseId> {
  await requireRole(world.db, caller, projectId, "release.freeze", await blindSubject(world.db, projectId));
  const chosen = wanted.slideIds === undefined ? undefined : new Set(wanted.slideIds.map((id) => slideId.parse(id)));
  const id = await world.db.transaction(
    async (tx) => {
      const number = await nextReleaseNumber(tx, projectId);
      const candidate = await releaseCandidate({ ...world, db: tx }, projectId, chosen);
      const { guideline } = candidate;
      if (candidate.blockers.length > 0 || guideline === null) {
        throw new AppError("release-blocked", { blockers: blockerViews(projectId, candidate) });
      }
      const files = await releaseFiles({ ...world, db: tx }, projectId, candidate.truths, guideline);
      const project = await projectById(tx, projectId);
      const release = { number, name: wanted.name };
      const input = manifestInput(
        { id: projectId, name: project?.name ?? "" },
        release,
        guideline,
        candidate.truths,
        files,
      );
      const { text, files: named } = manifest(input, sha256);
      const made = newId(releaseId);
      const hash = sha256(text);
      const head = await auditHead(tx);
      const row = {
        id: made,
        projectId,
        ...release,
        guidelineNumber: guideline.number,
        manifest: text,
        hash,
        createdBy: caller.personId,
      };
      await addRelease(
        tx,
        row,
        named.map((file, index) => ({
          path: file.path,
          sha256: file.sha256,
          content: contentAt(files, file.path, index),
        })),
      );
      const detail = { number, hash, files: named.length, auditHead: head.hash };
      await appendAudit(tx, { personId: caller.personId, projectId, action: "release.frozen", subject: made, detail });
      return made;
    },
    { isolationLevel: "repeatable read" },
  );
  const audience = await watchers(world.db, projectId, "release.view", [await blindSubject(world.db, projectId)]);
  const toast = `${caller.name} froze the release ${wanted.name}.`;
  world.events.tell(projectId, audience, { kind: "releases", toast });
  return id;
}

function contentAt(files: readonly ReleaseFile[], path: string, index: number): string {
  const file = files.find((each) => each.path === path);
  if (file === undefined) throw new Error(`the manifest names ${path} (${index}), which is no file of the release`);
  return file.content;
}

/** One folder a kind; every name is an id, so that no name of a patient travels in a path. */
async function releaseFiles(
  world: Pick<World, "db">,
  projectId: ProjectId,
  truths: readonly SlideTruth[],
  guideline: GuidelineVersion,
): Promise<ReleaseFile[]> {
  const history = await guidelineHistory(world.db, projectId);
  const files: ReleaseFile[] = [{ path: "guideline.json", content: `${canonicalJson(guideline)}\n` }];
  for (const { slide, annotations, ignored, reads, decisions, consensus } of truths) {
    files.push({
      path: `ground-truth/${slide.id}.geojson`,
      content: geoJsonText(toGeoJson(annotations, guideline.content)),
    });
    for (const read of reads) {
      const outlines = await outlinesOf(world, [read.layerId], history);
      files.push({
        path: `reads/${slide.id}/${read.layerId}.geojson`,
        content: geoJsonText(toGeoJson(outlines, guideline.content)),
      });
    }
    if (consensus === null) continue;
    const { overall, classes, evaluated, readerKeys, classIds } = consensus;
    const agreement = { readerKeys, classIds, evaluated, overall, classes };
    files.push({ path: `agreement/${slide.id}.json`, content: `${canonicalJson(agreement)}\n` });
    const provenance = decisions.map(
      ({ id, disputeKey, method, reason, version, personId, annotationIds, inputs }) => ({
        id,
        disputeKey,
        method,
        reason,
        version,
        personId,
        annotationIds,
        inputs,
      }),
    );
    files.push({
      path: `decisions/${slide.id}.json`,
      content: `${canonicalJson({ decisions: provenance, ignored })}\n`,
    });
  }
  return files;
}

function manifestInput(
  project: ManifestInput["project"],
  release: ManifestInput["release"],
  guideline: GuidelineVersion,
  truths: readonly SlideTruth[],
  files: readonly ReleaseFile[],
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
    waivers: [],
    files,
    licence: null,
  };
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
