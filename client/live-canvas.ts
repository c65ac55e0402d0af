import { type Annotation, type Geometry, type Point, polygonsOf } from "#domain/annotation.ts";
import type { ClassId } from "#domain/ids.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";
import type { Sketch } from "./tools/tool.ts";

/** What moves with the pointer: shown outlines with a halo, and the sketch of the active tool. */
export type LiveState = {
  readonly selected: readonly Annotation[];
  readonly hovered: Annotation | null;
  readonly sketch: Sketch;
  /** Colour of the class that is drawn. */
  readonly colour: string;
  readonly colourOf: (annotation: Annotation) => string;
  readonly colourOfClass: (classId: ClassId) => string;
};

type Frame = {
  readonly context: CanvasRenderingContext2D;
  readonly at: (point: Point) => Point;
  readonly size: ViewSize;
  readonly state: LiveState;
};
type Path = NonNullable<Sketch["paths"]>[number];

const CUT = "#ff5c5c";
const GUIDE = "#ffffff";
const CASING = "rgb(11 13 16 / 60%)";
const HANDLE = 3.5;
/** Handles closer than this on the screen are left out: they could not be told apart anyway, CSS px. */
const HANDLE_STEP = 9;
const FONT = '500 11px "Inter Variable", "Open Sans", sans-serif';

/** The topmost canvas: painted each frame, so that it only ever holds the few things under the person's hand. */
export class LiveCanvas {
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;

  constructor(view: SlideView, state: () => LiveState) {
    this.#canvas = addCanvas(view.container, "live", 3);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size, state()));
  }

  close(): void {
    this.#remove();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize, state: LiveState): void {
    const ratio = this.#canvas.begin(size);
    const { context } = this.#canvas;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineJoin = "round";
    context.lineCap = "round";
    const { minX, minY } = boundsOf(camera, size);
    const scale = 2 ** camera.zoom;
    const frame: Frame = { context, size, state, at: ([x, y]) => [(x - minX) * scale, (y - minY) * scale] };
    const hidden = new Set(state.sketch.hidden?.map(({ id }) => id));
    if (state.hovered !== null && !hidden.has(state.hovered.id)) halo(frame, state.hovered, false);
    for (const each of state.selected) if (!hidden.has(each.id)) halo(frame, each, true);
    paintSketch(frame, state.sketch);
  }
}

function halo(frame: Frame, annotation: Annotation, selected: boolean): void {
  const { context, state } = frame;
  if (annotation.geometry.type === "point") haloPoint(frame, annotation.geometry.at, selected);
  else {
    traceGeometry(frame, annotation.geometry);
    stroke(context, "#ffffff", selected ? 5 : 3.5, selected ? 0.95 : 0.7);
    stroke(context, state.colourOf(annotation), selected ? 2.5 : 2, 1);
  }
}

function haloPoint({ context, at }: Frame, point: Point, selected: boolean): void {
  const [x, y] = at(point);
  context.beginPath();
  context.arc(x, y, 8.5, 0, 2 * Math.PI);
  stroke(context, "#ffffff", selected ? 2.5 : 1.5, 1);
}

function paintSketch(frame: Frame, sketch: Sketch): void {
  for (const { geometry, classId } of sketch.shapes ?? []) {
    const colour = frame.state.colourOfClass(classId);
    traceGeometry(frame, geometry);
    fill(frame.context, colour, 0.15, "evenodd");
    stroke(frame.context, CASING, 3.5, 1);
    stroke(frame.context, colour, 2, 1);
  }
  for (const path of sketch.paths ?? []) paintPath(frame, path);
  paintHandles(frame, sketch.handles ?? []);
  if (sketch.ring !== undefined) paintRing(frame, sketch.ring);
  if (sketch.label !== undefined) paintLabel(frame, frame.at(sketch.label.at), sketch.label.text);
}

function paintPath(frame: Frame, path: Path): void {
  const { context } = frame;
  const width = path.width ?? 2;
  const colour = { class: frame.state.colour, cut: CUT, guide: frame.state.colour }[path.look];
  context.beginPath();
  traceRing(frame, path.points, path.closed);
  if (path.filled === true) fill(context, colour, 0.16, "nonzero");
  if (width === 0) return;
  if (width > 4) {
    if (path.points.length === 1) dot(frame, path.points[0] ?? [0, 0], width / 2);
    stroke(context, colour, width, 0.4);
  } else {
    stroke(context, CASING, width + 1.5, 1);
    stroke(context, path.look === "guide" ? GUIDE : colour, width, 1);
  }
}

/** A stroke without length is painted as the disc it covers. */
function dot({ context, at }: Frame, point: Point, radius: number): void {
  const [x, y] = at(point);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + 0.01 * radius, y);
}

function paintHandles(frame: Frame, handles: NonNullable<Sketch["handles"]>): void {
  let [lastX, lastY] = [Infinity, Infinity];
  for (const handle of handles) {
    const [x, y] = frame.at(handle.at);
    if (!isNearView(x, y, frame.size)) continue;
    if (handle.marked) paintHandle(frame, [x, y], HANDLE + 1.5, handle);
    else if (Math.abs(x - lastX) + Math.abs(y - lastY) >= HANDLE_STEP) {
      paintHandle(frame, [x, y], HANDLE, handle);
      [lastX, lastY] = [x, y];
    }
  }
}

function paintHandle(
  { context, state }: Frame,
  [x, y]: Point,
  radius: number,
  { marked, ghost }: { readonly marked: boolean; readonly ghost?: boolean },
): void {
  context.globalAlpha = 1;
  context.beginPath();
  if (ghost === true) context.arc(x, y, radius, 0, 2 * Math.PI);
  else context.rect(x - radius, y - radius, radius * 2, radius * 2);
  context.fillStyle = marked ? state.colour : "#ffffff";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = marked ? "#ffffff" : "#22272e";
  context.stroke();
}

function isNearView(x: number, y: number, { width, height }: ViewSize): boolean {
  return x > -8 && y > -8 && x < width + 8 && y < height + 8;
}

function paintRing(frame: Frame, ring: NonNullable<Sketch["ring"]>): void {
  const { context, state } = frame;
  const [x, y] = frame.at(ring.at);
  context.beginPath();
  context.arc(x, y, ring.radius, 0, 2 * Math.PI);
  stroke(context, CASING, 3, 1);
  stroke(context, ring.look === "cut" ? CUT : state.colour, 1.5, 1);
  if (ring.label !== undefined) paintLabel(frame, [x, y + ring.radius], ring.label);
}

function paintLabel({ context, size }: Frame, [x, y]: Point, text: string): void {
  context.font = FONT;
  const width = context.measureText(text).width + 12;
  const left = Math.max(4, Math.min(size.width - width - 4, x + 12));
  const top = Math.max(4, Math.min(size.height - 24, y + 8));
  context.globalAlpha = 1;
  context.fillStyle = "rgb(11 13 16 / 82%)";
  context.beginPath();
  context.roundRect(left, top, width, 20, 5);
  context.fill();
  context.fillStyle = "#ffffff";
  context.textBaseline = "middle";
  context.fillText(text, left + 6, top + 10.5);
}

function traceGeometry(frame: Frame, geometry: Geometry): void {
  frame.context.beginPath();
  if (geometry.type === "line") traceRing(frame, geometry.points, false);
  for (const polygon of polygonsOf(geometry)) for (const ring of polygon) traceRing(frame, ring, true);
}

function traceRing({ context, at }: Frame, points: readonly Point[], closed: boolean): void {
  for (const [index, point] of points.entries()) {
    const [x, y] = at(point);
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  if (closed && points.length > 0) context.closePath();
}

function stroke(context: CanvasRenderingContext2D, colour: string, width: number, alpha: number): void {
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function fill(context: CanvasRenderingContext2D, colour: string, alpha: number, rule: CanvasFillRule): void {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill(rule);
}
