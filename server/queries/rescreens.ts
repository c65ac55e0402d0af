import type { screeningsIn } from "#db/judgements.ts";
import type { FinishableLayer } from "#db/rounds.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId, LayerId, PersonId } from "#domain/ids.ts";
import { classesAt, endedIn, rescreens } from "#domain/migration.ts";
import type { LayerSubject } from "#domain/permissions.ts";
import type { About } from "./assignees.ts";
import { hoursOf, UNMEASURED } from "./task-hours.ts";

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
 * it, and who has looked through it since. For a blind round a version takes effect when the round is unblinded. For a class
 * that came back a layer is looked through that was finished while it was gone.
 * @param versions all, oldest first
 * @param from the first of them that is asked about
 */
export function rescreenNeeds(
  layers: readonly FinishableLayer[],
  versions: readonly Published[],
  screenings: readonly Screening[],
  from = 0,
): RescreenNeed[] {
  const newest = versions.at(-1);
  if (newest === undefined) return [];
  const asking = versions
    .filter(({ number }) => number >= from)
    .map((version) => ({ version, classes: askedClasses(version, versions) }))
    .filter(({ classes }) => classes.length > 0);
  const drawable = new Set(classesAt(newest.content).selectable.map(({ id }) => id));
  const byLayer = groupByLayer(screenings);
  return layers.flatMap((finishable) => {
    const signed = byLayer.get(finishable.layer.id) ?? [];
    const finishedAt = finishTime(finishable, signed);
    if (finishedAt === null) return [];
    const asked = asking
      .filter(({ version }) => takesEffectAfter(version, finishable, finishedAt))
      .map(({ version: { number }, classes }) => ({ number, classIds: stillAsked(number, classes, signed, drawable) }))
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
  const hours = hoursOf("re-screen", classIds.length, UNMEASURED);
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

/** A class to look for, and for one that only came back the version in which it had gone. */
type AskedClass = { readonly classId: ClassId; readonly goneIn: number };

function askedClasses({ number, changes, content }: Published, versions: readonly Published[]): AskedClass[] {
  const selectable = classesAt(content).selectable.map(({ id }) => id);
  const others = changes.filter(({ kind }) => kind !== "restore");
  const anyhow = new Set(rescreens(others, content.rules, selectable));
  const earlier = versions.filter((version) => version.number < number);
  return rescreens(changes, content.rules, selectable).map((classId) => ({
    classId,
    goneIn: anyhow.has(classId) ? 0 : (endedIn(classId, earlier) ?? 0),
  }));
}

/** What a version asks to look for, as far as it can still be drawn and nobody has looked for it, since or before it went. */
function stillAsked(
  number: number,
  asked: readonly AskedClass[],
  signed: readonly Screening[],
  drawable: ReadonlySet<ClassId>,
): ClassId[] {
  const isSigned = ({ classId, goneIn }: AskedClass): boolean =>
    signed.some(({ version, classIds }) => (version >= number || version < goneIn) && classIds.includes(classId));
  return asked.filter((each) => drawable.has(each.classId) && !isSigned(each)).map(({ classId }) => classId);
}

function groupByLayer(screenings: readonly Screening[]): Map<LayerId, Screening[]> {
  const byLayer = new Map<LayerId, Screening[]>();
  for (const each of screenings) byLayer.set(each.layerId, [...(byLayer.get(each.layerId) ?? []), each]);
  return byLayer;
}
