import type { Geometry } from "#domain/annotation.ts";
import { AgreementPainter } from "./agreement-painter.ts";
import { AnnotationPainter } from "./annotation-painter.ts";
import { Scene } from "./scene.ts";
import { SlideLayer } from "./slide-layer.ts";
import { type Camera, SlideView } from "./slide-view.ts";
import type { Band } from "./vote-bands.ts";
import type { Workbench } from "./workbench.ts";

/**
 * One read by itself, beside the others: its own pixels and outlines under the camera of the main view. Whatever is done
 * with the pointer in a pane moves the main camera, and all panes with it; nothing can be drawn in a pane.
 */
export class ReadPane {
  readonly #main: Workbench;
  readonly #view: SlideView;
  readonly #closers: (() => void)[];
  readonly #marks: AgreementPainter;
  #drag: { readonly x: number; readonly y: number } | null = null;

  /** @param colour the outlines of this read are drawn in */
  constructor(container: HTMLElement, main: Workbench, layerId: string, colour: string | null) {
    this.#main = main;
    this.#view = new SlideView(container, main.slide);
    const pixels = new SlideLayer(this.#view, main.slide);
    const scene = new Scene();
    const layer = scene.add(layerId, "read");
    layer.colour = colour;
    layer.load([...(main.scene.layer(layerId)?.shapes.values() ?? [])].map(({ annotation }) => annotation));
    const painter = new AnnotationPainter(this.#view, scene, (annotation) => main.standingOf(annotation));
    this.#marks = new AgreementPainter(this.#view);
    const stopWatching = main.view.watch((camera) => this.#follow(camera));
    this.#follow(main.view.camera);
    const stopPointer = this.#listen(container);
    this.#closers = [
      stopPointer,
      stopWatching,
      () => this.#marks.close(),
      () => painter.close(),
      () => pixels.close(),
      () => this.#view.close(),
    ];
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  /** The bands of the class at hand, so that one read is seen against all. */
  setBands(bands: readonly Band[], colour: string): void {
    this.#marks.setBands(bands, colour);
  }

  /** The region that is being decided, marked here too; level-0 px. */
  setRegion(region: Geometry | null): void {
    this.#marks.setRegion(region);
  }

  /** The same place, as much of it across as in the main view. */
  #follow({ x, y, zoom }: Camera): void {
    const share = this.#view.size.width / Math.max(1, this.#main.view.size.width);
    this.#view.setCamera({ x, y, zoom: zoom + Math.log2(Math.max(0.1, share)) });
  }

  #listen(container: HTMLElement): () => void {
    const down = (event: PointerEvent) => {
      this.#drag = { x: event.clientX, y: event.clientY };
      container.setPointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent) => {
      if (this.#drag === null) return;
      const ratio = this.#main.view.scale / this.#view.scale;
      this.#main.view.panBy((event.clientX - this.#drag.x) * ratio, (event.clientY - this.#drag.y) * ratio);
      this.#drag = { x: event.clientX, y: event.clientY };
    };
    const up = () => {
      this.#drag = null;
    };
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const at = this.#view.toSlide(event.clientX, event.clientY);
      const { view } = this.#main;
      view.zoomAround(view.toView(at), view.camera.zoom - event.deltaY / WHEEL_PX_PER_ZOOM);
    };
    container.addEventListener("pointerdown", down);
    container.addEventListener("pointermove", move);
    container.addEventListener("pointerup", up);
    container.addEventListener("pointercancel", up);
    container.addEventListener("wheel", wheel, { passive: false });
    return () => {
      container.removeEventListener("pointerdown", down);
      container.removeEventListener("pointermove", move);
      container.removeEventListener("pointerup", up);
      container.removeEventListener("pointercancel", up);
      container.removeEventListener("wheel", wheel);
    };
  }
}

/** A notch of a usual wheel is 100 px and a good fifth of a power of two. */
const WHEEL_PX_PER_ZOOM = 480;
