import { annotationsOn } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { newestVersion, versionsOf } from "#db/guidelines.ts";
import { type SlideRow, slideById, slidesByIds } from "#db/slides.ts";
import { outlinePlaces, type StoredWaiver, standingWaivers, waiversOf } from "#db/waivers.ts";
import type { LayerId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { WaiverScope } from "#domain/waiver.ts";
import type { WaiverView } from "#server/api/schemas/consistency.ts";
import type { SlideView } from "#server/api/schemas/slides.ts";
import { AppError } from "#server/errors.ts";
import { coverCounts } from "./staleness.ts";
import { visibleLayerIds } from "./visible-layers.ts";

/** Outlines that a refusal names. */
const NAMED = 20;

/** Of chosen outlines so many are looked at for one that is still there to lead to. */
const LOOKED_AT = 50;

/**
 * Every exception of a project, oldest first; those that ended stay as history. A lead who reads blind gets neither counts
 * nor names and places of outlines in layers that are kept from them.
 */
export async function waiversFor(db: Db, member: Member): Promise<WaiverView[]> {
  const { projectId } = member;
  const stored = await waiversOf(db, projectId);
  if (stored.length === 0) return [];
  const { visible, isAll } = await visibleLayerIds(db, member);
  const layerIds = [...visible];
  const named = stored.flatMap(({ scope }) => (scope.kind === "annotations" ? scope.ids : []));
  const known = isAll ? null : await annotationsOn(db, layerIds, named);
  const covers = await coverCounts(db, { layerIds }, await versionsOf(db, projectId), stored);
  const placeOf = await beginnings(db, layerIds, stored);
  return stored.flatMap((waiver): WaiverView[] => {
    const scope = scopeFor(waiver.scope, known);
    if (scope === null) return [];
    return [
      {
        id: waiver.id,
        scope,
        reason: waiver.reason,
        approvedBy: waiver.approver,
        at: waiver.at.toISOString(),
        version: waiver.version,
        expiresAt: waiver.expiresAt.toISOString(),
        state: stateOf(waiver),
        covers: covers.get(waiver.id) ?? 0,
        place: placeOf(waiver),
      },
    ];
  });
}

/** Exceptions that hold for something on a slide, for whoever sees these layers of it: what they excuse there is no work. */
export async function waiversOnSlide(
  db: Db,
  { projectId, id: slideId }: Pick<SlideRow, "projectId" | "id">,
  layerIds: readonly LayerId[],
): Promise<SlideView["waivers"]> {
  const standing = await standingWaivers(db, { projectId });
  const named = standing.flatMap(({ scope }) => (scope.kind === "annotations" ? scope.ids : []));
  const known = await annotationsOn(db, layerIds, named);
  return standing.flatMap(({ id, scope: whole, version, reason, expiresAt }) => {
    const scope = scopeFor(whole, known);
    if (scope === null || (scope.kind === "slide" && scope.slideId !== slideId)) return [];
    return [{ id, scope, version, reason, expiresAt: expiresAt.toISOString() }];
  });
}

/**
 * An exception is about something that is there, and that whoever approves it may see.
 * @throws AppError not-found, unknown-class, no-guideline
 */
export async function requireScope(db: Db, member: Member, scope: WaiverScope): Promise<void> {
  const { projectId } = member;
  switch (scope.kind) {
    case "annotations": {
      const { visible } = await visibleLayerIds(db, member);
      const known = await annotationsOn(db, [...visible], scope.ids);
      const absent = scope.ids.filter((id) => !known.has(id));
      if (absent.length > 0) throw new AppError("not-found", { annotationIds: absent.slice(0, NAMED) });
      return;
    }
    case "class": {
      const newest = await newestVersion(db, projectId);
      if (newest === null) throw new AppError("no-guideline", { projectId });
      const isKnown = newest.content.classes.some(({ id }) => id === scope.classId);
      if (!isKnown) throw new AppError("unknown-class", { classId: scope.classId });
      return;
    }
    case "slide": {
      const slide = await slideById(db, scope.slideId);
      if (slide?.projectId !== projectId) throw new AppError("not-found", { slideId: scope.slideId });
      return;
    }
    default:
      scope satisfies never;
  }
}

/** @param known outlines that may be named; null for all */
function scopeFor(scope: WaiverScope, known: ReadonlySet<string> | null): WaiverScope | null {
  if (scope.kind !== "annotations" || known === null) return scope;
  const ids = scope.ids.filter((id) => known.has(id));
  return ids.length === 0 ? null : { ...scope, ids };
}

/** Where the first of the outlines that a waiver names is that is still there. */
async function beginnings(
  db: Db,
  layerIds: readonly LayerId[],
  stored: readonly StoredWaiver[],
): Promise<(waiver: StoredWaiver) => WaiverView["place"]> {
  const firstIds = ({ scope }: StoredWaiver) => (scope.kind === "annotations" ? scope.ids.slice(0, LOOKED_AT) : []);
  const places = await outlinePlaces(db, layerIds, [...new Set(stored.flatMap(firstIds))]);
  const slideIds = [...new Set([...places.values()].map(({ slideId }) => slideId))];
  const names = new Map((await slidesByIds(db, slideIds)).map(({ id, name }) => [id, name]));
  return (waiver) => {
    const [first] = firstIds(waiver).flatMap((id) => places.get(id) ?? []);
    if (first === undefined) return null;
    const slide = { id: first.slideId, name: names.get(first.slideId) ?? "" };
    return { slide, layerId: first.layerId, annotationId: first.id };
  };
}

function stateOf({ withdrawnAt, expired }: StoredWaiver): WaiverView["state"] {
  if (withdrawnAt !== null) return "withdrawn";
  return expired ? "expired" : "holds";
}
