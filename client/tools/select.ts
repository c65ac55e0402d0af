import type { Annotation, Point } from "#domain/annotation.ts";
import { bboxOf, geometryBbox, moveBy } from "#domain/geometry.ts";
import { normalise } from "#domain/overlay.ts";
import type { Hit, Pick, Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/** A press that moves less than this is a click, CSS px. */
const CLICK_SLACK = 4;
const REACH = 4;
const COARSE_REACH = 10;

type Gesture =
  | { readonly kind: "click"; readonly from: Point; readonly hits: readonly Hit[]; readonly shift: boolean }
  | { readonly kind: "move"; readonly from: Point; readonly held: readonly Annotation[]; to: Point }
  | { readonly kind: "box"; readonly from: Point; to: Point };

/**
 * Click selects the smallest outline under the pointer, again or Tab the next one under it; Shift-click adds or takes
 * away; Shift-drag selects by a box; a drag on what is selected moves it; Delete removes it. A drag elsewhere moves the slide.
 */
export function selectTool(host: ToolHost): Tool {
  let gesture: Gesture | null = null;
  let last: Point | null = null;

  const down = (event: ToolPointer): "pan" | undefined => {
    const hits = host.hits(event.at, event.coarse ? COARSE_REACH : REACH);
    if (hits.length === 0 && !event.shift) {
      host.select([]);
      return "pan";
    }
    gesture = { kind: "click", from: event.at, hits, shift: event.shift };
    return undefined;
  };
  const move = ({ at }: ToolPointer): "pan" | undefined => {
    if (gesture?.kind === "click" && isDrag(host, gesture.from, at)) gesture = dragged(host, gesture, at);
    if (gesture === null) return "pan";
    if (gesture.kind !== "click") gesture.to = at;
    return undefined;
  };
  const up = () => {
    const done = gesture;
    gesture = null;
    if (done?.kind === "click") {
      clicked(host, done);
      last = done.from;
    } else if (done?.kind === "box") selectBox(host, done.from, done.to);
    else if (done?.kind === "move") moveAll(host, done.held, done.from, done.to);
  };

  return {
    name: "select",
    cursor: "default",
    draws: false,
    exit: () => {
      gesture = null;
      host.hover(null);
    },
    pointer: (event: ToolPointer) => {
      let answer: "pan" | undefined;
      if (event.kind === "hover") host.hover(host.hits(event.at, REACH)[0] ?? null);
      else if (event.kind === "leave") host.hover(null);
      else if (event.kind === "down") answer = down(event);
      else if (event.kind === "move") answer = move(event);
      else if (event.kind === "up") up();
      else if (event.kind === "cancel") gesture = null;
      host.repaint();
      return answer;
    },
    key: ({ key, shift }: ToolKey) => {
      if (key === "Escape" && gesture !== null) gesture = null;
      else if (key === "Tab" && last !== null) return cycle(host, last, shift);
      else return false;
      host.repaint();
      return true;
    },
    sketch: () => selectSketch(host, gesture),
  };
}

function isDrag(host: ToolHost, from: Point, at: Point): boolean {
  return Math.hypot(at[0] - from[0], at[1] - from[1]) * host.scale() >= CLICK_SLACK;
}

/** What a press becomes once it moves: a move of the selected, a box, or null for a move of the slide. */
function dragged(host: ToolHost, press: Gesture & { kind: "click" }, at: Point): Gesture | null {
  if (press.shift) return { kind: "box", from: press.from, to: at };
  const drawing = host.drawing();
  const onSelected = press.hits.some((hit) => includes(host.selection(), hit));
  if (drawing === null || !onSelected) return null;
  const held = host
    .selection()
    .filter(({ layerId }) => layerId === drawing.layerId)
    .flatMap(({ id }) => drawing.get(id) ?? []);
  return held.length === 0 ? null : { kind: "move", from: press.from, held, to: at };
}

function clicked(host: ToolHost, { hits, shift }: Gesture & { kind: "click" }): void {
  const selection = host.selection();
  const [first] = hits;
  if (first === undefined) return;
  if (shift) {
    host.select(includes(selection, first) ? selection.filter((each) => !same(each, first)) : [...selection, first]);
    return;
  }
  const at = selection.length === 1 ? hits.findIndex((hit) => includes(selection, hit)) : -1;
  const next = hits[(at + 1) % hits.length];
  host.select([next ?? first]);
}

/** The next outline under the last click. */
function cycle(host: ToolHost, at: Point, backwards: boolean): boolean {
  const hits = host.hits(at, REACH);
  if (hits.length < 2) return false;
  const selection = host.selection();
  const index = hits.findIndex((hit) => includes(selection, hit));
  const next = hits[(index + (backwards ? hits.length - 1 : 1)) % hits.length];
  if (next !== undefined) host.select([next]);
  return true;
}

function selectBox(host: ToolHost, from: Point, to: Point): void {
  const box = bboxOf([from, to]);
  const inside = host.visibleIn(box).filter(({ annotation }) => {
    const { minX, minY, maxX, maxY } = geometryBbox(annotation.geometry);
    return minX >= box.minX && minY >= box.minY && maxX <= box.maxX && maxY <= box.maxY;
  });
  host.select([...host.selection(), ...inside.filter((hit) => !includes(host.selection(), hit))]);
}

function moveAll(host: ToolHost, held: readonly Annotation[], [x, y]: Point, [toX, toY]: Point): void {
  const drawing = host.drawing();
  if (drawing === null) return;
  const changes = held.flatMap(({ id }) => {
    const now = drawing.get(id);
    const geometry = now === undefined ? null : normalise(moveBy(now.geometry, toX - x, toY - y));
    return geometry === null ? [] : [{ id, geometry }];
  });
  if (changes.length > 0) drawing.replace(changes);
}

function selectSketch(host: ToolHost, gesture: Gesture | null): Sketch {
  if (gesture?.kind === "box") {
    const { minX, minY, maxX, maxY } = bboxOf([gesture.from, gesture.to]);
    const points: readonly Point[] = [
      [minX, minY],
      [maxX, minY],
      [maxX, maxY],
      [minX, maxY],
    ];
    return { paths: [{ points, closed: true, look: "guide", filled: true, width: 1 }] };
  }
  if (gesture?.kind !== "move") return {};
  const [dx, dy] = [gesture.to[0] - gesture.from[0], gesture.to[1] - gesture.from[1]];
  const layerId = host.drawing()?.layerId ?? "";
  return {
    shapes: gesture.held.map((each) => ({
      geometry: moveBy(each.geometry, dx, dy),
      classId: host.classOf(each),
    })),
    hidden: gesture.held.map(({ id }) => ({ layerId, id })),
  };
}

function same(a: Pick, b: Pick): boolean {
  return a.id === b.id && a.layerId === b.layerId;
}

function includes(picks: readonly Pick[], pick: Pick): boolean {
  return picks.some((each) => same(each, pick));
}
