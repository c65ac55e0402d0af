import type { Point, Polygon } from "#domain/annotation.ts";
import { nearestOnSegment } from "#domain/geometry.ts";
import { strokeArea } from "#domain/overlay.ts";
import { sample, smoothNoise, smoothstep } from "./noise.ts";
import type { PlanShape } from "./plan.ts";
import type { Block } from "./stain.ts";
import type { Textures } from "./texture.ts";

/** A fold of the section or a stroke of a pen: a line with a width, level-0 px. */
export type Artefact = {
  readonly label: "Fold" | "Pen mark";
  readonly line: readonly Point[];
  readonly radius: number;
};

export function artefactsOf({ width, height, seed, mpp }: PlanShape): Artefact[] {
  const side = Math.min(width, height);
  const wave = (t: number, salt: number): number => smoothNoise(t * 3, salt, seed) * side * 0.012;
  const line = (from: Point, to: Point, sag: number): Point[] =>
    Array.from({ length: 13 }, (_, step): Point => {
      const t = step / 12;
      const bow = Math.sin(t * Math.PI) * sag * side;
      return [from[0] + (to[0] - from[0]) * t + wave(t, 7), from[1] + (to[1] - from[1]) * t + bow + wave(t, 8)];
    });
  const fold = line([width * 0.56, height * 0.5], [width * 0.82, height * 0.6], 0.025);
  const pen = line([width * 0.015, height * 0.6], [width * 0.2, height * 0.94], 0.06);
  return [
    { label: "Fold", line: fold, radius: Math.min(24 / mpp, side * 0.012) },
    { label: "Pen mark", line: pen, radius: Math.min(95 / mpp, side * 0.022) },
  ];
}

/** Where an artefact lies, as polygons. */
export function artefactArea({ line, radius }: Artefact): readonly Polygon[] {
  return strokeArea(line, radius);
}

/** Tissue lies double under a fold, darkest along its edges. */
export function foldBlock(fold: Artefact, textures: Textures, block: Block): void {
  eachNear(fold, block, 1.3, (at, x, y, distance) => {
    const rough =
      fold.radius * (0.45 + 0.75 * sample(textures.cloud, x * 0.35, y * 0.35) + 0.12 * sample(textures.soft, x, y));
    const inside = smoothstep(rough, rough - 2.5, distance);
    const edge = inside * smoothstep(rough - 12, rough - 2, distance);
    const factor = 1 + 0.8 * inside + 0.7 * edge;
    block.haematoxylin[at] = (block.haematoxylin[at] ?? 0) * factor;
    block.eosin[at] = (block.eosin[at] ?? 0) * factor;
  });
}

/** How much ink of a pen covers each place, 0 to 1; null where none does in the whole block. */
export function inkOf(pen: Artefact, textures: Textures, block: Block): Float32Array | null {
  let ink: Float32Array | null = null;
  eachNear(pen, block, 1.15, (at, x, y, distance) => {
    const rough = pen.radius * (0.9 + 0.16 * sample(textures.soft, x * 0.2, y * 0.2));
    const streak = 0.62 + 0.3 * sample(textures.cloud, x * 0.9, y * 0.5) + 0.12 * (distance / pen.radius);
    ink ??= new Float32Array(block.width * block.height);
    ink[at] = smoothstep(rough, rough - 14, distance) * Math.min(0.96, streak);
  });
  return ink;
}

function eachNear(
  { line, radius }: Artefact,
  block: Block,
  reach: number,
  visit: (at: number, x: number, y: number, distance: number) => void,
): void {
  const limit = radius * reach;
  const corner = Math.hypot(block.width, block.height) / 2;
  const middle: Point = [block.left + block.width / 2, block.top + block.height / 2];
  const segments = line.slice(1).flatMap((to, index): [Point, Point][] => {
    const from = line[index] ?? to;
    return distanceTo(middle, from, to) < corner + limit ? [[from, to]] : [];
  });
  if (segments.length === 0) return;
  for (let row = 0; row < block.height; row++) {
    for (let column = 0; column < block.width; column++) {
      const [x, y] = [block.left + column, block.top + row];
      let distance = Number.POSITIVE_INFINITY;
      for (const [from, to] of segments) distance = Math.min(distance, distanceTo([x, y], from, to));
      if (distance < limit) visit(row * block.width + column, x, y, distance);
    }
  }
}

function distanceTo(point: Point, from: Point, to: Point): number {
  const [x, y] = nearestOnSegment(point, from, to);
  return Math.hypot(point[0] - x, point[1] - y);
}
