import { createHash } from "node:crypto";
import { appendAudit } from "#db/audit.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { addImport, importById } from "#db/imports.ts";
import { newId } from "#db/new-id.ts";
import { slideById } from "#db/slides.ts";
import type { Geometry } from "#domain/annotation.ts";
import { fromGeoJson, type ImportReport as Imported } from "#domain/geojson.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { type AnnotationId, annotationId, type LayerId } from "#domain/ids.ts";
import { clipTo } from "#domain/overlay.ts";
import type { LayerSubject, Member } from "#domain/permissions.ts";
import { allow, requireLayer } from "#server/access.ts";
import type { ImportReport } from "#server/api/schemas/slides.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { historyInForce } from "#server/queries/in-force.ts";
import type { Caller } from "#server/session.ts";
import { isMadeAlready } from "./named-request.ts";

/**
 * Puts the outlines of a GeoJSON file into a layer, all or none: a file with one outline that cannot be repaired is
 * refused with the list of what is wrong. Class names are read as a guideline version has them, and the outlines are stamped
 * with it: what the versions since ask of them is asked like of any other outline. An id that the layer has already is replaced by a new one, and told.
 * @param sent.under the guideline version that the file was made under; null for the newest that counts in the layer
 * @param sent.id names the import; one that was made under it already is not made again, and answered as it was
 * @throws AppError not-found, not-allowed, import-refused, bad-request for an id that another import has
 */
export async function importAnnotations(
  world: World,
  caller: Caller,
  layerId: LayerId,
  file: unknown,
  sent: { readonly under: number | null; readonly id: AnnotationId | null },
): Promise<ImportReport> {
  const { subject, slideId, member } = await requireLayer(world.db, caller, layerId);
  const named =
    sent.id === null ? null : { id: sent.id, layerId, personId: caller.personId, hash: hashOf(file, sent.under) };
  const before = named && (await reportOf(world, named));
  if (before !== null) return before;
  refuseImport(member, subject, layerId);
  const slide = await slideById(world.db, slideId);
  const version = await versionNamed(world, { ...subject, layerId }, sent.under);
  if (slide === null) throw new AppError("not-found", { slideId });
  const { width, height } = slide.meta;
  const read = fromGeoJson(file, { classes: version.content.classes, slide: { width, height }, under: version.number });
  if (!read.ok) throw new AppError("import-refused", read.detail);
  refuseIncomplete(read.value);
  const repaired = read.value.repairs.map(({ index, code, detail }) => ({
    index,
    code: code as string,
    detail: { ...detail },
  }));
  await world.rooms.edit(
    layerId,
    caller.personId,
    (doc) => {
      for (const [index, annotation] of read.value.annotations.entries()) {
        const taken = annotation.id !== null && doc.get(annotation.id) !== null;
        if (taken) repaired.push({ index, code: "id-taken", detail: { id: annotation.id } });
        const id = annotation.id === null || taken ? newId(annotationId) : annotation.id;
        doc.put({ ...annotation, geometry: onSlide(annotation.geometry, slide.meta, index), id }, { origin: "import" });
      }
    },
    {
      before: async (tx) => {
        const now = await requireLayer(tx, caller, layerId);
        refuseImport(now.member, now.subject, layerId);
      },
      alongside: async (tx) => {
        const report = { added: read.value.annotations.length, repaired };
        if (named !== null) await addImport(tx, { ...named, report, at: world.now() });
        const detail = { added: read.value.annotations.length, repaired: repaired.length };
        const entry = { personId: caller.personId, projectId: subject.projectId, subject: layerId, detail };
        await appendAudit(tx, { ...entry, action: "annotations.imported" });
      },
    },
  );
  return { added: read.value.annotations.length, repaired };
}

type Import = Pick<NonNullable<Awaited<ReturnType<typeof importById>>>, "id" | "layerId" | "personId" | "hash">;

/** What was said of this very import before; null where there was none. @throws AppError bad-request for another's id */
async function reportOf({ db }: World, { id, layerId, personId, hash }: Import): Promise<ImportReport | null> {
  const known = await importById(db, id);
  const made = known && [known.layerId, known.personId, known.hash];
  return isMadeAlready(made, [layerId, personId, hash]) ? (known?.report ?? null) : null;
}

function hashOf(file: unknown, under: number | null): string {
  return createHash("sha256")
    .update(JSON.stringify([under, file]))
    .digest("hex");
}

async function versionNamed(
  { db }: World,
  { projectId, layerId }: Pick<LayerSubject, "projectId"> & { readonly layerId: LayerId },
  named: number | null,
): Promise<GuidelineVersion> {
  const version =
    named === null
      ? (await historyInForce(db, projectId, layerId)).at(-1)
      : (await guidelineHistory(db, projectId)).find(({ number }) => number === named);
  if (version !== undefined) return version;
  const problem = named === null ? "the project has no guideline" : "the guideline has no such version";
  throw new AppError("import-refused", { problem, version: named });
}

function refuseImport(member: Member, subject: LayerSubject, layerId: LayerId): void {
  const locked = subject.state === "submitted";
  allow(member, "layer.import", { ...subject, state: "open" });
  if (locked) throw new AppError("layer-locked", { layerId });
}

/** What a file draws over the edge of the slide is cut off at it; the import has told so as a repair. */
function onSlide(
  geometry: Geometry,
  { width, height }: { readonly width: number; readonly height: number },
  index: number,
): Geometry {
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  if (minX >= 0 && minY >= 0 && maxX <= width && maxY <= height) return geometry;
  const inside = clipTo(geometry, { minX: 0, minY: 0, maxX: width, maxY: height });
  if (inside === null)
    throw new AppError("import-refused", { count: 1, refused: [{ index, code: "outline-off-slide" }] });
  return inside;
}

const SHOWN_REFUSALS = 100;

function refuseIncomplete({ refused, unknownClasses }: Imported): void {
  if (refused.length === 0) return;
  throw new AppError("import-refused", {
    count: refused.length,
    refused: refused.slice(0, SHOWN_REFUSALS),
    unknownClasses,
  });
}
