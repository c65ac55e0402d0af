import type { screeningsIn } from "#db/judgements.ts";
import type { FinishableLayer } from "#db/rounds.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId, LayerId, PersonId } from "#domain/ids.ts";
import { classesAt, rescreens } from "#domain/migration.ts";
import type { LayerSubject } from "#domain/permissions.ts";
import type { About } from "./assignees.ts";
import { hoursOf } from "./task-hours.ts";

type Screening = Awaited<ReturnType<typeof screeningsIn>>[number];
type Published = Pick<GuidelineVersion, "number" | "changes" | "content"> & { readonly publishedAt: Date };

/** A finished layer that has to be looked through for some classes again. */
export type RescreenNeed = {
  readonly layer: FinishableLayer["layer"];
  /** The newest version that asks for it. */
  readonly version: number;
  readonly classIds: readonly ClassId[];
  /** Who finished it; null where that is nobody in particular. */
  readonly personId: PersonId | null;
};

/**
 * Which finished layers are no longer complete: computed from when each was finished, when each version took effect for
 * it, and who has looked through it since. For a blind round a version takes effect when the round is unblinded.
 */
export function rescreenNeeds(
  layers: readonly FinishableLayer[],
  versions: readonly Published[],
  screenings: readonly Screening[],
): RescreenNeed[] {
  const newest = versions.at(-1);
  if (newest === undefined) return [];
  const drawable = new Set(classesAt(newest.content).selectable.map(({ id }) => id));
  const byLayer = groupByLayer(screenings);
  return layers.flatMap((finishable) => {
    const signed = byLayer.get(finishable.layer.id) ?? [];
    const finishedAt = finishTime(finishable, signed);
    if (finishedAt === null) return [];
    const asked = versions
      .filter((version) => takesEffectAfter(version, finishable, finishedAt))
      .map((version) => ({ number: version.number, classIds: stillAsked(version, signed, drawable) }))
      .filter(({ classIds }) => classIds.length > 0);
    const last = asked.at(-1);
    if (last === undefined) return [];
    const classIds = [...new Set(asked.flatMap((each) => each.classIds))].sort();
    const personId = finishable.layer.readerId ?? signed.at(-1)?.personId ?? null;
    return [{ layer: finishable.layer, version: last.number, classIds, personId }];
  });
}

/** What it is to look through a layer again, for finding who does it. */
export function rescreenOf(
  { layer, classIds }: Pick<RescreenNeed, "layer" | "classIds">,
  layers: ReadonlyMap<LayerId, LayerSubject>,
): About {
  const hours = hoursOf("re-screen", classIds.length, null);
  return { isGroundTruth: false, layer: layers.get(layer.id) ?? null, key: `re-screen/${layer.id}`, hours };
}

function finishTime({ layer, round }: FinishableLayer, signed: readonly Screening[]): Date | null {
  const hidden = round !== null && round.mode === "blind" && round.unblindedAt === null;
  if (hidden) return null;
  if (layer.submittedAt !== null) return layer.submittedAt;
  return layer.kind === "team" ? (signed.at(0)?.at ?? null) : null;
}

function takesEffectAfter(version: Published, { round }: FinishableLayer, finishedAt: Date): boolean {
  if (version.number <= (round?.guidelineNumber ?? 0)) return false;
  const unblindedAt = round?.mode === "blind" ? (round.unblindedAt?.getTime() ?? 0) : 0;
  return Math.max(version.publishedAt.getTime(), unblindedAt) >= finishedAt.getTime();
}

/** What a version asks to look for, as far as it can still be drawn and nobody has looked since. */
function stillAsked(
  { number, changes, content }: Published,
  signed: readonly Screening[],
  drawable: ReadonlySet<ClassId>,
): ClassId[] {
  const selectable = classesAt(content).selectable.map(({ id }) => id);
  return rescreens(changes, content.rules, selectable).filter(
    (classId) =>
      drawable.has(classId) && !signed.some((each) => each.version >= number && each.classIds.includes(classId)),
  );
}

function groupByLayer(screenings: readonly Screening[]): Map<LayerId, Screening[]> {
  const byLayer = new Map<LayerId, Screening[]>();
  for (const each of screenings) byLayer.set(each.layerId, [...(byLayer.get(each.layerId) ?? []), each]);
  return byLayer;
}
