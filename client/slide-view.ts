import { CRS, Map as LeafletMap, latLng } from "leaflet";
import type { Bbox, Point } from "#domain/annotation.ts";

/**
 * Where the person looks: level-0 px at the middle of the view, and CSS px per level-0 px as a power of two.
 * Zoom 0 shows the scan at its own resolution.
 */
export type Camera = { readonly x: number; readonly y: number; readonly zoom: number };
export type ViewSize = { readonly width: number; readonly height: number };

/** Draws one frame; everything on the slide is painted in the same frame, so nothing lags behind the tissue. */
export type Painter = (camera: Camera, size: ViewSize) => void;

/** Beyond eight screen pixels a slide pixel there is nothing more to see. */
const MAX_ZOOM = 4;
/** How far the whole slide may shrink below filling the view. */
const ZOOM_OUT_MARGIN = 1;
const FIT_MARGIN_PX = 24;
/** How much more than a region is shown when flying to it. */
const ROOM = 1.7;

/**
 * The camera over one slide: a thin wrapper around Leaflet with a plain CRS whose (lat, lng) is (-y, x) in level-0 px.
 * Everything else in the browser talks to this class, so that another map library concerns this file alone.
 */
export class SlideView {
  readonly map: LeafletMap;
  readonly container: HTMLElement;
  readonly slide: { readonly width: number; readonly height: number };
  readonly #painters = new Set<Painter>();
  readonly #watchers = new Set<(camera: Camera) => void>();
  readonly #resize: ResizeObserver;
  #frame = 0;

  constructor(container: HTMLElement, slide: { readonly width: number; readonly height: number }) {
    this.container = container;
    this.slide = slide;
    this.map = new LeafletMap(container, {
      crs: CRS.Simple,
      zoomSnap: 0,
      maxZoom: MAX_ZOOM,
      minZoom: -20,
      attributionControl: false,
      zoomControl: false,
      zoomAnimation: false,
      fadeAnimation: false,
      inertia: false,
      dragging: false,
      keyboard: false,
      scrollWheelZoom: false,
      doubleClickZoom: false,
      boxZoom: false,
      touchZoom: false,
    });
    container.style.touchAction = "none";
    this.fit();
    this.map.on("move zoom", this.#changed);
    this.#resize = new ResizeObserver(() => {
      this.map.invalidateSize({ pan: true, animate: false });
      this.#changed();
    });
    this.#resize.observe(container);
  }

  get camera(): Camera {
    const { lat, lng } = this.map.getCenter();
    return { x: lng, y: -lat, zoom: this.map.getZoom() };
  }

  get size(): ViewSize {
    const { x, y } = this.map.getSize();
    return { width: x, height: y };
  }

  /** CSS px per level-0 px. */
  get scale(): number {
    return 2 ** this.map.getZoom();
  }

  /** The part of the slide's plane that is in view, level-0 px. */
  get bounds(): Bbox {
    return boundsOf(this.camera, this.size);
  }

  /** The zoom at which the whole slide just fits. */
  get fitZoom(): number {
    return zoomFor(this.slide, this.size);
  }

  /** Level-0 px under a place on the page, CSS px from the window's corner. */
  toSlide(clientX: number, clientY: number): Point {
    const { left, top } = this.container.getBoundingClientRect();
    const { camera, size, scale } = this;
    return [camera.x + (clientX - left - size.width / 2) / scale, camera.y + (clientY - top - size.height / 2) / scale];
  }

  /** CSS px from the view's corner of a place on the slide. */
  toView([x, y]: Point): Point {
    const { camera, size, scale } = this;
    return [(x - camera.x) * scale + size.width / 2, (y - camera.y) * scale + size.height / 2];
  }

  /** Goes there at once; the middle stays on the slide. */
  setCamera(camera: Camera): void {
    const { x, y, zoom } = this.#allowed(camera);
    this.map.setView(latLng(-y, x), zoom, { animate: false });
  }

  /** Flies there, or jumps for people who asked their system for less motion. */
  flyTo(camera: Camera, seconds = 0.45): void {
    const { x, y, zoom } = this.#allowed(camera);
    if (prefersStillness()) this.setCamera({ x, y, zoom });
    else this.map.flyTo(latLng(-y, x), zoom, { duration: seconds, noMoveStart: true });
  }

  /** Flies to a region, level-0 px, with room around it; never closer than `maxZoom`. */
  flyToBox(box: Bbox, maxZoom = 1): void {
    this.flyTo(this.cameraFor(box, maxZoom));
  }

  /** Where the camera shows a region, level-0 px, with room around it; never closer than `maxZoom`. */
  cameraFor(box: Bbox, maxZoom = 1): Camera {
    const around = { width: (box.maxX - box.minX) * ROOM, height: (box.maxY - box.minY) * ROOM };
    const zoom = Math.max(Math.min(this.fitZoom, maxZoom), Math.min(maxZoom, zoomFor(around, this.size)));
    return { x: (box.minX + box.maxX) / 2, y: (box.minY + box.maxY) / 2, zoom };
  }

  /** The whole slide. */
  fit(): void {
    this.setCamera({ x: this.slide.width / 2, y: this.slide.height / 2, zoom: this.fitZoom });
  }

  /** Moves what is in view by CSS px. */
  panBy(dx: number, dy: number): void {
    const { camera, scale } = this;
    this.setCamera({ x: camera.x + dx / scale, y: camera.y + dy / scale, zoom: camera.zoom });
  }

  /** Zooms while the place under a point of the view (CSS px from its corner) stays where it is. */
  zoomAround([viewX, viewY]: Point, zoom: number): void {
    const { camera, size, scale } = this;
    const [dx, dy] = [viewX - size.width / 2, viewY - size.height / 2];
    const next = 2 ** this.#allowed({ ...camera, zoom }).zoom;
    this.setCamera({
      x: camera.x + dx / scale - dx / next,
      y: camera.y + dy / scale - dy / next,
      zoom: Math.log2(next),
    });
  }

  /** Adds what paints each frame. @returns takes it away again */
  addPainter(painter: Painter): () => void {
    this.#painters.add(painter);
    this.invalidate();
    return () => this.#painters.delete(painter);
  }

  /** Tells of each change of the camera, once a frame. @returns stops it */
  watch(watcher: (camera: Camera) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Asks for a frame; many calls make one. */
  invalidate(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const { camera, size } = this;
      for (const paint of this.#painters) paint(camera, size);
    });
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = -1;
    this.#resize.disconnect();
    this.#painters.clear();
    this.#watchers.clear();
    this.map.remove();
  }

  readonly #changed = (): void => {
    const { camera } = this;
    for (const watcher of this.#watchers) watcher(camera);
    this.invalidate();
  };

  #allowed({ x, y, zoom }: Camera): Camera {
    return {
      x: clamp(x, 0, this.slide.width),
      y: clamp(y, 0, this.slide.height),
      zoom: clamp(zoom, Math.min(0, this.fitZoom - ZOOM_OUT_MARGIN), MAX_ZOOM),
    };
  }
}

/** The part of the plane that a camera shows, level-0 px. */
export function boundsOf({ x, y, zoom }: Camera, { width, height }: ViewSize): Bbox {
  const [halfWidth, halfHeight] = [width / 2 / 2 ** zoom, height / 2 / 2 ** zoom];
  return { minX: x - halfWidth, minY: y - halfHeight, maxX: x + halfWidth, maxY: y + halfHeight };
}

/** Whether the person asked the system for less motion. */
export function prefersStillness(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function zoomFor(box: ViewSize, view: ViewSize): number {
  const room = { width: Math.max(64, view.width - FIT_MARGIN_PX), height: Math.max(64, view.height - FIT_MARGIN_PX) };
  return Math.log2(Math.min(room.width / Math.max(1, box.width), room.height / Math.max(1, box.height)));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
