import { bridgeRegionsOf } from "#db/bridge.ts";
import { wholeRounds } from "#db/rounds.ts";
import { bboxOf, polygonArea } from "#domain/geometry.ts";
import type { SlideId } from "#domain/ids.ts";
import { makeBridgeReads, setBridge } from "#server/commands/bridge.ts";
import type { TrueRegion } from "#server/slides/synthetic/regions.ts";
import { type HistoryReader, readSlide, SIZE, type Version } from "./history-readers.ts";
import { daysAgo, type Place, type Truths } from "./past.ts";

/** Around the gland that a region is about, level-0 px. */
const MARGIN_PX = 40;
const READ_EVERY_DAYS = 0.05;

/** Glands, which are what readers differ about, one on each of these slides: none of which is about to be repeated. */
export async function chooseBridge(
  place: Place,
  readers: readonly HistoryReader[],
  asked: { readonly slideIds: readonly SlideId[]; readonly truths: Truths; readonly days: number },
): Promise<void> {
  const { slideIds, truths, days } = asked;
  const { world, lead, projectId } = place;
  if ((await bridgeRegionsOf(world.db, projectId)).length > 0) return;
  const regions = slideIds.map((slideId, index) => ({
    slideId,
    name: `Gland ${index + 1}`,
    box: aroundGland(truths.get(slideId) ?? []),
  }));
  const readerIds = readers.map(({ caller }) => caller.personId);
  await setBridge(daysAgo(place, days), lead, projectId, { regions, readerIds });
}

/** The largest gland with what is around it; where there is none, the middle of the slide. */
function aroundGland(shown: readonly TrueRegion[]): [number, number, number, number] {
  const glands = shown.filter(({ label }) => label === "Gland");
  const [largest] = glands.toSorted((a, b) => polygonArea(b.polygon) - polygonArea(a.polygon));
  const { width, height } = SIZE;
  if (largest === undefined) return [width / 4, height / 4, (3 * width) / 4, (3 * height) / 4];
  const { minX, minY, maxX, maxY } = bboxOf(largest.polygon[0] ?? []);
  return [
    Math.max(0, Math.floor(minX - MARGIN_PX)),
    Math.max(0, Math.floor(minY - MARGIN_PX)),
    Math.min(width, Math.ceil(maxX + MARGIN_PX)),
    Math.min(height, Math.ceil(maxY + MARGIN_PX)),
  ];
}

/** Everybody reads the regions under a version, whatever of it was read before a cut. */
export async function readBridge(
  place: Place,
  readers: readonly HistoryReader[],
  asked: { readonly truths: Truths; readonly version: Version; readonly days: number; readonly signal: AbortSignal },
): Promise<void> {
  const { world, projectId } = place;
  const { truths, version, days, signal } = asked;
  await makeBridgeReads(daysAgo(place, days), projectId);
  const rounds = await wholeRounds(world.db, { projectId });
  const found = rounds.find(({ round }) => round.purpose === "bridge" && round.guidelineNumber === version);
  const boxes = new Map((await bridgeRegionsOf(world.db, projectId)).map((region) => [region.slideId, region]));
  for (const [turn, layer] of (found?.reads ?? []).entries()) {
    signal.throwIfAborted();
    const reader = readers.find(({ caller }) => caller.personId === layer.readerId);
    if (reader === undefined || layer.state === "submitted") continue;
    const within = boxes.get(layer.slideId) ?? null;
    const name = `${within?.slideName} bridge v${version}`;
    const regions = truths.get(layer.slideId) ?? [];
    const past = daysAgo(place, days - turn * READ_EVERY_DAYS);
    await readSlide(past, reader, { layer, name, regions, version, within });
  }
}
