import type { Point } from "#domain/annotation.ts";
import type { SlideView } from "./slide-view.ts";

/** Where another person looks, level-0 px. */
export type OtherView = {
  readonly colour: string;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
};

const MAX_SIDE = 156;

/** The whole slide in a corner, with a frame around what is in view; a press or drag goes there. */
export class OverviewMap {
  readonly #view: SlideView;
  readonly #canvas: HTMLCanvasElement;
  readonly #image = new Image();
  readonly #stop: () => void;
  #others: readonly OtherView[] = [];

  constructor(view: SlideView, canvas: HTMLCanvasElement, thumbnailUrl: string) {
    this.#view = view;
    this.#canvas = canvas;
    const { width, height } = view.slide;
    const fit = MAX_SIDE / Math.max(width, height);
    const ratio = window.devicePixelRatio || 1;
    canvas.style.width = `${Math.max(24, Math.round(width * fit))}px`;
    canvas.style.height = `${Math.max(24, Math.round(height * fit))}px`;
    canvas.width = Math.max(24, Math.round(width * fit)) * ratio;
    canvas.height = Math.max(24, Math.round(height * fit)) * ratio;
    this.#image.onload = () => this.#paint();
    this.#image.src = thumbnailUrl;
    canvas.addEventListener("pointerdown", this.#press);
    canvas.addEventListener("pointermove", this.#drag);
    this.#stop = view.addPainter(() => this.#paint());
  }

  setOthers(others: readonly OtherView[]): void {
    this.#others = others;
    this.#paint();
  }

  close(): void {
    this.#stop();
    this.#image.onload = null;
    this.#canvas.removeEventListener("pointerdown", this.#press);
    this.#canvas.removeEventListener("pointermove", this.#drag);
  }

  readonly #press = (event: PointerEvent): void => {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#goTo(event);
  };

  readonly #drag = (event: PointerEvent): void => {
    if (event.buttons === 1) this.#goTo(event);
  };

  #goTo(event: PointerEvent): void {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const at: Point = [
      ((event.clientX - left) / width) * this.#view.slide.width,
      ((event.clientY - top) / height) * this.#view.slide.height,
    ];
    this.#view.setCamera({ x: at[0], y: at[1], zoom: this.#view.camera.zoom });
  }

  #paint(): void {
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    const { width, height } = this.#canvas;
    const scale = width / this.#view.slide.width;
    context.fillStyle = "#f4f4f2";
    context.fillRect(0, 0, width, height);
    if (this.#image.complete && this.#image.naturalWidth > 0) context.drawImage(this.#image, 0, 0, width, height);
    for (const { colour, box } of this.#others) {
      frame(context, box.x * scale, box.y * scale, box.width * scale, box.height * scale, colour, 1.5);
    }
    const { minX, minY, maxX, maxY } = this.#view.bounds;
    const [x, y] = [Math.max(0, minX * scale), Math.max(0, minY * scale)];
    const [right, bottom] = [Math.min(width, maxX * scale), Math.min(height, maxY * scale)];
    frame(context, x, y, right - x, bottom - y, "#0e7490", 2);
  }
}

function frame(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  line: number,
): void {
  const ratio = window.devicePixelRatio || 1;
  context.lineWidth = (line + 1.5) * ratio;
  context.strokeStyle = "rgb(255 255 255 / 80%)";
  context.strokeRect(x, y, Math.max(3, width), Math.max(3, height));
  context.lineWidth = line * ratio;
  context.strokeStyle = colour;
  context.strokeRect(x, y, Math.max(3, width), Math.max(3, height));
}
