import { type Geometry, onGrid, type Point } from "#domain/annotation.ts";
import type { Outline, Read } from "#domain/consensus.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { type Random, seededRandom } from "#domain/random.ts";

export const CLASS_IDS = ["tumour00", "stroma00", "lymphoid", "necrosis"].map((id) => classId.parse(id));
export const READERS = 5;
const VERTICES = 40;
/** Side of the square, px, in which an object has the room that it has among nuclei and small glands. */
const ROOM_PX = 64;

/**
 * Reads of one slide as pathologists leave them: most objects by everybody, each hand a little off, now and then another
 * class, something that only one has seen, or one object drawn as two.
 */
export function benchReads(seed: number, objects: number): Read[] {
  const random = seededRandom(seed);
  const field = ROOM_PX * Math.sqrt(objects);
  const truth = Array.from({ length: objects }, () => ({
    at: [20_000 + field * random(), 20_000 + field * random()] as const,
    radius: 12 + 16 * random(),
    label: Math.floor(random() ** 2 * CLASS_IDS.length),
  }));
  return Array.from({ length: READERS }, (_, reader) => {
    const outlines: Outline[] = [];
    const add = (label: number, geometry: Geometry) => {
      const id = annotationId.parse(`r${reader}o${String(outlines.length).padStart(8, "0")}`);
      outlines.push({ annotationId: id, classId: CLASS_IDS[label] ?? CLASS_IDS[0]!, geometry });
    };
    for (const { at, radius, label } of truth) {
      if (random() < 0.09) continue;
      const seen = random() < 0.88 ? label : Math.floor(random() * CLASS_IDS.length);
      const center: Point = [at[0] + 4 * (random() - 0.5), at[1] + 4 * (random() - 0.5)];
      const reach = radius * (0.9 + 0.2 * random());
      if (random() > 0.01) add(seen, drawn(random, center, reach));
      else
        for (const side of [-1, 1]) add(seen, drawn(random, [center[0] + side * reach * 0.55, center[1]], reach * 0.6));
    }
    return { readerKey: `reader${reader}`, outlines };
  });
}

function drawn(random: Random, [x, y]: Point, radius: number): Geometry {
  const phase = 7 * random();
  const ring = Array.from({ length: VERTICES }, (_, index): Point => {
    const angle = (2 * Math.PI * index) / VERTICES;
    const reach = radius * (0.85 + 0.12 * Math.sin(3 * angle + phase) + 0.03 * random());
    return [onGrid(x + reach * Math.cos(angle)), onGrid(y + reach * Math.sin(angle))];
  });
  return { type: "polygon", rings: [ring] };
}
