import { type Geometry, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";

/**
 * How a shape is laid over the slide: one that would come about (dashed), one that is meant (a strong line in its colour),
 * or tissue that would be taken off (hatched).
 */
export type OverlayLook = "proposed" | "meant" | "cut";
export type OverlayShape = {
  readonly look: OverlayLook;
  /** Level-0 px. */
  readonly shape: Geometry | readonly Polygon[];
  readonly colour: string;
};

/** Distance between the lines of a hatching, and radius of a point, CSS px. */
const HATCH_PX = 8;
const POINT_PX = 7;
const RIM = "#0b0d10";

/** Shapes that are laid over the outlines of a slide, in their order. */
export class OutlineOverlay {
  readonly #view: SlideView;
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  #shown: readonly OverlayShape[] = [];

  constructor(view: SlideView) {
    this.#view = view;
    this.#canvas = addCanvas(view.container, "overlay", 3);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
  }

  show(shown: readonly OverlayShape[]): void {
    this.#shown = shown;
    this.#paint(this.#view.camera, this.#view.size);
  }

  close(): void {
    this.#remove();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize): void {
    const ratio = this.#canvas.begin(size);
    if (this.#shown.length === 0) return;
    const { context } = this.#canvas;
    const { minX, minY } = boundsOf(camera, size);
    const scale = 2 ** camera.zoom;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const { look, shape, colour } of this.#shown) {
      const path = pathOf(shape, ([x, y]) => [(x - minX) * scale, (y - minY) * scale]);
      PAINT[look](context, path, colour, size);
    }
  }
}

type Paint = (context: CanvasRenderingContext2D, path: Path2D, colour: string, size: ViewSize) => void;

const PAINT: Readonly<Record<OverlayLook, Paint>> = {
  proposed: (context, path, colour) => {
    context.globalAlpha = 0.28;
    context.fillStyle = colour;
    context.fill(path, "evenodd");
    context.globalAlpha = 1;
    line(context, path, { width: 5, colour: RIM });
    line(context, path, { width: 2.5, colour: "#ffffff", dash: [9, 5] });
  },
  meant: (context, path, colour) => {
    line(context, path, { width: 7, colour: RIM });
    line(context, path, { width: 5, colour: "#ffffff" });
    line(context, path, { width: 3, colour });
  },
  cut: (context, path, colour, { width, height }) => {
    context.save();
    context.clip(path, "evenodd");
    context.globalAlpha = 0.35;
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.globalAlpha = 1;
    const lines = new Path2D();
    for (let at = -height; at < width; at += HATCH_PX) {
      lines.moveTo(at, height);
      lines.lineTo(at + height, 0);
    }
    line(context, lines, { width: 1.5, colour: "#ffffff" });
    context.restore();
  },
};

function line(
  context: CanvasRenderingContext2D,
  path: Path2D,
  { width, colour, dash = [] }: { readonly width: number; readonly colour: string; readonly dash?: readonly number[] },
): void {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.setLineDash([...dash]);
  context.stroke(path);
  context.setLineDash([]);
}

type Place = readonly [x: number, y: number];

function pathOf(shape: OverlayShape["shape"], to: (at: Place) => Place): Path2D {
  const path = new Path2D();
  if ("type" in shape && shape.type === "point") {
    const [x, y] = to(shape.at);
    path.arc(x, y, POINT_PX, 0, 2 * Math.PI);
    return path;
  }
  if ("type" in shape && shape.type === "line") {
    trace(path, shape.points.map(to));
    return path;
  }
  for (const polygon of "type" in shape ? polygonsOf(shape) : shape) {
    for (const ring of polygon) {
      trace(path, ring.map(to));
      path.closePath();
    }
  }
  return path;
}

function trace(path: Path2D, places: readonly Place[]): void {
  for (const [index, [x, y]] of places.entries()) {
    if (index === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
}
