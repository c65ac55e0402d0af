import type { Annotation, Bbox } from "#domain/annotation.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import type { Standing } from "./class-standing.ts";
import type { LayerLook, Scene, SceneLayer, Shape } from "./scene.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";

/** Below this an outline is one dot, and below the next its filled box, CSS px. */
const DOT_PX = 2;
const BOX_PX = 8;
/** From here on an outline is a path of its own, CSS px. */
const LARGE_PX = 64;
/** Paths of one look in one go. Source: measured; 3000 a path is four to six times slower on a CPU, one a path on a GPU. */
const BATCH = 48;
/** Vertices closer than this to the last one are not drawn, CSS px. */
const VERTEX_STEP = 0.9;
/** A frame that took longer than this was too much to paint while moving; one shorter than the second leaves room. */
const SLOW_FRAME_MS = 30;
const QUICK_FRAME_MS = 19;
/** Paints afresh once the camera has rested this long; sooner where the moved picture no longer covers the view. */
const REST_MS = 110;
const OVERSCAN_PX = 192;
/** Dark rims under outlines are left out where there are more than this in view: they would cost more than they show. */
const MAX_CASED = 500;
const POINT_RADIUS = 5;

const LOOKS: Readonly<Record<LayerLook, { width: number; dash: readonly number[]; fill: number; casing: boolean }>> = {
  own: { width: 1.75, dash: [], fill: 1, casing: true },
  other: { width: 1.25, dash: [6, 3], fill: 0.55, casing: false },
  "ground-truth": { width: 2.75, dash: [], fill: 0.8, casing: true },
  read: { width: 2, dash: [], fill: 0, casing: true },
};

export type PaintOptions = {
  readonly visible: boolean;
  readonly filled: boolean;
  /** 0 to 1. */
  readonly fillOpacity: number;
};

/** What painting needs of how an outline counts. */
export type PaintedStanding = Pick<Standing, "colour" | "state">;

type Style = { readonly colour: string; readonly standing: Standing["state"] };
type Item = { readonly shape: Shape; readonly style: Style; readonly sizePx: number };
type Frame = {
  readonly context: CanvasRenderingContext2D;
  readonly bounds: Bbox;
  /** CSS px per level-0 px. */
  readonly scale: number;
  readonly options: PaintOptions;
};

/**
 * Paints the committed outlines of all visible layers on one canvas. What is in view is found in the scene's index; how
 * it is drawn follows its size on the screen. Replaceable: nothing else knows how outlines get onto the screen.
 */
export class AnnotationPainter {
  readonly #view: SlideView;
  readonly #scene: Scene;
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  readonly #standingOf: (annotation: Annotation, layerId: string) => PaintedStanding;
  #options: PaintOptions = { visible: true, filled: true, fillOpacity: 0.18 };
  #hidden: ReadonlySet<string> = new Set<string>();
  #pinned: ReadonlySet<string> = new Set<string>();
  #painted: { camera: Camera; size: ViewSize; margin: number } | null = null;
  /** Vertices of the last picture, and how many this machine can paint in a frame as far as seen. */
  #weight = 0;
  #affordable = 60_000;
  #lastFrameAt = 0;
  #framesSincePaint = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: SlideView, scene: Scene, standingOf: (annotation: Annotation, layerId: string) => PaintedStanding) {
    this.#view = view;
    this.#scene = scene;
    this.#standingOf = standingOf;
    this.#canvas = addCanvas(view.container, "annotations", 2);
    this.#remove = view.addPainter((camera, size) => this.#frame(camera, size));
  }

  setOptions(options: PaintOptions): void {
    const { visible, filled, fillOpacity } = this.#options;
    if (visible === options.visible && filled === options.filled && fillOpacity === options.fillOpacity) return;
    this.#options = options;
    this.invalidate();
  }

  /** Outlines that are painted elsewhere for the length of a stroke. */
  setHidden(hidden: readonly Hidden[]): void {
    const next = keysOf(hidden);
    if (sameKeys(next, this.#hidden)) return;
    this.#hidden = next;
    this.invalidate();
  }

  /** Outlines that are left out until further notice, because something else stands in for them. */
  setPinned(pinned: readonly Hidden[]): void {
    this.#pinned = keysOf(pinned);
    this.invalidate();
  }

  /** The scene or the looks have changed. */
  invalidate(): void {
    this.#painted = null;
    this.#view.invalidate();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#remove();
    this.#canvas.element.remove();
  }

  #frame(camera: Camera, size: ViewSize): void {
    this.#learn();
    const last = this.#painted;
    if (last !== null && sameView(last, camera, size)) return;
    if (last === null || this.#weight <= this.#affordable || !covers(last, camera, size)) this.#repaint(camera, size);
    else this.#move(last, camera);
  }

  /**
   * The browser paints after our code has run and a frame or two behind it, so what a picture cost shows only in when the
   * next frames come. A longer pause is somebody resting, and says nothing.
   */
  #learn(): void {
    const now = performance.now();
    const took = now - this.#lastFrameAt;
    this.#lastFrameAt = now;
    this.#framesSincePaint += 1;
    if (took > 1_000 || this.#weight < 500 || this.#framesSincePaint > 3) return;
    if (took > SLOW_FRAME_MS) this.#affordable = Math.min(this.#affordable, this.#weight * 0.8);
    else if (took < QUICK_FRAME_MS && this.#framesSincePaint === 3) {
      this.#affordable = Math.max(this.#affordable, this.#weight * 1.2);
    }
  }

  #repaint(camera: Camera, size: ViewSize): void {
    clearTimeout(this.#timer);
    const margin = this.#weight <= this.#affordable ? 0 : OVERSCAN_PX;
    const ratio = this.#canvas.begin(size, margin);
    const whole = { width: size.width + 2 * margin, height: size.height + 2 * margin };
    const { context } = this.#canvas;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineJoin = "round";
    const frame = { context, bounds: boundsOf(camera, whole), scale: 2 ** camera.zoom, options: this.#options };
    this.#weight = 0;
    if (this.#options.visible) {
      for (const layer of this.#scene.layers) if (layer.visible) this.#paintLayer(frame, layer);
    }
    this.#canvas.element.style.transform = "";
    this.#painted = { camera, size, margin };
    this.#framesSincePaint = 0;
  }

  /** Shows the last picture where the camera is now, and paints afresh once the camera rests. */
  #move(last: { camera: Camera }, camera: Camera): void {
    const scale = 2 ** camera.zoom;
    const [dx, dy] = [(last.camera.x - camera.x) * scale, (last.camera.y - camera.y) * scale];
    const { element } = this.#canvas;
    element.style.transformOrigin = "50% 50%";
    element.style.transform = `translate(${dx}px, ${dy}px) scale(${2 ** (camera.zoom - last.camera.zoom)})`;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#repaint(this.#view.camera, this.#view.size), REST_MS);
  }

  #paintLayer(frame: Frame, layer: SceneLayer): void {
    const items = this.#itemsOf(frame, layer);
    const cased = LOOKS[layer.look].casing && items.length <= MAX_CASED;
    const look = { ...LOOKS[layer.look], casing: cased };
    this.#weight += weightOf(items);
    frame.context.setLineDash([]);
    paintSpecks(
      frame,
      items.filter(({ sizePx }) => sizePx < BOX_PX),
    );
    const paths = items.filter(({ sizePx }) => sizePx >= BOX_PX).sort((a, b) => b.shape.area - a.shape.area);
    for (const item of paths) if (item.sizePx >= LARGE_PX) paintLarge(frame, item, look);
    for (const group of batchesOf(paths.filter(({ sizePx }) => sizePx < LARGE_PX))) paintBatch(frame, group, look);
    for (const { shape, style } of items) {
      if (shape.annotation.geometry.type === "point") paintPoint(frame, shape, style);
    }
    frame.context.globalAlpha = 1;
  }

  #isHidden(layerId: string, id: AnnotationId): boolean {
    if (this.#hidden.size + this.#pinned.size === 0) return false;
    const key = `${layerId}/${id}`;
    return this.#hidden.has(key) || this.#pinned.has(key);
  }

  #itemsOf(frame: Frame, layer: SceneLayer): readonly Item[] {
    return layer.search(frame.bounds).flatMap((shape) => {
      if (this.#isHidden(layer.id, shape.annotation.id)) return [];
      const { colour, state } = this.#standingOf(shape.annotation, layer.id);
      const { minX, minY, maxX, maxY } = shape.bbox;
      const sizePx = Math.max(maxX - minX, maxY - minY) * frame.scale;
      return [{ shape, style: { colour: layer.colour ?? colour, standing: state }, sizePx }];
    });
  }
}

type Look = (typeof LOOKS)[LayerLook];
type Hidden = { readonly layerId: string; readonly id: AnnotationId };

function keysOf(hidden: readonly Hidden[]): ReadonlySet<string> {
  return new Set(hidden.map(({ layerId, id }) => `${layerId}/${id}`));
}

function sameKeys(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

function sameView(last: { camera: Camera; size: ViewSize }, camera: Camera, size: ViewSize): boolean {
  return (
    last.camera.x === camera.x &&
    last.camera.y === camera.y &&
    last.camera.zoom === camera.zoom &&
    last.size.width === size.width &&
    last.size.height === size.height
  );
}

/** Whether a picture still fills the view when it is moved and scaled to where the camera is now. */
function covers(last: { camera: Camera; size: ViewSize; margin: number }, camera: Camera, size: ViewSize): boolean {
  if (last.size.width !== size.width || last.size.height !== size.height) return false;
  const grown = 2 ** (camera.zoom - last.camera.zoom);
  if (grown > 2 || grown < 0.7) return false;
  const scale = 2 ** camera.zoom;
  const spare = (side: number) => ((side + 2 * last.margin) * grown - side) / 2;
  const [dx, dy] = [Math.abs(last.camera.x - camera.x) * scale, Math.abs(last.camera.y - camera.y) * scale];
  return dx <= spare(size.width) && dy <= spare(size.height);
}

/** What a picture costs, in vertices. */
function weightOf(items: readonly Item[]): number {
  return items.reduce((sum, { shape, sizePx }) => {
    if (sizePx < BOX_PX) return sum + 2;
    const vertices = shape.rings.reduce((count, ring) => count + ring.length / 2, 0);
    return sum + 8 + Math.min(vertices, sizePx * 2);
  }, 0);
}

/** Dots and boxes: at this size nobody sees a shape, and boxes are cheap. */
function paintSpecks({ context, bounds, scale }: Frame, items: readonly Item[]): void {
  const groups = Map.groupBy(items, ({ style }) => style.colour);
  context.globalAlpha = 0.8;
  for (const [colour, group] of groups) {
    context.fillStyle = colour;
    for (const { shape, sizePx } of group) {
      if (shape.annotation.geometry.type === "point") continue;
      const { minX, minY, maxX, maxY } = shape.bbox;
      const [x, y] = [(minX - bounds.minX) * scale, (minY - bounds.minY) * scale];
      if (sizePx < DOT_PX) context.fillRect(x, y, 1.5, 1.5);
      else context.fillRect(x, y, Math.max(1.5, (maxX - minX) * scale), Math.max(1.5, (maxY - minY) * scale));
    }
  }
}

function paintLarge(frame: Frame, { shape, style }: Item, look: Look): void {
  const { context } = frame;
  context.beginPath();
  for (const ring of shape.rings) traceRing(frame, ring, shape.annotation.geometry.type !== "line");
  fillPath(frame, style, look, shape.area > 0, "evenodd");
  strokePath(frame, style, look);
}

function paintBatch(frame: Frame, items: readonly Item[], look: Look): void {
  const [first] = items;
  if (first === undefined) return;
  frame.context.beginPath();
  for (const { shape } of items) {
    for (const ring of shape.rings) traceRing(frame, ring, shape.annotation.geometry.type !== "line");
  }
  fillPath(frame, first.style, look, first.shape.area > 0, "nonzero");
  strokePath(frame, first.style, { ...look, casing: false });
}

function fillPath(frame: Frame, style: Style, look: Look, hasArea: boolean, rule: CanvasFillRule): void {
  const { context, options } = frame;
  if (!options.filled || !hasArea || style.standing === "archived") return;
  context.globalAlpha = options.fillOpacity * look.fill;
  context.fillStyle = style.colour;
  context.fill(rule);
}

function strokePath({ context }: Frame, style: Style, look: Look): void {
  const faint = style.standing === "archived";
  if (look.casing && !faint) {
    context.setLineDash([]);
    context.globalAlpha = 0.35;
    context.strokeStyle = "#0b0d10";
    context.lineWidth = look.width + 1.5;
    context.stroke();
  }
  context.setLineDash(style.standing === "stale" ? [2, 3] : [...look.dash]);
  context.globalAlpha = faint ? 0.4 : 1;
  context.strokeStyle = style.colour;
  context.lineWidth = look.width;
  context.stroke();
}

function paintPoint({ context, bounds, scale }: Frame, shape: Shape, style: Style): void {
  const [x, y] = [(shape.bbox.minX - bounds.minX) * scale, (shape.bbox.minY - bounds.minY) * scale];
  context.setLineDash([]);
  context.globalAlpha = style.standing === "archived" ? 0.4 : 1;
  context.beginPath();
  context.arc(x, y, POINT_RADIUS, 0, 2 * Math.PI);
  context.fillStyle = style.colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = style.standing === "stale" ? "#f5b301" : "#ffffff";
  context.stroke();
}

/** Adds a ring to the path, leaving out vertices that the screen cannot show apart. */
function traceRing({ context, bounds, scale }: Frame, ring: Float64Array, closed: boolean): void {
  const [offsetX, offsetY] = [-bounds.minX * scale, -bounds.minY * scale];
  let [lastX, lastY] = [Infinity, Infinity];
  for (let index = 0; index + 1 < ring.length; index += 2) {
    const x = (ring[index] ?? 0) * scale + offsetX;
    const y = (ring[index + 1] ?? 0) * scale + offsetY;
    if (index === 0) context.moveTo(x, y);
    else if (Math.abs(x - lastX) + Math.abs(y - lastY) < VERTEX_STEP && index + 2 < ring.length) continue;
    else context.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  if (closed) context.closePath();
}

/** Small outlines of one look together; those with holes apart, because a shared path would fill them. */
function* batchesOf(items: readonly Item[]): Generator<readonly Item[]> {
  const groups = Map.groupBy(items, ({ shape, style }) => {
    const kind = shape.hasHoles ? "holes" : shape.area > 0 ? "area" : "line";
    return `${style.colour} ${style.standing} ${kind}`;
  });
  for (const group of groups.values()) {
    for (let index = 0; index < group.length; index += BATCH) yield group.slice(index, index + BATCH);
  }
}
