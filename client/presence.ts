import type { Point } from "#domain/annotation.ts";
import type { OtherView } from "./overview-map.ts";
import type { Camera, SlideView, ViewSize } from "./slide-view.ts";

/** Another person on this slide, as their browser last said; level-0 px. */
export type Peer = {
  /** One per open page: a person with two windows is two peers. */
  readonly key: string;
  readonly person: { readonly id: string; readonly name: string; readonly colour: string };
  readonly cursor: Point | null;
  readonly viewport: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null;
};

const FADE_AFTER_MS = 5_000;
const HIDE_AFTER_MS = 30_000;
/** Share of the way to the last known place that a cursor covers each frame. */
const EASE = 0.3;
const EDGE_PX = 18;

type Mark = {
  readonly element: HTMLElement;
  readonly arrow: HTMLElement;
  at: Point;
  target: Point;
  movedAt: number;
  person: Peer["person"];
};

/**
 * Other people's cursors: an arrow with a name in their colour that glides between the places it is told, fades when it
 * rests, and stays at the edge of the view as a pointer while its owner works elsewhere.
 */
export class PresenceLayer {
  readonly #view: SlideView;
  readonly #root: HTMLElement;
  readonly #marks = new Map<string, Mark>();
  readonly #remove: () => void;
  readonly #tick: ReturnType<typeof setInterval>;

  constructor(view: SlideView) {
    this.#view = view;
    this.#root = document.createElement("div");
    this.#root.className = "concord-cursors";
    Object.assign(this.#root.style, {
      position: "absolute",
      inset: "0",
      zIndex: "4",
      pointerEvents: "none",
      overflow: "hidden",
    });
    view.container.append(this.#root);
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
    this.#tick = setInterval(() => this.#marks.size > 0 && view.invalidate(), 1_000);
  }

  /** Says who is here now; those who are no longer named go. */
  setPeers(peers: readonly Peer[]): void {
    const present = new Set<string>();
    for (const { key, person, cursor } of peers) {
      if (cursor === null) continue;
      present.add(key);
      this.#place(key, person, cursor);
    }
    for (const [key, mark] of this.#marks) {
      if (present.has(key)) continue;
      mark.element.remove();
      this.#marks.delete(key);
    }
    this.#view.invalidate();
  }

  close(): void {
    clearInterval(this.#tick);
    this.#remove();
    this.#root.remove();
  }

  #place(key: string, person: Peer["person"], cursor: Point): void {
    const mark = this.#marks.get(key);
    if (mark === undefined) {
      const { element, arrow } = cursorElement(person);
      this.#root.append(element);
      this.#marks.set(key, { element, arrow, at: cursor, target: cursor, movedAt: performance.now(), person });
      return;
    }
    if (mark.target[0] !== cursor[0] || mark.target[1] !== cursor[1]) mark.movedAt = performance.now();
    mark.target = cursor;
  }

  #paint(camera: Camera, size: ViewSize): void {
    let moving = false;
    for (const mark of this.#marks.values()) {
      const [dx, dy] = [mark.target[0] - mark.at[0], mark.target[1] - mark.at[1]];
      const far = Math.hypot(dx, dy) * 2 ** camera.zoom > 0.5;
      mark.at = far ? [mark.at[0] + dx * EASE, mark.at[1] + dy * EASE] : mark.target;
      moving ||= far;
      showMark(mark, this.#view.toView(mark.at), size);
    }
    if (moving) requestAnimationFrame(() => this.#view.invalidate());
  }
}

/** Frames of others' views for the overview. */
export function otherViews(peers: readonly Peer[]): readonly OtherView[] {
  return peers.flatMap(({ person, viewport }) => (viewport === null ? [] : [{ colour: person.colour, box: viewport }]));
}

/** Where to stand to see what somebody sees, in a view of this size. */
export function cameraOn(viewport: NonNullable<Peer["viewport"]>, size: ViewSize): Camera {
  return {
    x: viewport.x + viewport.width / 2,
    y: viewport.y + viewport.height / 2,
    zoom: Math.log2(Math.min(size.width / Math.max(1, viewport.width), size.height / Math.max(1, viewport.height))),
  };
}

function showMark({ element, arrow, movedAt }: Mark, [x, y]: Point, { width, height }: ViewSize): void {
  const idle = performance.now() - movedAt;
  const away = x < 0 || y < 0 || x > width || y > height;
  const [left, top] = [clamp(x, EDGE_PX, width - EDGE_PX), clamp(y, EDGE_PX, height - EDGE_PX)];
  element.style.transform = away ? `translate3d(${left}px, ${top}px, 0)` : `translate3d(${x}px, ${y}px, 0)`;
  element.style.opacity = idle > HIDE_AFTER_MS ? "0" : idle > FADE_AFTER_MS || away ? "0.55" : "1";
  element.dataset["away"] = String(away);
  arrow.style.transform = away ? `rotate(${Math.atan2(y - top, x - left) + (3 * Math.PI) / 4}rad)` : "";
}

function cursorElement({ name, colour }: Peer["person"]): { element: HTMLElement; arrow: HTMLElement } {
  const element = document.createElement("div");
  element.dataset["testid"] = `cursor-${name}`;
  Object.assign(element.style, { position: "absolute", left: "0", top: "0", transition: "opacity 300ms" });
  const arrow = document.createElement("div");
  Object.assign(arrow.style, { width: "16px", height: "18px", transformOrigin: "0 0" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 18");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M1 1 L1 14.5 L4.6 11.4 L7 17 L9.6 15.9 L7.2 10.4 L12 10 Z");
  path.setAttribute("fill", colour);
  path.setAttribute("stroke", "#fff");
  path.setAttribute("stroke-width", "1.2");
  svg.append(path);
  arrow.append(svg);
  const tag = document.createElement("div");
  tag.textContent = name;
  Object.assign(tag.style, {
    position: "absolute",
    left: "11px",
    top: "16px",
    padding: "1px 6px",
    borderRadius: "5px",
    font: '500 11px/16px "Inter Variable", "Open Sans", sans-serif',
    whiteSpace: "nowrap",
    color: inkOn(colour),
    background: colour,
    boxShadow: "0 1px 3px rgb(0 0 0 / 35%)",
  });
  element.append(arrow, tag);
  return { element, arrow };
}

/** Black or white, whichever is read more easily on a colour. Source: WCAG 2.2, relative luminance. */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const channel = (start: number) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
