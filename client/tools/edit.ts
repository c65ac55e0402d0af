import type { Annotation, Geometry, Point } from "#domain/annotation.ts";
import {
  deleteVertex,
  geometryArea,
  insertVertex,
  moveVertex,
  nearestEdge,
  nearestVertex,
  type VertexAddress,
} from "#domain/geometry.ts";
import { normalise } from "#domain/overlay.ts";
import { smallestArea } from "./outline.ts";
import type { Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/** How near the pointer must be to a vertex or an edge, CSS px; a finger needs more. */
const VERTEX_REACH = 8;
const EDGE_REACH = 6;
const COARSE = 2;

type Grip = { readonly at: VertexAddress; readonly inserted: boolean; readonly point: Point };
type Drag = { readonly annotation: Annotation; readonly grip: Grip; shape: Geometry; moved: boolean };

/**
 * Changes the selected outline vertex by vertex: drag one; press on an edge to add one; Alt-click or Backspace takes the
 * one under the pointer away. A click elsewhere selects another outline.
 */
export function editTool(host: ToolHost): Tool {
  let drag: Drag | null = null;
  let under: Grip | null = null;

  const hover = (event: ToolPointer) => {
    const annotation = editable(host);
    under = annotation === null ? null : gripAt(host, annotation.geometry, event);
    host.hover(under === null ? (host.hits(event.at, 4)[0] ?? null) : null);
  };
  const remove = (annotation: Annotation, at: VertexAddress) => {
    under = null;
    store(host, annotation, deleteVertex(annotation.geometry, at));
  };
  const down = (event: ToolPointer): "pan" | undefined => {
    const annotation = editable(host);
    const grip = annotation === null ? null : gripAt(host, annotation.geometry, event);
    if (annotation === null || grip === null) return selectAt(host, event);
    if (event.alt && !grip.inserted) remove(annotation, grip.at);
    else drag = { annotation, grip, shape: withGrip(annotation.geometry, grip), moved: grip.inserted };
    return undefined;
  };
  const finish = () => {
    const done = drag;
    drag = null;
    if (done?.moved === true) store(host, done.annotation, done.shape);
  };

  return {
    name: "edit",
    cursor: "default",
    draws: true,
    exit: () => {
      drag = null;
      under = null;
      host.hover(null);
    },
    pointer: (event: ToolPointer) => {
      let answer: "pan" | undefined;
      if (event.kind === "hover") hover(event);
      else if (event.kind === "down") answer = down(event);
      else if (event.kind === "move" && drag !== null) {
        drag.shape = moveVertex(drag.shape, vertexOf(drag.grip), event.at);
        drag.moved = true;
      } else if (event.kind === "up") finish();
      else if (event.kind === "cancel") drag = null;
      host.repaint();
      return answer;
    },
    key: ({ key }: ToolKey) => {
      const annotation = editable(host);
      if (key === "Escape" && drag !== null) drag = null;
      else if (key === "Backspace" && annotation !== null && under !== null && !under.inserted) {
        remove(annotation, under.at);
      } else return false;
      host.repaint();
      return true;
    },
    sketch: () => editSketch(host, drag, under),
  };
}

/** The one outline that is selected, where it may be changed. */
function editable(host: ToolHost): Annotation | null {
  const [drawing, selection] = [host.drawing(), host.selection()];
  const [only] = selection;
  if (drawing === null || only === undefined || selection.length > 1 || only.layerId !== drawing.layerId) return null;
  return drawing.get(only.id) ?? null;
}

function selectAt(host: ToolHost, event: ToolPointer): "pan" | undefined {
  const [hit] = host.hits(event.at, 4);
  if (hit === undefined) return "pan";
  host.select([hit]);
  return undefined;
}

function gripAt(host: ToolHost, geometry: Geometry, { at, coarse }: ToolPointer): Grip | null {
  const reach = (coarse ? COARSE : 1) / host.scale();
  const vertex = nearestVertex(geometry, at);
  if (vertex !== null && vertex.distance <= VERTEX_REACH * reach) {
    return { at: vertex, inserted: false, point: vertex.point };
  }
  const edge = nearestEdge(geometry, at);
  if (edge === null || edge.distance > EDGE_REACH * reach) return null;
  return { at: edge, inserted: true, point: edge.point };
}

function withGrip(geometry: Geometry, { at, inserted, point }: Grip): Geometry {
  return inserted ? insertVertex(geometry, at, point) : geometry;
}

/** The vertex that a grip holds once its edge has been split. */
function vertexOf({ at, inserted }: Grip): VertexAddress {
  return inserted ? { ...at, index: at.index + 1 } : at;
}

function store(host: ToolHost, annotation: Annotation, shape: Geometry | null): void {
  const drawing = host.drawing();
  if (drawing === null) return;
  const valid = shape === null ? null : normalise(shape);
  const vanished = valid === null || (hasArea(valid) && geometryArea(valid) < smallestArea(host.scale()));
  if (vanished) host.say("That would leave nothing of the outline. Delete removes it.");
  else drawing.reshape([{ id: annotation.id, geometry: valid, from: annotation.geometry }]);
}

function hasArea(geometry: Geometry): boolean {
  return geometry.type === "polygon" || geometry.type === "multipolygon";
}

function editSketch(host: ToolHost, drag: Drag | null, under: Grip | null): Sketch {
  const annotation = drag?.annotation ?? editable(host);
  if (annotation === null) return {};
  const geometry = drag?.shape ?? annotation.geometry;
  const marked = drag === null ? under : { ...drag.grip, at: vertexOf(drag.grip), inserted: false };
  return {
    handles: handlesOf(geometry, marked),
    ...(drag === null
      ? {}
      : {
          shapes: [{ geometry, classId: host.classOf(annotation) }],
          hidden: [{ layerId: host.drawing()?.layerId ?? "", id: annotation.id }],
        }),
  };
}

function handlesOf(geometry: Geometry, marked: Grip | null): NonNullable<Sketch["handles"]> {
  const isMarked = (polygon: number, ring: number, index: number) =>
    marked !== null &&
    !marked.inserted &&
    marked.at.polygon === polygon &&
    marked.at.ring === ring &&
    marked.at.index === index;
  const handles = ringsOf(geometry).flatMap(({ polygon, ring, points }) =>
    points.map((at, index) => ({ at, marked: isMarked(polygon, ring, index) })),
  );
  return marked?.inserted === true ? [...handles, { at: marked.point, marked: true, ghost: true }] : handles;
}

type AddressedRing = { readonly polygon: number; readonly ring: number; readonly points: readonly Point[] };

function ringsOf(geometry: Geometry): readonly AddressedRing[] {
  if (geometry.type === "point") return [{ polygon: 0, ring: 0, points: [geometry.at] }];
  if (geometry.type === "line") return [{ polygon: 0, ring: 0, points: geometry.points }];
  const polygons = geometry.type === "polygon" ? [geometry.rings] : geometry.polygons;
  return polygons.flatMap((rings, polygon) => rings.map((points, ring) => ({ polygon, ring, points })));
}
