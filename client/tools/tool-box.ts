import { Pan, Pinch } from "#client/gestures.ts";
import type { SlideView } from "#client/slide-view.ts";
import { brushTool, eraserTool } from "./brush.ts";
import { editTool } from "./edit.ts";
import { freehandTool } from "./freehand.ts";
import { pointTool } from "./point.ts";
import { polygonTool } from "./polygon.ts";
import { rectangleTool } from "./rectangle.ts";
import { rulerTool } from "./ruler.ts";
import { selectTool } from "./select.ts";
import type { Sketch, Tool, ToolHost, ToolKey, ToolName, ToolPointer } from "./tool.ts";

/** Two presses within this time and distance are a double click, ms and CSS px. */
const DOUBLE_MS = 350;
const DOUBLE_PX = 6;

/**
 * Owns the pointer over the slide. The active tool gets it, save where the slide is moved: by the middle button, with
 * Space held, with two fingers, by the pan tool, and wherever the tool says that it has no use for the press.
 */
export class ToolBox {
  readonly #view: SlideView;
  readonly #tools: Readonly<Record<ToolName, Tool>>;
  readonly #pan: Pan;
  readonly #pinch: Pinch;
  readonly #abort = new AbortController();
  readonly #cursorMoved: (at: readonly [number, number] | null) => void;
  #active: Tool;
  #pressed = false;
  #spaceHeld = false;
  #lastPress = { at: 0, x: 0, y: 0 };

  /** @param cursorMoved is told where the pointer is over the slide, level-0 px */
  constructor(
    view: SlideView,
    host: ToolHost,
    cursorMoved: (at: readonly [number, number] | null) => void = () => undefined,
  ) {
    this.#view = view;
    this.#pan = new Pan(view);
    this.#pinch = new Pinch(view);
    this.#cursorMoved = cursorMoved;
    this.#tools = {
      pan: panTool(),
      select: selectTool(host),
      edit: editTool(host),
      polygon: polygonTool(host),
      freehand: freehandTool(host),
      brush: brushTool(host),
      eraser: eraserTool(host),
      rectangle: rectangleTool(host),
      point: pointTool(host),
      ruler: rulerTool(host),
    };
    this.#active = this.#tools.select;
    this.#listen();
    this.#showCursor();
  }

  get active(): Tool {
    return this.#active;
  }

  /** Whether a stroke is under way, between two corners of an outline too; nothing may be swapped under it. */
  get busy(): boolean {
    return this.#pressed || this.#active.unfinished?.() === true;
  }

  /** Whether a tool changes outlines, and is therefore of no use where nothing may be drawn. */
  draws(name: ToolName): boolean {
    return this.#tools[name].draws;
  }

  get sketch(): Sketch {
    return this.#active.sketch();
  }

  /** Makes another tool the active one; what was half drawn is given up. */
  use(name: ToolName): void {
    if (this.#active.name === name) return;
    this.#active.exit?.();
    this.#pressed = false;
    this.#active = this.#tools[name];
    this.#active.enter?.();
    this.#showCursor();
    this.#view.invalidate();
  }

  /** Offers a key to the active tool. @returns whether it was used */
  key(event: ToolKey): boolean {
    return this.#active.key(event);
  }

  /** Space is held: the next press moves the slide. */
  holdSpace(held: boolean): void {
    this.#spaceHeld = held;
    this.#showCursor();
  }

  close(): void {
    this.#abort.abort();
    this.#pan.stop();
    this.#active.exit?.();
  }

  #listen(): void {
    const { container } = this.#view;
    const { signal } = this.#abort;
    const on = (type: "pointerdown" | "pointermove" | "pointerup" | "pointercancel" | "pointerleave") =>
      container.addEventListener(type, this.#handlers[type], { signal });
    on("pointerdown");
    on("pointermove");
    on("pointerup");
    on("pointercancel");
    on("pointerleave");
    container.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    // Else a stroke would select the text around the slide, and the browser would take the pointer away for a drag.
    container.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    container.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
  }

  readonly #handlers = {
    pointerdown: (event: PointerEvent) => this.#down(event),
    pointermove: (event: PointerEvent) => this.#move(event),
    pointerup: (event: PointerEvent) => this.#up(event),
    pointercancel: (event: PointerEvent) => {
      this.#pinch.up(event);
      this.#giveUp(event);
    },
    pointerleave: (event: PointerEvent) => {
      this.#cursorMoved(null);
      if (!this.#pressed) this.#tell("leave", event);
    },
  };

  #down(event: PointerEvent): void {
    if (isControl(event.target)) return;
    this.#view.map.stop();
    this.#pan.stop();
    this.#view.container.focus({ preventScroll: true });
    this.#view.container.setPointerCapture(event.pointerId);
    this.#pinch.down(event);
    if (this.#pinch.active) this.#giveUp(event);
    else if (event.button === 1 || (event.button === 0 && this.#spaceHeld)) this.#beginPan(event);
    else if (event.button === 0) {
      this.#pressed = true;
      if (this.#tell("down", event) === "pan") this.#beginPan(event);
    }
  }

  #move(event: PointerEvent): void {
    this.#cursorMoved(this.#view.toSlide(event.clientX, event.clientY));
    this.#pinch.move(event);
    if (this.#pinch.active) return;
    if (this.#pan.active) this.#pan.move(event);
    else if (this.#pressed) {
      if (coalesced(event).some((each) => this.#tell("move", each) === "pan")) this.#beginPan(event);
    } else if (!isControl(event.target)) this.#tell("hover", event);
  }

  #up(event: PointerEvent): void {
    this.#pinch.up(event);
    if (this.#pan.active) {
      this.#pan.end(event);
      this.#showCursor();
      return;
    }
    if (!this.#pressed) return;
    this.#pressed = false;
    this.#tell("up", event);
    if (this.#isDouble(event)) this.#tell("double", event);
  }

  #beginPan(event: PointerEvent): void {
    this.#pressed = false;
    this.#pan.begin(event);
    this.#view.container.style.cursor = "grabbing";
  }

  #giveUp(event: PointerEvent): void {
    if (this.#pressed) this.#tell("cancel", event);
    this.#pressed = false;
    this.#pan.stop();
    this.#showCursor();
  }

  #isDouble(event: PointerEvent): boolean {
    const { at, x, y } = this.#lastPress;
    const double = event.timeStamp - at < DOUBLE_MS && Math.hypot(event.clientX - x, event.clientY - y) < DOUBLE_PX;
    this.#lastPress = { at: double ? 0 : event.timeStamp, x: event.clientX, y: event.clientY };
    return double;
  }

  #tell(kind: ToolPointer["kind"], event: PointerEvent): "pan" | undefined {
    return this.#active.pointer({
      kind,
      at: this.#view.toSlide(event.clientX, event.clientY),
      shift: event.shiftKey,
      alt: event.altKey,
      coarse: event.pointerType === "touch",
    });
  }

  #showCursor(): void {
    this.#view.container.style.cursor = this.#spaceHeld ? "grab" : this.#active.cursor;
  }
}

function panTool(): Tool {
  return {
    name: "pan",
    cursor: "grab",
    draws: false,
    pointer: ({ kind }) => (kind === "down" ? "pan" : undefined),
    key: () => false,
    sketch: () => ({}),
  };
}

/** Fast hands move farther between two frames than a stroke may be straight. */
function coalesced(event: PointerEvent): readonly PointerEvent[] {
  const events = event.getCoalescedEvents?.() ?? [];
  return events.length > 0 ? events : [event];
}

/** Panels that float over the slide keep their own pointer. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[data-over-slide]") !== null;
}
