import { newId } from "#db/new-id.ts";
import type { Person } from "#db/people.ts";
import type { ReadRow } from "#db/rounds.ts";
import type { Bbox } from "#domain/annotation.ts";
import { bboxOf } from "#domain/geometry.ts";
import { annotationId } from "#domain/ids.ts";
import { seededRandom, seedFrom } from "#domain/random.ts";
import type { World } from "#server/api/world.ts";
import { submitRead } from "#server/commands/submit-read.ts";
import type { Caller } from "#server/session.ts";
import { type ReaderHabit, type ReaderOutline, simulateReader } from "#server/slides/synthetic/readers.ts";
import type { TrueRegion } from "#server/slides/synthetic/regions.ts";
import { callerFor } from "./callers.ts";
import { demoClassId } from "./guideline.ts";

/** Of the slides of the weeks of reading. */
export const MPP = 1;
export const SIZE = { width: 640, height: 480 };
const NOT_READ = "Stroma";

/** Under which version something is read. */
export type Version = 1 | 2;

/**
 * How the readers of the weeks err. Chen begins to call every gland tumour when the words change, which nobody meant;
 * Amir takes most of them for tumour all the time. So where both err the majority is wrong, and only Beatriz knows.
 */
export const READERS: readonly {
  readonly email: string;
  readonly habit: ReaderHabit;
  /** Share of the glands that are called tumour under each version. */
  readonly glandsAsTumour: Readonly<Record<Version, number>>;
}[] = [
  { email: "amir@demo.concord", habit: "loose", glandsAsTumour: { 1: 0.7, 2: 0.7 } },
  { email: "beatriz@demo.concord", habit: "careful", glandsAsTumour: { 1: 0, 2: 0 } },
  { email: "chen@demo.concord", habit: "careful", glandsAsTumour: { 1: 0, 2: 1 } },
];

export type HistoryReader = (typeof READERS)[number] & { readonly caller: Caller };

/** They as if they had signed in. */
export function historyReaders(people: ReadonlyMap<string, Person>): readonly HistoryReader[] {
  return READERS.map((reader) => ({ ...reader, caller: callerFor(people.get(reader.email)) }));
}

/** A read that is to be made. */
export type ToRead = {
  readonly layer: Pick<ReadRow, "id">;
  /** Names the slide and the occasion: the same reader draws the same again for the same name. */
  readonly name: string;
  readonly regions: readonly TrueRegion[];
  readonly version: Version;
  /** The part of the slide that is read, level-0 px; null is all of it. */
  readonly within: Bbox | null;
};

/** Draws what a reader sees and hands it in; what was drawn before a cut stays. */
export async function readSlide(world: World, reader: HistoryReader, read: ToRead): Promise<void> {
  const { layer, version } = read;
  await world.rooms.edit(layer.id, reader.caller.personId, (doc) => {
    if (doc.size > 0) return;
    for (const { label, polygon } of outlinesOf(reader, read)) {
      const classId = demoClassId(label);
      if (classId === null) continue;
      const geometry = { type: "polygon" as const, rings: polygon };
      const annotation = { id: newId(annotationId), classId, geometry, under: version, attributes: {}, note: "" };
      doc.put(annotation, { origin: "command" });
    }
  });
  await submitRead(world, reader.caller, layer.id);
}

function outlinesOf({ email, habit, glandsAsTumour }: HistoryReader, read: ToRead): readonly ReaderOutline[] {
  const seed = seedFrom(`${read.name} ${email}`);
  const random = seededRandom(seed);
  const seen = read.regions.filter(({ label, polygon }) => label !== NOT_READ && isWithin(polygon, read.within));
  return simulateReader(seen, habit, { ...SIZE, mpp: MPP, seed }).map((outline) => {
    const errs = outline.label === "Gland" && random() < glandsAsTumour[read.version];
    return errs ? { ...outline, label: "Tumour" } : outline;
  });
}

function isWithin([outer]: TrueRegion["polygon"], within: Bbox | null): boolean {
  if (within === null) return true;
  const { minX, minY, maxX, maxY } = bboxOf(outer ?? []);
  return minX < within.maxX && maxX > within.minX && minY < within.maxY && maxY > within.minY;
}
