import { type Geometry, polygonsOf } from "#domain/annotation.ts";
import { disagreementColour } from "./agreement-colour.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";

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

/** Paints where reads differ, and the region that is being decided, between the outlines and what moves. */
export class AgreementPainter {
  readonly #view: SlideView;
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  #raster: DisagreementRaster | null = null;
  #image: HTMLCanvasElement | null = null;
  #opacity = 0.55;
  #region: Geometry | null = null;

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
    const scale = 2 ** camera.zoom;
    if (this.#raster !== null && this.#image !== null && this.#opacity > 0) {
      const { originX, originY, cellPx, columns, rows } = this.#raster;
      context.globalAlpha = this.#opacity;
      context.imageSmoothingEnabled = cellPx * scale < 6;
      context.drawImage(
        this.#image,
        (originX - minX) * scale,
        (originY - minY) * scale,
        columns * cellPx * scale,
        rows * cellPx * scale,
      );
      context.globalAlpha = 1;
    }
    if (this.#region !== null) paintRegion(context, this.#region, minX, minY, scale);
  }
}

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

function paintRegion(
  context: CanvasRenderingContext2D,
  region: Geometry,
  minX: number,
  minY: number,
  scale: number,
): void {
  context.beginPath();
  for (const ring of polygonsOf(region).flat()) {
    for (const [index, [x, y]] of ring.entries()) {
      if (index === 0) context.moveTo((x - minX) * scale, (y - minY) * scale);
      else context.lineTo((x - minX) * scale, (y - minY) * scale);
    }
    context.closePath();
  }
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
