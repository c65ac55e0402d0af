import type { Point, Polygon } from "#domain/annotation.ts";
import { containsPoint } from "#domain/geometry.ts";
import { polygonsIn, type Shape } from "#domain/overlay.ts";
import { type Contour, contourOf, distanceTo, forEachStep } from "./contour.ts";

/**
 * How loose an outline is drawn against another, as sums that add up over outlines and slides: the mean offset is
 * `integralPx2 / lengthPx`, in px; positive is loose (outside), negative is tight.
 */
export type OutlineOffset = {
  /** Integral of the signed distance along both outlines, px2. */
  readonly integralPx2: number;
  /** Length of both outlines that has the other one within the band, px. */
  readonly lengthPx: number;
  /** Length that has not: what only one of the two outlined, which is no matter of loose or tight. */
  readonly beyondPx: number;
};

export type OffsetSettings = {
  /** How far two outlines of one border may lie apart, px. */
  readonly bandPx: number;
  /** Longest step along an outline, px. */
  readonly stepPx: number;
};

/**
 * Signed distance between two outlines of the same thing. Along `drawn` each step counts its distance to `truth`, positive
 * where it lies outside of it; along `truth` its distance to `drawn`, positive where it lies inside of that; so a shape that
 * is another one grown by d all around has the offset d, and swapping the two turns the sign. Steps farther than the band
 * from the other outline are counted apart. Source: signed surface distance of Gerig et al. 2001 (MICCAI, VALMET), within a
 * band, since a structure that one of the two missed would drown every border.
 * Cost grows with the lengths in steps and the logarithm of the vertices.
 */
export function outlineOffset(drawn: Shape, truth: Shape, settings: OffsetSettings): OutlineOffset {
  const [a, b] = [polygonsIn(drawn), polygonsIn(truth)];
  const origin = originOf([...a, ...b]);
  const [sideA, sideB] = [sideOf(a, origin), sideOf(b, origin)];
  const [along, against] = [signedWalk(sideA, sideB, settings), signedWalk(sideB, sideA, settings)];
  return {
    integralPx2: along.integralPx2 - against.integralPx2,
    lengthPx: along.lengthPx + against.lengthPx,
    beyondPx: along.beyondPx + against.beyondPx,
  };
}

type Side = {
  readonly contour: Contour;
  readonly origin: Point;
  readonly polygons: readonly { readonly polygon: Polygon; readonly box: readonly number[] }[];
};

function sideOf(polygons: readonly Polygon[], origin: Point): Side {
  return {
    contour: contourOf(polygons, origin),
    origin,
    polygons: polygons.map((polygon) => ({ polygon, box: boxOf(polygon) })),
  };
}

/** Distances along one outline to the other, positive outside of it. */
function signedWalk(own: Side, other: Side, { bandPx, stepPx }: OffsetSettings): OutlineOffset {
  let [integralPx2, lengthPx, beyondPx] = [0, 0, 0];
  let [lastX, lastY, last, outside] = [0, 0, Number.POSITIVE_INFINITY, true];
  forEachStep(own.contour, stepPx, (x, y, step) => {
    const moved = Math.hypot(x - lastX, y - lastY);
    const distance = distanceTo(other.contour, x, y, Math.min(bandPx, last + moved));
    // Between two places farther from the other outline than from each other, it is not crossed.
    if (Math.min(last, distance) <= moved || last === Number.POSITIVE_INFINITY) outside = !isInside(other, x, y);
    [lastX, lastY, last] = [x, y, distance];
    if (distance > bandPx) {
      beyondPx += step;
      return;
    }
    lengthPx += step;
    integralPx2 += (outside ? distance : -distance) * step;
  });
  return { integralPx2, lengthPx, beyondPx };
}

function isInside({ polygons, origin }: Side, x: number, y: number): boolean {
  const [px, py] = [x + origin[0], y + origin[1]];
  return polygons.some(({ polygon, box: [minX = 0, minY = 0, maxX = 0, maxY = 0] }) => {
    if (px < minX || px > maxX || py < minY || py > maxY) return false;
    return containsPoint({ type: "polygon", rings: polygon }, [px, py]);
  });
}

function boxOf([outer]: Polygon): readonly number[] {
  const xs = (outer ?? []).map(([x]) => x);
  const ys = (outer ?? []).map(([, y]) => y);
  return [xs, ys]
    .map((values) => values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY))
    .concat([xs, ys].map((values) => values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY)));
}

/** Numbers are taken from here, so that where on a slide a shape lies does not matter. */
function originOf(polygons: readonly Polygon[]): Point {
  const corners = polygons.map(boxOf);
  const least = (place: number) =>
    corners.reduce((low, box) => Math.min(low, box[place] ?? low), Number.POSITIVE_INFINITY);
  const [x, y] = [least(0), least(1)];
  return Number.isFinite(x) && Number.isFinite(y) ? [Math.floor(x), Math.floor(y)] : [0, 0];
}
