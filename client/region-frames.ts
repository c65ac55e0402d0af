import type { Bbox } from "#domain/annotation.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";

export type FramedRegion = { readonly name: string; readonly box: Bbox };

/** Frames around regions that alone count, with everything outside of them dimmed. Level-0 px. */
export class RegionFrames {
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  readonly #regions: readonly FramedRegion[];

  constructor(view: SlideView, regions: readonly FramedRegion[]) {
    this.#regions = regions;
    this.#canvas = addCanvas(view.container, "regions", 2);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
  }

  close(): void {
    this.#remove();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize): void {
    const ratio = this.#canvas.begin(size);
    if (this.#regions.length === 0) return;
    const { context } = this.#canvas;
    const { minX, minY } = boundsOf(camera, size);
    const scale = 2 ** camera.zoom;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "rgb(15 23 42 / 38%)";
    context.fillRect(0, 0, size.width, size.height);
    context.font = "600 12px sans-serif";
    for (const { name, box } of this.#regions) {
      const [x, y] = [(box.minX - minX) * scale, (box.minY - minY) * scale];
      const [width, height] = [(box.maxX - box.minX) * scale, (box.maxY - box.minY) * scale];
      context.clearRect(x, y, width, height);
      context.strokeStyle = "#0b0d10";
      context.lineWidth = 4;
      context.strokeRect(x, y, width, height);
      context.strokeStyle = "#22d3ee";
      context.lineWidth = 2;
      context.strokeRect(x, y, width, height);
      context.fillStyle = "#0b0d10";
      context.fillText(name, x + 7, y - 5);
      context.fillStyle = "#ffffff";
      context.fillText(name, x + 6, y - 6);
    }
  }
}
