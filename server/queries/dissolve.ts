import { createHash } from "node:crypto";
import { layerFacts } from "#db/access.ts";
import { type AnnotationRow, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { leftGroups } from "#db/dissolutions.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { slideById } from "#db/slides.ts";
import { stampCounts } from "#db/standing.ts";
import { mergedClassOf } from "#domain/dissolve.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { AnnotationId, ClassId, LayerId, SlideId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import { requireLayer } from "#server/access.ts";
import type { DissolveGroup, DissolveLayer } from "#server/api/schemas/dissolve.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { packPage } from "#server/jobs/packed-reads.ts";
import type { Caller } from "#server/session.ts";
import { visibleLayers } from "./slides.ts";

/** So many stored outlines are fetched and packed at a time: strokes come in between. */
const PAGE = 1_000;

/**
 * Layers in which the member may join what a merge made alike: those with outlines of one class that had different ones.
 * From grouped counts alone; whether any of them touch is asked of a layer.
 */
export async function layersToDissolve(db: Db, member: Member): Promise<DissolveLayer[]> {
  const { projectId } = member;
  const alike = await alikeByLayer(db, member);
  const facts = (await layerFacts(db, { projectId })).filter(
    ({ layerId, subject }) => alike.has(layerId) && can(member, "layer.dissolve", subject),
  );
  const items: DissolveLayer[] = [];
  for (const [slideId, layerIds] of bySlide(facts)) {
    const slide = await slideById(db, slideId);
    if (slide === null) continue;
    for (const { id, name, mine } of await visibleLayers(db, member, slideId)) {
      const layerId = layerIds.find((each) => each === id);
      const outlines = layerId === undefined ? undefined : alike.get(layerId);
      if (outlines !== undefined)
        items.push({ slide: { id: slideId, name: slide.name }, layer: { id, name, mine }, outlines });
    }
  }
  return items.sort((a, b) => a.slide.name.localeCompare(b.slide.name) || a.layer.name.localeCompare(b.layer.name));
}

/** How many outlines of each layer have one class now and were of several. */
async function alikeByLayer(db: Db, { projectId }: Member): Promise<Map<LayerId, number>> {
  const history = await guidelineHistory(db, projectId);
  const found = new Map<string, { readonly layerId: LayerId; readonly ids: Set<ClassId>; count: number }>();
  for (const { layerId, classId, under, count } of await stampCounts(db, { projectId })) {
    const merged = mergedClassOf({ classId, under }, history);
    if (merged === null) continue;
    const key = `${layerId} ${merged}`;
    const bucket = found.get(key) ?? { layerId, ids: new Set<ClassId>(), count: 0 };
    bucket.ids.add(classId);
    bucket.count += count;
    found.set(key, bucket);
  }
  const alike = new Map<LayerId, number>();
  for (const { layerId, ids, count } of found.values()) {
    if (ids.size > 1) alike.set(layerId, (alike.get(layerId) ?? 0) + count);
  }
  return alike;
}

function bySlide(facts: readonly { readonly layerId: LayerId; readonly slideId: SlideId }[]) {
  const found = new Map<SlideId, LayerId[]>();
  for (const { layerId, slideId } of facts) found.set(slideId, [...(found.get(slideId) ?? []), layerId]);
  return found;
}

/**
 * Groups of outlines of a layer that a merge made alike and that touch, down the slide, without those that somebody
 * decided to leave; none for those who may not join them. Found in the worker.
 * @throws AppError not-found
 */
export async function groupsToDissolve(world: World, caller: Caller, layerId: LayerId): Promise<DissolveGroup[]> {
  const { db } = world;
  const { member, subject, slideId } = await requireLayer(db, caller, layerId);
  if (!can(member, "layer.dissolve", subject)) return [];
  const history = await guidelineHistory(db, subject.projectId);
  const rows = await mergedRows(db, layerId, history);
  const left = await leftGroups(db, layerId);
  return (await touching(world, { slideId, rows, history })).filter(({ key }) => !left.has(key));
}

type Stored = Pick<AnnotationRow, "id" | "record" | "contentHash" | "classId" | "under">;

/** The groups among some outlines, with the name that each has for what is in it. */
export async function touching(
  { db, computation }: Pick<World, "db" | "computation">,
  about: { readonly slideId: SlideId; readonly rows: readonly Stored[]; readonly history: readonly GuidelineVersion[] },
): Promise<DissolveGroup[]> {
  const { slideId, rows, history } = about;
  const slide = await slideById(db, slideId);
  const newest = history.at(-1);
  if (slide === null || newest === undefined) throw new AppError("no-guideline", { slideId });
  const gapPx = slide.mpp === null ? 0 : newest.content.rules.dissolveGapUm / slide.mpp;
  const groups = await computation.dissolve({ page: packPage(rows), history, gapPx });
  const stored = new Map(rows.map((row) => [row.id, row]));
  return groups.map(({ ids, classId, geometry, bbox: { minX, minY, maxX, maxY } }) => {
    const items = ids.flatMap((id) => stored.get(id) ?? []);
    return {
      key: groupKey(items),
      classId,
      items: items.map(({ id, contentHash, classId: former }) => ({ annotationId: id, contentHash, classId: former })),
      geometry,
      bbox: [minX, minY, maxX, maxY],
    };
  });
}

/** Names a group by its outlines and their contents: when one of them changes it is another group. */
export function groupKey(items: readonly { readonly id: AnnotationId; readonly contentHash: string }[]): string {
  const parts = items.map(({ id, contentHash }) => `${id}:${contentHash}`).sort();
  return createHash("sha256").update(parts.join(" ")).digest("hex");
}

async function mergedRows(db: Db, layerId: LayerId, history: readonly GuidelineVersion[]): Promise<Stored[]> {
  const known = new Map<string, boolean>();
  const isMerged = ({ classId, under }: Stored): boolean => {
    const key = `${classId}/${under}`;
    const merged = known.get(key) ?? mergedClassOf({ classId, under }, history) !== null;
    known.set(key, merged);
    return merged;
  };
  const found: Stored[] = [];
  let after: AnnotationId | null = null;
  for (;;) {
    const rows: readonly AnnotationRow[] = await annotationRows(db, {
      layerIds: [layerId],
      limit: PAGE,
      ...(after === null ? {} : { after: { layerId, id: after } }),
    });
    found.push(...rows.filter(isMerged));
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE || after === null) return found;
  }
}
