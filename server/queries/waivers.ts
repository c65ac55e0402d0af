import { annotationsOn } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { newestVersion, versionsOf } from "#db/guidelines.ts";
import type { OutlineAt } from "#db/outline-at.ts";
import { type SlideRow, slideById, slidesByIds } from "#db/slides.ts";
import {
  firstOutlines,
  namedOutlines,
  outlinesNamed,
  type StoredWaiver,
  standingWaivers,
  waiversOf,
} from "#db/waivers.ts";
import type { AnnotationId, LayerId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { WaiverScope } from "#domain/waiver.ts";
import type { WaiverView } from "#server/api/schemas/consistency.ts";
import type { SlideView } from "#server/api/schemas/slides.ts";
import { AppError } from "#server/errors.ts";
import { coverCounts } from "./staleness.ts";
import { visibleLayerIds } from "./visible-layers.ts";

/** Outlines that a refusal names. */
const NAMED = 20;

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
  const naming = stored.filter(({ scope }) => scope.kind === "annotations").map(({ id }) => id);
  const named = isAll ? null : await outlinesNamed(db, layerIds, naming);
  const covers = await coverCounts(db, { layerIds }, await versionsOf(db, projectId), stored);
  const placeOf = await beginnings(db, layerIds, naming);
  return stored.flatMap((waiver): WaiverView[] => {
    const scope = scopeFor(waiver.scope, named && (named.get(waiver.id) ?? new Set()));
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
  const named = await namedOutlines(
    db,
    layerIds,
    standing.map(({ id }) => id),
  );
  return standing.flatMap(({ id, scope, version, reason, expiresAt }): SlideView["waivers"] => {
    const outlines = named.filter(({ waiverId }) => waiverId === id).map(({ waiverId: _, ...outline }) => outline);
    const about = scope.kind === "annotations" ? { kind: scope.kind, outlines } : scope;
    if (about.kind === "annotations" && outlines.length === 0) return [];
    if (about.kind === "slide" && about.slideId !== slideId) return [];
    return [{ id, about, version, reason, expiresAt: expiresAt.toISOString() }];
  });
}

/**
 * An exception is about something that is there, and that whoever approves it may see.
 * @returns the outlines that it names one by one, in its order: of an id that several layers have, all of them
 * @throws AppError not-found, unknown-class, no-guideline
 */
export async function requireScope(db: Db, member: Member, scope: WaiverScope): Promise<readonly OutlineAt[]> {
  const { projectId } = member;
  switch (scope.kind) {
    case "annotations": {
      const { visible } = await visibleLayerIds(db, member);
      const known = new Map(scope.ids.map((id): [AnnotationId, OutlineAt[]] => [id, []]));
      for (const outline of await annotationsOn(db, [...visible], scope.ids)) known.get(outline.id)?.push(outline);
      const absent = scope.ids.filter((id) => known.get(id)?.length === 0);
      if (absent.length > 0) throw new AppError("not-found", { annotationIds: absent.slice(0, NAMED) });
      return [...known.values()].flat();
    }
    case "class": {
      const newest = await newestVersion(db, projectId);
      if (newest === null) throw new AppError("no-guideline", { projectId });
      const isKnown = newest.content.classes.some(({ id }) => id === scope.classId);
      if (!isKnown) throw new AppError("unknown-class", { classId: scope.classId });
      return [];
    }
    case "slide": {
      const slide = await slideById(db, scope.slideId);
      if (slide?.projectId !== projectId) throw new AppError("not-found", { slideId: scope.slideId });
      return [];
    }
    default:
      return scope satisfies never;
  }
}

/** @param known outlines that may be named; null for all */
function scopeFor(scope: WaiverScope, known: ReadonlySet<string> | null): WaiverScope | null {
  if (scope.kind !== "annotations" || known === null) return scope;
  const ids = scope.ids.filter((id) => known.has(id));
  return ids.length === 0 ? null : { ...scope, ids };
}

/** Where the first of the outlines that a waiver names is that is still there. @param naming waivers that name some */
async function beginnings(
  db: Db,
  layerIds: readonly LayerId[],
  naming: readonly string[],
): Promise<(waiver: StoredWaiver) => WaiverView["place"]> {
  const places = await firstOutlines(db, layerIds, naming);
  const slideIds = [...new Set([...places.values()].map(({ slideId }) => slideId))];
  const names = new Map((await slidesByIds(db, slideIds)).map(({ id, name }) => [id, name]));
  return (waiver) => {
    const first = places.get(waiver.id);
    if (first === undefined) return null;
    const slide = { id: first.slideId, name: names.get(first.slideId) ?? "" };
    return { slide, layerId: first.layerId, annotationId: first.id };
  };
}

function stateOf({ withdrawnAt, expired }: StoredWaiver): WaiverView["state"] {
  if (withdrawnAt !== null) return "withdrawn";
  return expired ? "expired" : "holds";
}
