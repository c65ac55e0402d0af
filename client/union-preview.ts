import { type Geometry, polygonsOf } from "#domain/annotation.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";

/** What several outlines would be as one, laid over them; level-0 px. */
export class UnionPreview {
  readonly #view: SlideView;
  readonly #canvas: FullCanvas;
  readonly #remove: () => void;
  #shown: { readonly geometry: Geometry; readonly colour: string } | null = null;

  constructor(view: SlideView) {
    this.#view = view;
    this.#canvas = addCanvas(view.container, "union", 3);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
  }

  /** @param shown null shows nothing */
  show(shown: { readonly geometry: Geometry; readonly colour: string } | null): void {
    this.#shown = shown;
    this.#paint(this.#view.camera, this.#view.size);
  }

  close(): void {
    this.#remove();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize): void {
    const ratio = this.#canvas.begin(size);
    if (this.#shown === null) return;
    const { context } = this.#canvas;
    const { minX, minY } = boundsOf(camera, size);
    const scale = 2 ** camera.zoom;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.beginPath();
    for (const polygon of polygonsOf(this.#shown.geometry)) {
      for (const ring of polygon) {
        for (const [index, [x, y]] of ring.entries()) {
          const at = [(x - minX) * scale, (y - minY) * scale] as const;
          if (index === 0) context.moveTo(...at);
          else context.lineTo(...at);
        }
        context.closePath();
      }
    }
    context.globalAlpha = 0.28;
    context.fillStyle = this.#shown.colour;
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.lineWidth = 5;
    context.strokeStyle = "#0b0d10";
    context.stroke();
    context.lineWidth = 2.5;
    context.setLineDash([9, 5]);
    context.strokeStyle = "#ffffff";
    context.stroke();
    context.setLineDash([]);
  }
}
