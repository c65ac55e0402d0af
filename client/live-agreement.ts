import type { Measure, Ratings } from "#domain/agreement.ts";
import { summariseAgreement } from "#domain/agreement-summary.ts";
import type { Annotation } from "#domain/annotation.ts";
import type { ClassId } from "#domain/ids.ts";
import type { OutlineChange } from "#domain/live-squares.ts";
import {
  type TileKey,
  type TileSettings,
  type TileTally,
  tilesAround,
  tilesMeeting,
  tilesTogether,
} from "#domain/tile-agreement.ts";
import type { Scene, Shape } from "./scene.ts";

/** What has changed since the last time, and the squares to be counted with it. */
export type SquaresAsked = {
  /** Where nothing is known there yet: the reads, of which `changes` has all outlines. */
  readonly begin: { readonly readerKeys: readonly string[]; readonly settings: TileSettings } | null;
  readonly changes: readonly OutlineChange[];
  readonly keys: readonly TileKey[];
};
/** Counts squares, somewhere off the thread that paints, and remembers the outlines. */
export type TileRunner = (asked: SquaresAsked) => Promise<readonly TileTally[]>;

/** How well the reads fit so far: mean over pairs of readers of Dice by area, or of F1 by object. */
export type LiveClass = { readonly classId: ClassId; readonly basis: "area" | "object"; readonly dice: Measure };
export type LiveNumbers = {
  /** Of what somebody marked, the share on which all say the same, by area. */
  readonly agreed: Measure;
  readonly classes: readonly LiveClass[];
};

export type LiveOptions = {
  readonly scene: Scene;
  readonly readLayerIds: readonly string[];
  readonly settings: TileSettings;
  readonly classOf: (annotation: Annotation) => ClassId;
  readonly run: TileRunner;
};

/**
 * Agreement of reads that are being drawn and that the person may all see. What changed since the last look makes the
 * squares that it met dirty, and only these are counted again; the numbers are the sums over all squares, so that they do
 * not depend on the order in which strokes came.
 */
export class LiveAgreement {
  readonly #options: LiveOptions;
  readonly #seen = new Map<string, ReadonlyMap<string, Shape>>();
  readonly #tallies = new Map<TileKey, TileTally>();
  /** Stays dirty where counting fails. */
  readonly #dirty = new Set<TileKey>();
  #changes: OutlineChange[] = [];
  /** Whether the runner knows the outlines of the last look. */
  #isKnown = false;
  #busy = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Counts what has changed. @returns the numbers, or null where nothing changed or a look is under way */
  async look(): Promise<LiveNumbers | null> {
    if (this.#busy) return null;
    this.#findChanges();
    if (this.#dirty.size === 0) return null;
    this.#busy = true;
    try {
      const keys = [...this.#dirty].sort();
      const tallies = await this.#ask(keys);
      for (const [place, key] of keys.entries()) {
        const tally = tallies[place];
        if (tally === undefined) continue;
        this.#tallies.set(key, tally);
        this.#dirty.delete(key);
      }
    } finally {
      this.#busy = false;
    }
    return this.numbers();
  }

  numbers(): LiveNumbers {
    const { classIds, rules } = this.#options.settings;
    const objects = new Set(rules.filter((rule) => rule.objects !== null).map((rule) => rule.classId));
    const [regionIds, objectIds] = [
      classIds.filter((id) => !objects.has(id)),
      classIds.filter((id) => objects.has(id)),
    ];
    const together = tilesTogether([...this.#tallies.values()], {
      regions: regionIds.length,
      objects: objectIds.length,
    });
    const readers = this.#options.readLayerIds.length;
    return {
      agreed: agreedShare(together.regions),
      classes: [
        ...classNumbers(together.regions, regionIds, readers, "area"),
        ...classNumbers(together.objects, objectIds, readers, "object"),
      ],
    };
  }

  /** Makes the squares dirty in which some read is not what it was at the last look. */
  #findChanges(): void {
    const touch = ({ bbox, annotation }: Shape) => {
      const met = tilesMeeting(bbox);
      const isObject = this.#options.settings.rules.some(
        (rule) => rule.objects !== null && rule.classId === this.#options.classOf(annotation),
      );
      for (const key of isObject ? met.flatMap(tilesAround) : met) this.#dirty.add(key);
    };
    for (const layerId of this.#options.readLayerIds) {
      const now = new Map<string, Shape>(this.#options.scene.layer(layerId)?.shapes);
      const before = this.#seen.get(layerId);
      for (const [id, shape] of now) {
        const known = before?.get(id);
        if (known === shape) continue;
        touch(shape);
        if (known !== undefined) touch(known);
        this.#changes.push(this.#putOf(layerId, shape));
      }
      for (const [id, shape] of before ?? []) {
        if (now.has(id)) continue;
        touch(shape);
        this.#changes.push({ readerKey: layerId, annotationId: shape.annotation.id, outline: null });
      }
      this.#seen.set(layerId, now);
    }
  }

  #putOf(readerKey: string, { annotation }: Shape): OutlineChange {
    const { id, geometry } = annotation;
    return {
      readerKey,
      annotationId: id,
      outline: { annotationId: id, classId: this.#options.classOf(annotation), geometry },
    };
  }

  /** Tells what has changed; where it is not sure what is known there, everything. */
  async #ask(keys: readonly TileKey[]): Promise<readonly TileTally[]> {
    const { readLayerIds: readerKeys, settings, run } = this.#options;
    const all = () =>
      [...this.#seen].flatMap(([layerId, shapes]) => [...shapes.values()].map((shape) => this.#putOf(layerId, shape)));
    const asked = this.#isKnown
      ? { begin: null, changes: this.#changes, keys }
      : { begin: { readerKeys, settings }, changes: all(), keys };
    this.#changes = [];
    this.#isKnown = false;
    const tallies = await run(asked);
    this.#isKnown = true;
    return tallies;
  }
}

function agreedShare({ rows }: Ratings): Measure {
  let [all, same] = [0, 0];
  for (const { labels, weight } of rows) {
    all += weight;
    if (new Set(labels).size === 1) same += weight;
  }
  return all > 0 ? { defined: true, value: same / all } : { defined: false, reason: "class not marked" };
}

function classNumbers(
  ratings: Ratings,
  classIds: readonly ClassId[],
  readers: number,
  basis: LiveClass["basis"],
): LiveClass[] {
  if (classIds.length === 0) return [];
  const { classes } = summariseAgreement([{ cluster: "", ratings }], readers, { seed: 1, resamples: 0 });
  return classIds.map((classId, place) => {
    const values = (classes[place]?.pairs ?? []).flatMap(({ dice }) => (dice.value.defined ? [dice.value.value] : []));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const dice: Measure =
      values.length > 0 ? { defined: true, value: mean } : { defined: false, reason: "class not marked" };
    return { classId, basis, dice };
  });
}
