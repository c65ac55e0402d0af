import { type Cells, cellBox, cellCount, hasCell, type ScreenGrid } from "#domain/screening.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";

/** What the grid shows of each cell. */
export type ScreeningMarks = {
  readonly grid: ScreenGrid;
  /** Null where all of the slide counts. */
  readonly tissue: Cells | null;
  readonly seen: Cells;
  readonly candidates: Cells;
  /** The cell that was gone to last. */
  readonly current: number | null;
};

type Rgba = readonly [red: number, green: number, blue: number, alpha: number];
/** Not seen is veiled, so that the slide clears up as one goes; where candidates wait the veil is amber. */
const UNSEEN: Rgba = [15, 23, 42, 92];
const CANDIDATE: Rgba = [180, 83, 9, 120];
/** Below so many screen px a cell has no frame of its own. */
const LEAST_FRAME_PX = 26;
const MARK_PX = 7;

/** Paints the screening grid between the outlines and what moves: never over what one works on at working magnification. */
export class ScreeningPainter {
  readonly #view: SlideView;
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  #marks: ScreeningMarks | null = null;
  #veil: HTMLCanvasElement | null = null;

  constructor(view: SlideView) {
    this.#view = view;
    this.#canvas = addCanvas(view.container, "screening", 2);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
  }

  /** Null hides the grid. */
  setMarks(marks: ScreeningMarks | null): void {
    this.#marks = marks;
    this.#veil = marks === null ? null : veilOf(marks);
    this.#view.invalidate();
  }

  close(): void {
    this.#remove();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize): void {
    const ratio = this.#canvas.begin(size);
    if (this.#marks === null || this.#veil === null) return;
    const { context } = this.#canvas;
    const { grid } = this.#marks;
    const scale = 2 ** camera.zoom;
    const { minX, minY } = boundsOf(camera, size);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.save();
    context.beginPath();
    context.rect(-minX * scale, -minY * scale, grid.width * scale, grid.height * scale);
    context.clip();
    context.imageSmoothingEnabled = false;
    const side = grid.cellPx * scale;
    context.drawImage(this.#veil, -minX * scale, -minY * scale, grid.columns * side, grid.rows * side);
    if (side >= LEAST_FRAME_PX) this.#frames(camera, size);
    context.restore();
  }

  /** A thin frame around what is open, a corner mark on candidates, a strong frame around the cell one was sent to. */
  #frames(camera: Camera, size: ViewSize): void {
    if (this.#marks === null) return;
    const { context } = this.#canvas;
    const { grid, tissue, seen, candidates, current } = this.#marks;
    const scale = 2 ** camera.zoom;
    const view = boundsOf(camera, size);
    for (const cell of cellsAround(grid, view)) {
      const box = cellBox(grid, cell);
      const [x, y] = [(box.minX - view.minX) * scale, (box.minY - view.minY) * scale];
      const [width, height] = [(box.maxX - box.minX) * scale, (box.maxY - box.minY) * scale];
      if (isOpen(tissue, seen, candidates, cell)) {
        context.strokeStyle = "rgb(255 255 255 / 35%)";
        context.lineWidth = 1;
        context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
        if (hasCell(candidates, cell)) corner(context, x, y);
      }
      if (cell !== current) continue;
      context.strokeStyle = "#22d3ee";
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, width - 2, height - 2);
    }
  }
}

function isOpen(tissue: Cells | null, seen: Cells, candidates: Cells, cell: number): boolean {
  return !hasCell(seen, cell) && (tissue === null || hasCell(tissue, cell) || hasCell(candidates, cell));
}

function corner(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.fillStyle = "#f59e0b";
  context.beginPath();
  context.moveTo(x + 3, y + 3);
  context.lineTo(x + 3 + 2 * MARK_PX, y + 3);
  context.lineTo(x + 3, y + 3 + 2 * MARK_PX);
  context.closePath();
  context.fill();
}

function cellsAround({ cellPx, columns, rows }: ScreenGrid, view: ReturnType<typeof boundsOf>): number[] {
  const found: number[] = [];
  const last = { column: Math.min(columns - 1, Math.floor(view.maxX / cellPx)), row: Math.floor(view.maxY / cellPx) };
  for (let row = Math.max(0, Math.floor(view.minY / cellPx)); row <= Math.min(rows - 1, last.row); row++) {
    for (let column = Math.max(0, Math.floor(view.minX / cellPx)); column <= last.column; column++) {
      found.push(row * columns + column);
    }
  }
  return found;
}

/** A pixel for each cell. */
function veilOf({ grid, tissue, seen, candidates }: ScreeningMarks): HTMLCanvasElement | null {
  const canvas = document.createElement("canvas");
  canvas.width = grid.columns;
  canvas.height = grid.rows;
  const context = canvas.getContext("2d");
  if (context === null) return null;
  const pixels = context.createImageData(grid.columns, grid.rows);
  for (let cell = 0; cell < cellCount(grid); cell++) {
    if (!isOpen(tissue, seen, candidates, cell)) continue;
    pixels.data.set(hasCell(candidates, cell) ? CANDIDATE : UNSEEN, 4 * cell);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
