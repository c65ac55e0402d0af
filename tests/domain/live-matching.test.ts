import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byPattern } from "#domain/agreement.ts";
import type { Geometry, Point } from "#domain/annotation.ts";
import type { Outline, Read } from "#domain/consensus.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { LiveMatching } from "#domain/live-matching.ts";
import { matchOutlines, ratingsOfClusters } from "#domain/matching.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { blob, square } from "#tests/support/outlines.ts";

const classIds = ["tumour00", "stroma00"].map((id) => classId.parse(id));
const KEYS = ["a", "b", "c"];

describe("matching while reads are drawn", () => {
  /** Who, which outline, where and how large on a small field, so that much overlaps; size 0 takes it away. */
  const change = fc.record({
    reader: fc.nat(KEYS.length - 1),
    id: fc.nat(7),
    at: fc.tuple(fc.nat(12), fc.nat(12)),
    size: fc.nat(4),
    label: fc.nat(1),
  });
  type Change = { reader: number; id: number; at: [number, number]; size: number; label: number };

  function apply(live: LiveMatching, state: Map<string, Outline>[], { reader, id, at, size, label }: Change): void {
    const annotation = annotationId.parse(`annot${String(id).padStart(4, "0")}`);
    const readerKey = KEYS[reader]!;
    if (size === 0) {
      state[reader]!.delete(annotation);
      live.remove(readerKey, annotation);
      return;
    }
    const geometry: Geometry = square(10 * at[0], 10 * at[1], 10 + 10 * size);
    const outline = { annotationId: annotation, classId: classIds[label]!, geometry };
    state[reader]!.set(annotation, outline);
    live.set(readerKey, outline);
  }

  test("[LIV1] after every change it is the matching of the outlines as they are then, byte for byte", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const state = KEYS.map(() => new Map<string, Outline>());
        const live = new LiveMatching(readsOf(state), classIds);
        for (const each of changes) {
          apply(live, state, each);
          const whole = matchOutlines(readsOf(state));
          expect(JSON.stringify(live.matching())).toBe(JSON.stringify(whole));
          expect(live.ratings()).toEqual(byPattern(ratingsOfClusters(whole.clusters, classIds)));
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("[LIV1] the order in which outlines come does not matter", () => {
    const random = seededRandom(2);
    const outlines = KEYS.flatMap((readerKey, reader) =>
      Array.from({ length: 60 }, (_, place) => {
        const center: Point = [100 * (place % 8) + 9 * random(), 100 * Math.floor(place / 8) + 9 * random()];
        const id = annotationId.parse(`${readerKey}${String(place).padStart(8, "0")}`);
        return {
          readerKey: KEYS[reader]!,
          outline: { annotationId: id, classId: classIds[place % 2]!, geometry: blob(center, 30 + 40 * random()) },
        };
      }),
    );
    const [first, second] = [outlines, shuffled(outlines, random)].map((order) => {
      const live = new LiveMatching(readsOf(KEYS.map(() => new Map())), classIds);
      for (const { readerKey, outline } of order) live.set(readerKey, outline);
      return JSON.stringify([live.matching(), live.ratings()]);
    });
    expect(second).toBe(first);
  });

  test("[LIV2] a change says which clusters it took away and which it made", () => {
    const outline = (id: string, geometry: Geometry): Outline => ({
      annotationId: annotationId.parse(id),
      classId: classIds[0]!,
      geometry,
    });
    const live = new LiveMatching(
      [
        { readerKey: "a", outlines: [outline("aaaaaaaa", square(0, 0, 10)), outline("cccccccc", square(500, 0, 10))] },
        { readerKey: "b", outlines: [] },
      ],
      classIds,
    );
    const { gone, come } = live.set("b", outline("bbbbbbbb", square(1, 0, 10)));
    expect(gone.map(({ id, support }) => [id, support])).toEqual([["aaaaaaaa", 1]]);
    expect(come.map(({ id, support }) => [id, support])).toEqual([["aaaaaaaa", 2]]);
    expect(live.remove("b", annotationId.parse("bbbbbbbb")).come).toEqual(gone);
    expect(live.remove("b", annotationId.parse("bbbbbbbb"))).toEqual({ gone: [], come: [] });
    const point = outline("dddddddd", { type: "point", at: [0, 0] });
    expect(live.set("b", point)).toEqual({ gone: [], come: [] });
    expect(() => live.set("z", point)).toThrow(RangeError);
  });
});

function readsOf(state: readonly ReadonlyMap<string, Outline>[]): Read[] {
  return state.map((outlines, reader) => ({ readerKey: KEYS[reader]!, outlines: [...outlines.values()] }));
}
