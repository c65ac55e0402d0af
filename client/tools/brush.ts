import type { Annotation, Point, Polygon } from "#domain/annotation.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { normaliseAll } from "#domain/overlay.ts";
import { addOutline, brushedArea, cut, grown, lengthText, metBy, strokeTarget } from "./outline.ts";
import type { Drawing, Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/**
 * Paints area. A stroke that meets the selected outline, or one of the same class, becomes part of it; any other stroke
 * is a new outline. With Alt held it cuts, as the eraser does; with Shift a stroke apart joins the selected outline too.
 */
export function brushTool(host: ToolHost): Tool {
  return strokeTool(host, "brush");
}

/** Cuts area from the selected outline, or from those of the active class that the stroke meets, or from what it began in. */
export function eraserTool(host: ToolHost): Tool {
  return strokeTool(host, "eraser");
}

type Stroke = { readonly points: Point[]; readonly cuts: boolean; readonly joins: boolean; readonly radiusPx: number };

function strokeTool(host: ToolHost, name: "brush" | "eraser"): Tool {
  let stroke: Stroke | null = null;
  let cursor: Point | null = null;
  let alt = false;

  const finish = () => {
    const done = stroke;
    stroke = null;
    const drawing = host.drawing();
    if (done === null || drawing === null) return;
    const area = brushedArea(done.points, done.radiusPx, host.scale());
    if (area.length === 0) return;
    if (done.cuts) erase(host, drawing, area, done);
    else paint(host, drawing, area, done);
  };

  return {
    name,
    cursor: "none",
    draws: true,
    exit: () => {
      stroke = null;
      cursor = null;
    },
    pointer: (event: ToolPointer) => {
      cursor = event.kind === "leave" ? null : event.at;
      alt = event.alt;
      if (event.kind === "down") stroke = begin(host, name, event);
      else if (event.kind === "move") stroke?.points.push(event.at);
      else if (event.kind === "up") finish();
      else if (event.kind === "cancel") stroke = null;
      host.repaint();
      return undefined;
    },
    key: ({ key }: ToolKey) => {
      if (key !== "Escape" || stroke === null) return false;
      stroke = null;
      host.repaint();
      return true;
    },
    sketch: () => strokeSketch(host, stroke, cursor, stroke?.cuts ?? (name === "eraser" || alt)),
  };
}

function begin(host: ToolHost, name: "brush" | "eraser", { at, alt, shift }: ToolPointer): Stroke {
  return {
    points: [at],
    cuts: name === "eraser" || alt,
    joins: shift,
    radiusPx: host.brushRadius() / host.scale(),
  };
}

function strokeSketch(host: ToolHost, stroke: Stroke | null, cursor: Point | null, cuts: boolean): Sketch {
  const look = cuts ? "cut" : "class";
  const label = lengthText((2 * host.brushRadius()) / host.scale(), host.mpp());
  return {
    ...(stroke === null
      ? {}
      : { paths: [{ points: stroke.points, closed: false, look, width: stroke.radiusPx * host.scale() * 2 }] }),
    ...(cursor === null ? {} : { ring: { at: cursor, radius: host.brushRadius(), look, label } }),
  };
}

function paint(host: ToolHost, drawing: Drawing, area: readonly Polygon[], { points, joins }: Stroke): void {
  const selected = selectedIn(host, drawing);
  const [start = [0, 0]] = points;
  const wanted = { selected: [] as readonly AnnotationId[], classId: host.classId(), classOf: host.classOf, start };
  const ofClass = selected.filter((each) => joins || host.classOf(each) === wanted.classId);
  const target =
    (joins ? ofClass[0] : undefined) ??
    strokeTarget(drawing, area, { ...wanted, selected: ofClass.map(({ id }) => id) });
  if (target === null || target === undefined) {
    const geometry = normaliseAll(area);
    if (geometry !== null) addOutline(host, geometry);
    return;
  }
  const geometry = grown(target.geometry, area);
  if (geometry !== null) drawing.reshape([{ id: target.id, geometry, from: target.geometry }]);
}

function erase(host: ToolHost, drawing: Drawing, area: readonly Polygon[], { points }: Stroke): void {
  const [start = [0, 0]] = points;
  const target = strokeTarget(drawing, area, {
    selected: selectedIn(host, drawing).map(({ id }) => id),
    classId: host.classId(),
    classOf: host.classOf,
    start,
  });
  const targets = target === null ? metBy(drawing, area).slice(0, 1) : [target];
  for (const each of targets) {
    const geometry = cut(each.geometry, area, host.scale());
    if (geometry === null) drawing.remove([each.id]);
    else drawing.reshape([{ id: each.id, geometry, from: each.geometry }]);
  }
}

function selectedIn(host: ToolHost, drawing: Drawing): readonly Annotation[] {
  return host
    .selection()
    .filter(({ layerId }) => layerId === drawing.layerId)
    .flatMap(({ id }) => drawing.get(id) ?? []);
}
