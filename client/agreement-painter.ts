import { type Geometry, type Polygon, polygonsOf } from "#domain/annotation.ts";
import { disagreementColour } from "./agreement-colour.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { type DisputedRegion, type PointDisc, pointDiscs } from "./point-discs.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";
import { type Band, bandDash } from "./vote-bands.ts";

/** How much reads differ, cell by cell: 0 all agree, 255 as divided as can be. Level-0 origin and cell size. */
export type DisagreementRaster = {
  readonly originX: number;
  readonly originY: number;
  readonly cellPx: number;
  readonly columns: number;
  readonly rows: number;
  /** Row by row. */
  readonly entropy: Uint8Array;
};

/** A cell of the raster may be this large on the screen, CSS px; from there on the regions themselves are painted. */
const COARSE_CELL_PX = 3;

/**
 * Paints where reads differ, the bands of a class, and the region that is being decided, between the
 * outlines and what moves. From afar the disagreement is a raster; near, it is the disputed regions, sharp at any zoom.
 */
export class AgreementPainter {
  readonly #view: SlideView;
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  #raster: DisagreementRaster | null = null;
  #image: HTMLCanvasElement | null = null;
  #opacity = 0.55;
  #region: Geometry | null = null;
  #disputed: readonly DisputedRegion[] = [];
  #bands: readonly Band[] = [];
  #bandColour = "#ffffff";

  constructor(view: SlideView) {
    this.#view = view;
    this.#canvas = addCanvas(view.container, "agreement", 2);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
  }

  setRaster(raster: DisagreementRaster | null): void {
    this.#raster = raster;
    this.#image = raster === null || raster.columns * raster.rows === 0 ? null : imageOf(raster);
    this.#view.invalidate();
  }

  /** Where exactly reads differ, for when the raster is too coarse. */
  setDisputed(disputed: readonly DisputedRegion[]): void {
    this.#disputed = disputed;
    this.#view.invalidate();
  }

  /** Nested outlines of a class, the widest first: by votes, or by how probable it is. */
  setBands(bands: readonly Band[], colour: string): void {
    this.#bands = bands;
    this.#bandColour = colour;
    this.#view.invalidate();
  }

  /** 0 hides the raster, 1 covers the tissue. */
  setOpacity(opacity: number): void {
    this.#opacity = opacity;
    this.#view.invalidate();
  }

  /** The region that is being decided; null for none. */
  setRegion(region: Geometry | null): void {
    this.#region = region;
    this.#view.invalidate();
  }

  close(): void {
    this.#remove();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize): void {
    const ratio = this.#canvas.begin(size);
    const { context } = this.#canvas;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { minX, minY } = boundsOf(camera, size);
    const frame = { context, minX, minY, scale: 2 ** camera.zoom };
    if (this.#opacity > 0) {
      context.globalAlpha = this.#opacity;
      if ((this.#raster?.cellPx ?? 0) * frame.scale < COARSE_CELL_PX) this.#paintRaster(frame);
      else for (const region of this.#disputed) paintDisputed(frame, region);
      for (const disc of pointDiscs(this.#disputed, frame)) paintDisc(frame, disc);
      context.globalAlpha = 1;
    }
    for (const [place, band] of this.#bands.entries()) this.#paintBand(frame, band, place);
    if (this.#region !== null) paintRegion(frame, this.#region);
  }

  #paintRaster({ context, minX, minY, scale }: Frame): void {
    if (this.#raster === null || this.#image === null) return;
    const { originX, originY, cellPx, columns, rows } = this.#raster;
    context.imageSmoothingEnabled = true;
    context.drawImage(
      this.#image,
      (originX - minX) * scale,
      (originY - minY) * scale,
      columns * cellPx * scale,
      rows * cellPx * scale,
    );
  }

  /** The more votes, or the more probable, the denser the fill and the fuller the line; bands lie on one another. */
  #paintBand(frame: Frame, { polygons }: Band, place: number): void {
    const { context } = frame;
    tracePath(frame, polygons);
    context.globalAlpha = 0.16;
    context.fillStyle = this.#bandColour;
    context.fill("evenodd");
    context.globalAlpha = 0.9;
    const isLast = place === this.#bands.length - 1;
    context.setLineDash([...bandDash(place, this.#bands.length)]);
    context.strokeStyle = this.#bandColour;
    context.lineWidth = isLast ? 2 : 1.25;
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
}

type Frame = {
  readonly context: CanvasRenderingContext2D;
  readonly minX: number;
  readonly minY: number;
  readonly scale: number;
};

function imageOf({ columns, rows, entropy }: DisagreementRaster): HTMLCanvasElement | null {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (context === null) return null;
  const pixels = context.createImageData(columns, rows);
  for (const [index, value] of entropy.entries()) {
    if (value === 0) continue;
    const [red, green, blue] = disagreementColour(value / 255);
    pixels.data.set([red, green, blue, 90 + Math.round((value / 255) * 165)], index * 4);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function tracePath({ context, minX, minY, scale }: Frame, polygons: readonly Polygon[]): void {
  context.beginPath();
  for (const ring of polygons.flat()) {
    for (const [index, [x, y]] of ring.entries()) {
      if (index === 0) context.moveTo((x - minX) * scale, (y - minY) * scale);
      else context.lineTo((x - minX) * scale, (y - minY) * scale);
    }
    context.closePath();
  }
}

function paintDisputed(frame: Frame, { geometry, spread }: DisputedRegion): void {
  const [red, green, blue] = disagreementColour(spread);
  tracePath(frame, polygonsOf(geometry));
  frame.context.fillStyle = `rgb(${red} ${green} ${blue})`;
  frame.context.fill("evenodd");
}

function paintDisc({ context }: Frame, { x, y, radius, spread }: PointDisc): void {
  const [red, green, blue] = disagreementColour(spread);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = `rgb(${red} ${green} ${blue})`;
  context.fill();
}

/** Radius of the ring around a disputed point, CSS px. */
const POINT_RING_PX = 14;

function paintRegion(frame: Frame, region: Geometry): void {
  const { context, minX, minY, scale } = frame;
  if (region.type === "point") {
    context.beginPath();
    context.arc((region.at[0] - minX) * scale, (region.at[1] - minY) * scale, POINT_RING_PX, 0, 2 * Math.PI);
  } else tracePath(frame, polygonsOf(region));
  context.fillStyle = "rgb(255 255 255 / 10%)";
  context.fill("evenodd");
  context.setLineDash([]);
  context.strokeStyle = "rgb(11 13 16 / 85%)";
  context.lineWidth = 4;
  context.stroke();
  context.setLineDash([7, 5]);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.stroke();
  context.setLineDash([]);
}
