import { type Annotation, type Bbox, type Geometry, type Point, polygonsOf } from "#domain/annotation.ts";
import { containsPoint, distanceToOutline, geometryArea, geometryBbox } from "#domain/geometry.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { LiveIndex } from "#domain/spatial-index.ts";
import type { Hit } from "./tools/tool.ts";

/** How a layer looks: what one draws oneself, what others drew, what was settled, and one read among others in a dispute. */
export type LayerLook = "own" | "other" | "ground-truth" | "read";

/** An outline with what painting and pointing need of it at hand. */
export type Shape = {
  readonly annotation: Annotation;
  readonly bbox: Bbox;
  /** px2; 0 for points and lines. */
  readonly area: number;
  /** Each ring, or the line, as x, y, x, y; level-0 px. */
  readonly rings: readonly Float64Array[];
  readonly hasHoles: boolean;
};

/** The outlines of one layer. */
export class SceneLayer {
  readonly id: string;
  readonly shapes = new Map<AnnotationId, Shape>();
  readonly #index = new LiveIndex<AnnotationId>();
  look: LayerLook;
  visible = true;
  /** Painted in this one colour in place of the classes', where it is set. */
  colour: string | null = null;

  constructor(id: string, look: LayerLook) {
    this.id = id;
    this.look = look;
  }

  /** Takes in everything at once, in place of what was there. */
  load(annotations: Iterable<Annotation>): void {
    this.shapes.clear();
    this.#index.clear();
    for (const annotation of annotations) this.shapes.set(annotation.id, shapeOf(annotation));
    this.#index.load([...this.shapes].map(([id, { bbox }]) => [id, bbox] as const));
  }

  put(annotation: Annotation): void {
    const shape = shapeOf(annotation);
    this.shapes.set(annotation.id, shape);
    this.#index.set(annotation.id, shape.bbox);
  }

  remove(id: AnnotationId): void {
    this.shapes.delete(id);
    this.#index.remove(id);
  }

  /** Shapes whose box meets this one, in no particular order. */
  search(box: Bbox): readonly Shape[] {
    return this.#index.search(box).flatMap((id) => this.shapes.get(id) ?? []);
  }
}

/** All layers that the page shows, the lowest first. */
export class Scene {
  readonly #layers = new Map<string, SceneLayer>();

  get layers(): readonly SceneLayer[] {
    return [...this.#layers.values()];
  }

  layer(id: string): SceneLayer | undefined {
    return this.#layers.get(id);
  }

  /** Adds a layer on top. */
  add(id: string, look: LayerLook): SceneLayer {
    const layer = new SceneLayer(id, look);
    this.#layers.set(id, layer);
    return layer;
  }

  remove(id: string): void {
    this.#layers.delete(id);
  }

  /** Puts a layer above all others. */
  raise(id: string): void {
    const layer = this.#layers.get(id);
    if (layer === undefined) return;
    this.#layers.delete(id);
    this.#layers.set(id, layer);
  }

  /**
   * Everything visible under a point, the smallest area first: what lies on top of something larger is what was meant.
   * @param reachPx how far from a line, a point or an edge still counts, level-0 px
   */
  hits(at: Point, reachPx: number): readonly Hit[] {
    const [x, y] = at;
    const box = { minX: x - reachPx, minY: y - reachPx, maxX: x + reachPx, maxY: y + reachPx };
    return this.visibleIn(box)
      .filter(({ annotation: { geometry } }) => isAt(geometry, at, reachPx))
      .sort((a, b) => geometryArea(a.annotation.geometry) - geometryArea(b.annotation.geometry));
  }

  /** Everything visible whose box meets this one. */
  visibleIn(box: Bbox): Hit[] {
    return this.layers
      .filter((layer) => layer.visible)
      .flatMap((layer) =>
        layer.search(box).map(({ annotation }) => ({ layerId: layer.id, id: annotation.id, annotation })),
      );
  }
}

function isAt(geometry: Geometry, at: Point, reachPx: number): boolean {
  return containsPoint(geometry, at) || distanceToOutline(geometry, at) <= reachPx;
}

function shapeOf(annotation: Annotation): Shape {
  const { geometry } = annotation;
  const polygons = polygonsOf(geometry);
  const rings = geometry.type === "line" ? [geometry.points] : polygons.flat();
  return {
    annotation,
    bbox: geometryBbox(geometry),
    area: geometryArea(geometry),
    rings: rings.map((ring) => Float64Array.from(ring.flat())),
    hasHoles: polygons.some((polygon) => polygon.length > 1),
  };
}
