import type { Point } from "#domain/annotation.ts";
import { prefersStillness, type SlideView } from "./slide-view.ts";

/** How much one notch of a wheel (100 px) zooms, as a power of two, and how fast the zoom follows it. */
const ZOOM_PER_PX = 1 / 240;
const PINCH_PER_PX = 1 / 60;
const FOLLOW = 0.28;
const LINE_PX = 32;
/** A pan let go at less than this stops at once, CSS px a millisecond. */
const GLIDE_MIN = 0.15;
const GLIDE_DECAY = 0.994;

/** Zooms smoothly at the cursor. @returns stops listening */
export function wheelZoom(view: SlideView): () => void {
  let target = view.camera.zoom;
  let at: Point = [0, 0];
  let frame = 0;
  const step = () => {
    frame = 0;
    const { zoom } = view.camera;
    const rest = target - zoom;
    if (Math.abs(rest) < 0.002) return;
    view.zoomAround(at, Math.abs(rest) < 0.01 || prefersStillness() ? target : zoom + rest * FOLLOW);
    if (view.camera.zoom !== zoom) frame = requestAnimationFrame(step);
  };
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const { left, top } = view.container.getBoundingClientRect();
    at = [event.clientX - left, event.clientY - top];
    const px = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
    const change = -px * (event.ctrlKey ? PINCH_PER_PX : ZOOM_PER_PX);
    target = (frame === 0 ? view.camera.zoom : target) + Math.max(-1.2, Math.min(1.2, change));
    if (frame === 0) frame = requestAnimationFrame(step);
  };
  view.container.addEventListener("wheel", onWheel, { passive: false });
  return () => {
    cancelAnimationFrame(frame);
    view.container.removeEventListener("wheel", onWheel);
  };
}

/** Moves the slide with one pointer, and lets it glide on when it is thrown. */
export class Pan {
  readonly #view: SlideView;
  #last: { x: number; y: number; at: number } | null = null;
  #velocity: [x: number, y: number] = [0, 0];
  #frame = 0;

  constructor(view: SlideView) {
    this.#view = view;
  }

  get active(): boolean {
    return this.#last !== null;
  }

  begin(event: PointerEvent): void {
    this.stop();
    this.#last = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    this.#velocity = [0, 0];
  }

  move(event: PointerEvent): void {
    const last = this.#last;
    if (last === null) return;
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    const elapsed = Math.max(1, event.timeStamp - last.at);
    this.#velocity = [this.#velocity[0] * 0.6 + (dx / elapsed) * 0.4, this.#velocity[1] * 0.6 + (dy / elapsed) * 0.4];
    this.#last = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    this.#view.panBy(-dx, -dy);
  }

  end(event: PointerEvent): void {
    const last = this.#last;
    this.#last = null;
    const resting = last === null || event.timeStamp - last.at > 60;
    if (!resting && Math.hypot(...this.#velocity) > GLIDE_MIN && !prefersStillness()) this.#glide(performance.now());
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#last = null;
  }

  #glide(before: number): void {
    this.#frame = requestAnimationFrame((now) => {
      const elapsed = Math.min(50, Math.max(1, now - before));
      const [x, y] = this.#velocity;
      this.#view.panBy(-x * elapsed, -y * elapsed);
      const decay = GLIDE_DECAY ** elapsed;
      this.#velocity = [x * decay, y * decay];
      if (Math.hypot(...this.#velocity) > 0.02) this.#glide(now);
    });
  }
}

/** Two fingers move and zoom the slide, whatever the tool. */
export class Pinch {
  readonly #view: SlideView;
  readonly #fingers = new Map<number, Point>();

  constructor(view: SlideView) {
    this.#view = view;
  }

  get active(): boolean {
    return this.#fingers.size >= 2;
  }

  down(event: PointerEvent): void {
    if (event.pointerType === "touch") this.#fingers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  move(event: PointerEvent): void {
    if (!this.#fingers.has(event.pointerId)) return;
    const before = this.#spread();
    this.#fingers.set(event.pointerId, [event.clientX, event.clientY]);
    const after = this.#spread();
    if (before === null || after === null) return;
    this.#view.panBy(before.middle[0] - after.middle[0], before.middle[1] - after.middle[1]);
    const { left, top } = this.#view.container.getBoundingClientRect();
    const zoom = this.#view.camera.zoom + Math.log2(after.distance / before.distance);
    this.#view.zoomAround([after.middle[0] - left, after.middle[1] - top], zoom);
  }

  up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
  }

  #spread(): { middle: Point; distance: number } | null {
    const [a, b] = [...this.#fingers.values()];
    if (a === undefined || b === undefined) return null;
    return {
      middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
      distance: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1])),
    };
  }
}
