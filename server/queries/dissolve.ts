import { createHash } from "node:crypto";
import { layerFacts } from "#db/access.ts";
import { type AnnotationRow, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { leftGroups } from "#db/dissolutions.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { layerNames } from "#db/layer-names.ts";
import { slideById, slidesByIds } from "#db/slides.ts";
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
import { nameOf } from "./slides.ts";

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
  const names = await layerNames(
    db,
    facts.map(({ layerId }) => layerId),
  );
  const slides = new Map(
    (await slidesByIds(db, [...new Set(facts.map(({ slideId }) => slideId))])).map((each) => [each.id, each]),
  );
  const items = facts.flatMap(({ layerId, slideId, subject }): DissolveLayer[] => {
    const [known, slide] = [names.get(layerId), slides.get(slideId)];
    if (known === undefined || slide === undefined) return [];
    // Whoever may join in a read knows whose it is.
    const layer = { id: layerId, name: nameOf(known), mine: subject.readerId === member.personId };
    const { name, mpp, contentHash } = slide;
    const { width, height } = slide.meta;
    const pictured = { id: slideId, name, mpp, hash: contentHash.slice(0, 16), width, height };
    return [{ slide: pictured, layer, outlines: alike.get(layerId) ?? 0 }];
  });
  return items.sort((a, b) => a.slide.name.localeCompare(b.slide.name) || a.layer.name.localeCompare(b.layer.name));
}

/** How many outlines of each layer have one class now and were of several. */
async function alikeByLayer(db: Db, { projectId }: Member): Promise<Map<LayerId, number>> {
  const history = await guidelineHistory(db, projectId);
  const found = new Map<string, { readonly layerId: LayerId; readonly ids: Set<ClassId>; count: number }>();
  const mergedOf = remembered(history);
  for (const { layerId, classId, under, count } of await stampCounts(db, { projectId })) {
    const merged = mergedOf({ classId, under });
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
  const mergedOf = remembered(history);
  const found: Stored[] = [];
  let after: AnnotationId | null = null;
  for (;;) {
    const rows: readonly AnnotationRow[] = await annotationRows(db, {
      layerIds: [layerId],
      limit: PAGE,
      ...(after === null ? {} : { after: { layerId, id: after } }),
    });
    found.push(...rows.filter((row) => mergedOf(row) !== null));
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE || after === null) return found;
  }
}

/** What a merge made of outlines; those that share class and version are followed once. */
function remembered(history: readonly GuidelineVersion[]) {
  const known = new Map<string, ClassId | null>();
  return (stamp: Pick<Stored, "classId" | "under">): ClassId | null => {
    const key = `${stamp.classId}/${stamp.under}`;
    const merged = known.has(key) ? known.get(key) : mergedClassOf(stamp, history);
    known.set(key, merged ?? null);
    return merged ?? null;
  };
}
