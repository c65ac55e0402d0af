import { beforeAll, describe, expect, test } from "vitest";
import {
  type Geometry,
  GRID,
  geometryOf,
  type Point,
  type Polygon,
  polygonsOf,
  type Ring,
} from "#domain/annotation.ts";
import { geometryPerimeter, moveBy, polygonsArea } from "#domain/geometry.ts";
import { difference, intersection, normalise, overlapArea, union } from "#domain/overlay.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { geosOracle, type Oracle } from "#tests/support/geos.ts";
import { blob, square } from "#tests/support/outlines.ts";

const PAIRS = 60;
/** Where outlines lie on real slides: digits are lost here that are not near zero. */
const FAR: Point = [61_000, 48_000];

type Shape = readonly Polygon[];

/** Two shapes that are hard for some overlay or other; each kind has its own seed. */
const KINDS: Readonly<Record<string, (random: Random) => readonly [Shape, Shape]>> = {
  "freehand outlines": (random) => [far(hand(random, 40)), far(hand(random, 40))],
  "an outline and its copy, moved by far less than a pixel": (random) => {
    const outline = far(hand(random, 40));
    const jitter = 10 ** (-12 + 9 * random());
    const moved = (ring: Ring): Ring =>
      ring.map(([x, y]) => [x + jitter * (random() - 0.5), y + jitter * (random() - 0.5)]);
    return [outline, outline.map((polygon) => polygon.map(moved))];
  },
  "an outline and its copy with a vertex more": (random) => {
    const [[ring = []] = []] = far(hand(random, 30));
    const at = Math.floor(random() * ring.length);
    const [[ax, ay], [bx, by]] = [ring[at]!, ring[(at + 1) % ring.length]!];
    return [[[ring]], [[ring.toSpliced(at + 1, 0, [(ax + bx) / 2, (ay + by) / 2])]]];
  },
  slivers: (random) => [far(sliver(random)), far(sliver(random))],
  "a sliver across an outline": (random) => [far(sliver(random)), far(hand(random, 40))],
  "outlines with holes": (random) => [far(ringed(random)), far(ringed(random))],
  "an outline inside the hole of another, touching its rim": () => {
    const outer = polygonsOf(square(0, 0, 100))[0]![0]!;
    const hole = polygonsOf(square(20, 20, 40))[0]![0]!;
    return [far([[outer, hole]]), far(polygonsOf(square(20, 20, 40)))];
  },
  "squares that share edges": (random) => [far(cell(random)), far(cell(random))],
  "squares that touch in a corner": (random) => {
    const side = 1 + Math.floor(20 * random());
    return [far(polygonsOf(square(0, 0, side))), far(polygonsOf(square(side, side, side)))];
  },
  combs: (random) => [far(comb(random, false)), far(comb(random, true))],
  specks: (random) => [
    far(polygonsOf(blob([random(), random()], 0.6, { vertices: 9 }))),
    far(polygonsOf(square(0, 0, 1))),
  ],
  "outlines of 400 vertices": (random) => [far(hand(random, 400)), far(hand(random, 400))],
  "scribbles that cross themselves, normalised": (random) => [scribble(random), scribble(random)],
  "several parts each": (random) => [
    far([...hand(random, 20), ...polygonsOf(square(300, 0, 50))]),
    far([...hand(random, 20), ...polygonsOf(square(310, 10, 50))]),
  ],
};

describe("overlays against GEOS", () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await geosOracle();
  });

  for (const [place, [kind, make]] of Object.entries(KINDS).entries()) {
    test(`[OVL12] the common area is that of GEOS to a billionth: ${kind}`, () => {
      const random = seededRandom(1_000 + place);
      let overlapping = 0;
      for (let pair = 0; pair < PAIRS; pair++) {
        const [a, b] = make(random);
        const scale = Math.max(polygonsArea(a), polygonsArea(b));
        const wanted = oracle.intersection(a, b);
        expect(Math.abs(overlapArea(a, b) - wanted), `pair ${pair}`).toBeLessThanOrEqual(1e-9 * scale);
        overlapping += Number(wanted > 0);
      }
      if (!kind.includes("touch")) expect(overlapping).toBeGreaterThan(PAIRS / 5);
    });

    test(`[OVL13] union, intersection and difference are those of GEOS, to the grid: ${kind}`, () => {
      const random = seededRandom(2_000 + place);
      for (let pair = 0; pair < PAIRS; pair++) {
        const [a, b] = make(random);
        const rounding = (perimeter(a) + perimeter(b)) / GRID + 0.01;
        const near = (polygons: Shape, wanted: number, what: string) =>
          expect(Math.abs(polygonsArea(polygons) - wanted), `pair ${pair} ${what}`).toBeLessThanOrEqual(rounding);
        near(intersection(a, b), oracle.intersection(a, b), "intersection");
        near(union([a, b]), oracle.union(a, b), "union");
        near(difference(a, b), oracle.difference(a, b), "difference");
        near(difference(b, a), oracle.difference(b, a), "difference the other way");
      }
    });
  }
});

/** A drawn outline: round, wobbly, with noise at every vertex; its rays do not cross, so it is simple. */
function hand(random: Random, vertices: number): Shape {
  const [x, y, radius] = [60 * random(), 60 * random(), 30 + 40 * random()];
  const ring = Array.from({ length: vertices }, (_, index): Point => {
    const angle = (2 * Math.PI * (index + 0.8 * random())) / vertices;
    const reach = radius * (0.7 + 0.3 * Math.sin(3 * angle + x) + 0.1 * random());
    return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
  });
  return [[ring]];
}

function sliver(random: Random): Shape {
  const [x, y, angle, length, width] = [
    50 * random(),
    50 * random(),
    7 * random(),
    100 + 200 * random(),
    0.05 * random(),
  ];
  const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
  const ring: Ring = [
    [x, y],
    [x + length * ux, y + length * uy],
    [x + length * ux - width * uy, y + length * uy + width * ux],
    [x - width * uy, y + width * ux],
  ];
  return [[ring]];
}

function ringed(random: Random): Shape {
  const center: Point = [40 * random(), 40 * random()];
  const radius = 40 + 20 * random();
  const rings = [radius, 0.6 * radius].map(
    (reach, place) =>
      polygonsOf(blob(center, reach, { vertices: 30 + 7 * place, wobble: 0.15, phase: 6 * random() }))[0]![0]!,
  );
  return [rings];
}

function cell(random: Random): Shape {
  const step = () => 10 * Math.floor(4 * random());
  return polygonsOf(square(step(), step(), 10 + step()));
}

function comb(random: Random, turned: boolean): Shape {
  const [teeth, depth] = [5 + Math.floor(20 * random()), 20 + 60 * random()];
  const ring: Point[] = [[0, 0]];
  for (let tooth = 0; tooth < teeth; tooth++)
    ring.push([4 * tooth, depth], [4 * tooth + 2, depth], [4 * tooth + 2, 2], [4 * tooth + 4, 2]);
  ring.push([4 * teeth, 0]);
  return [[turned ? ring.map(([x, y]): Point => [y, x]) : ring]];
}

function scribble(random: Random): Shape {
  const ring = Array.from({ length: 5 + Math.floor(20 * random()) }, (): Point => [80 * random(), 80 * random()]);
  const clean = normalise(moveBy({ type: "polygon", rings: [ring] }, ...FAR));
  return clean === null ? scribble(random) : polygonsOf(clean);
}

function far(shape: Shape): Shape {
  return polygonsOf(moveBy(geometryOf(shape), ...FAR));
}

function perimeter(shape: Shape): number {
  const geometry: Geometry = geometryOf(shape);
  return geometryPerimeter(geometry);
}
