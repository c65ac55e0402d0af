import type { Annotation, Bbox, Geometry, Point } from "#domain/annotation.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { AnnotationId, AttributeId, ClassId } from "#domain/ids.ts";
import type { SlideLevel } from "#domain/slide.ts";
import { AnnotationPainter } from "./annotation-painter.ts";
import { type Guideline, guidelineOf, type Standing } from "./class-standing.ts";
import { type Editing, keptOnSlide } from "./drawing.ts";
import { type Exception, type ExceptionOf, exceptionsOf } from "./exceptions.ts";
import { wheelZoom } from "./gestures.ts";
import { LiveCanvas, type LiveState } from "./live-canvas.ts";
import { PresenceLayer } from "./presence.ts";
import { Scene } from "./scene.ts";
import { SlideLayer } from "./slide-layer.ts";
import { SlideView } from "./slide-view.ts";
import { createToolStore, type ToolStore } from "./tool-state.ts";
import type { Drawing, Hit, Pick, ToolHost, ToolName } from "./tools/tool.ts";
import { ToolBox } from "./tools/tool-box.ts";

export type WorkbenchSlide = {
  readonly width: number;
  readonly height: number;
  readonly mpp: number | null;
  readonly objective: number | null;
  readonly levels: readonly SlideLevel[];
  readonly tileUrl: string;
  readonly thumbnailUrl: string;
};

export type WorkbenchOptions = {
  readonly container: HTMLElement;
  readonly slide: WorkbenchSlide;
  readonly guideline: readonly GuidelineVersion[];
  /** Where the pointer is, level-0 px, for the others to see. */
  readonly onCursor?: (at: readonly [number, number] | null) => void;
  /** How many tiles in view are still to come. */
  readonly onLoading?: (waiting: number) => void;
};

/**
 * Everything on one slide in one browser: camera, pixels, outlines, tools. What is drawn in is handed in by `setEditing`;
 * where outlines come from is no business of this class.
 */
export class Workbench {
  readonly view: SlideView;
  readonly scene = new Scene();
  readonly store: ToolStore;
  readonly painter: AnnotationPainter;
  readonly presence: PresenceLayer;
  readonly tools: ToolBox;
  readonly #slide: WorkbenchSlide;
  readonly #closers: (() => void)[];
  readonly #pixels: SlideLayer;
  #guideline: Guideline;
  #exceptionOf: ExceptionOf = () => null;
  #editing: Editing | null = null;
  #wanted: Editing | null = null;
  #paused = false;
  #isClosed = false;
  #drawing: Drawing | null = null;

  constructor({ container, slide, guideline, onCursor, onLoading }: WorkbenchOptions) {
    this.#slide = slide;
    this.#guideline = guidelineOf(guideline);
    this.store = createToolStore({ classId: this.#guideline.palette[0]?.id ?? null });
    this.view = new SlideView(container, slide);
    this.#pixels = new SlideLayer(this.view, slide, onLoading);
    this.painter = new AnnotationPainter(this.view, this.scene, (...of) => this.#painted(...of));
    const live = new LiveCanvas(this.view, () => this.#liveState());
    this.presence = new PresenceLayer(this.view);
    this.tools = new ToolBox(this.view, this.#host(), onCursor);
    const stopWheel = wheelZoom(this.view);
    const stopStore = this.store.subscribe((now, before) => this.#chosen(now, before));
    this.#closers = [
      stopStore,
      stopWheel,
      () => this.tools.close(),
      () => this.presence.close(),
      () => live.close(),
      () => this.painter.close(),
      () => this.#pixels.close(),
      () => this.view.close(),
    ];
  }

  get slide(): WorkbenchSlide {
    return this.#slide;
  }

  get guideline(): Guideline {
    return this.#guideline;
  }

  get editing(): Editing | null {
    return this.#editing;
  }

  /** The layer that is drawn in from now on; null where nothing may be drawn. */
  setEditing(editing: Editing | null): void {
    this.#wanted = editing;
    this.#take(this.#paused ? null : editing);
  }

  /** Nothing is drawn until this is taken back. A stroke under way ends first. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#whenIdle(() => this.#take(this.#paused ? null : this.#wanted));
  }

  #take(editing: Editing | null): void {
    if (editing === this.#editing) return;
    this.#editing = editing;
    this.#drawing = editing && this.#noted(keptOnSlide(editing, this.#slide));
    this.store.setState({ drawingLayerId: editing?.layerId ?? null, drawn: null });
    if (editing === null && this.tools.active.draws) this.store.setState({ tool: "select" });
    this.view.invalidate();
  }

  /** Puts another guideline in force. A stroke under way ends under the one that it began under. */
  setGuideline(versions: readonly GuidelineVersion[], published: readonly GuidelineVersion[]): void {
    this.#whenIdle(() => this.#takeGuideline(guidelineOf(versions, published)));
  }

  #takeGuideline(guideline: Guideline): void {
    this.#guideline = guideline;
    this.painter.invalidate();
    const { classId } = this.store.getState();
    const still = this.#guideline.palette.some(({ id }) => id === classId);
    if (!still) this.store.setState({ classId: this.#guideline.palette[0]?.id ?? null });
  }

  standingOf(annotation: { readonly classId: ClassId; readonly under: number }): Standing {
    return this.#guideline.standingOf(annotation);
  }

  /** What is excused from being looked at again, from now on. */
  setExceptions(waivers: readonly Exception[]): void {
    this.#exceptionOf = exceptionsOf(waivers);
    this.painter.invalidate();
  }

  /** The waiver that excuses an outline from being looked at again; null where nothing has to be, or nothing does. */
  exceptionOf(layerId: string, annotation: Annotation): Exception | null {
    return this.#exceptionOf(layerId, annotation, this.standingOf(annotation));
  }

  /** What is excused is no work, and does not look like it. */
  #painted(annotation: Annotation, layerId: string): Standing {
    const standing = this.standingOf(annotation);
    const isWork = standing.state !== "stale" || this.#exceptionOf(layerId, annotation, standing) === null;
    return isWork ? standing : { ...standing, state: "carried-over" };
  }

  /** The outlines of the selection that are still there. */
  selected(): readonly { readonly layerId: string; readonly annotation: Annotation }[] {
    return this.store.getState().selection.flatMap(({ layerId, id }) => {
      const shape = this.scene.layer(layerId)?.shapes.get(id);
      return shape === undefined ? [] : [{ layerId, annotation: shape.annotation }];
    });
  }

  /** Chooses the class to draw, and gives it to the selected outlines of the drawing layer. */
  chooseClass(classId: ClassId): void {
    const editing = this.#editing;
    const ids = this.#ownSelection();
    this.store.setState({ classId });
    if (editing !== null && ids.length > 0) editing.reclass(ids, classId);
  }

  deleteSelection(): void {
    const ids = this.#ownSelection();
    if (this.#editing === null || ids.length === 0) return;
    this.#editing.remove(ids);
    this.store.setState({ selection: [] });
  }

  /**
   * Says something about outlines of the drawing layer.
   * @param value as it counts today, in today's unit; null takes back what is there
   */
  say(ids: readonly AnnotationId[], attributeId: AttributeId, value: string | null): void {
    const editing = this.#editing;
    const said = ids.flatMap((id) => {
      const annotation = editing?.get(id);
      if (annotation === undefined) return [];
      const stored = value === null ? null : this.#guideline.storedFor(annotation, attributeId, value);
      return stored === (annotation.attributes[attributeId] ?? null) ? [] : [{ id, attributeId, value: stored }];
    });
    if (said.length > 0) editing?.say(said);
  }

  /** Makes a hidden layer visible again. */
  show(layerId: string): void {
    const { hiddenLayerIds } = this.store.getState();
    if (!hiddenLayerIds.has(layerId)) return;
    this.store.setState({ hiddenLayerIds: new Set([...hiddenLayerIds].filter((id) => id !== layerId)) });
  }

  /** Flies to an outline and selects it. @returns whether it is there */
  focus(layerId: string, id: AnnotationId, maxZoom = 0.5): boolean {
    const shape = this.scene.layer(layerId)?.shapes.get(id);
    if (shape === undefined) return false;
    this.show(layerId);
    this.store.setState({ selection: [{ layerId, id }] });
    this.view.flyToBox(shape.bbox, maxZoom);
    return true;
  }

  /** Shows a region at once, with the outline there and room around it, and selects that where it is already drawn. */
  jump(layerId: string, id: AnnotationId, box: Bbox, maxZoom = 0): void {
    const shape = this.scene.layer(layerId)?.shapes.get(id);
    this.show(layerId);
    this.store.setState({ selection: shape === undefined ? [] : [{ layerId, id }] });
    this.view.setCamera(this.view.cameraFor(shape === undefined ? box : around(box, shape.bbox), maxZoom));
  }

  /** Selects outlines of a layer, as far as they are drawn already, without moving. */
  select(layerId: string, ids: readonly AnnotationId[]): void {
    const shapes = this.scene.layer(layerId)?.shapes;
    this.store.setState({ selection: ids.filter((id) => shapes?.has(id) === true).map((id) => ({ layerId, id })) });
  }

  /** Regions that will be looked at next, the sooner first: their pixels are fetched ahead. */
  expect(boxes: readonly Bbox[], maxZoom = 0): void {
    this.#pixels.expect(boxes.map((box) => this.view.cameraFor(box, maxZoom)));
  }

  /** The scene has changed: paints, and forgets what is no longer there. */
  sceneChanged(): void {
    const { selection, hovered, drawn } = this.store.getState();
    const there = (pick: Pick) => this.scene.layer(pick.layerId)?.shapes.has(pick.id) === true;
    if (drawn !== null && !there(drawn)) this.store.setState({ drawn: null });
    if (!selection.every(there)) this.store.setState({ selection: selection.filter(there) });
    if (hovered !== null && !there(hovered)) this.store.setState({ hovered: null });
    this.painter.invalidate();
  }

  close(): void {
    this.#isClosed = true;
    for (const close of this.#closers) close();
  }

  /** Now, or as soon as the stroke under way has ended. */
  #whenIdle(work: () => void): void {
    if (this.#isClosed) return;
    if (this.tools.busy) requestAnimationFrame(() => this.#whenIdle(work));
    else work();
  }

  /** What is in the layer at hand is meant before what others drew. */
  #hits(at: Point, reachPx: number): readonly Hit[] {
    if (!this.store.getState().outlinesVisible) return [];
    const hits = this.scene.hits(at, reachPx);
    const own = (hit: Hit) => hit.layerId === this.#editing?.layerId || this.scene.layer(hit.layerId)?.look === "own";
    return [...hits.filter(own), ...hits.filter((hit) => !own(hit))];
  }

  #ownSelection(): readonly AnnotationId[] {
    const layerId = this.#editing?.layerId;
    return this.store
      .getState()
      .selection.filter((pick) => pick.layerId === layerId)
      .map(({ id }) => id);
  }

  /** The same drawing, which remembers what was drawn last. */
  #noted(drawing: Drawing): Drawing {
    return {
      ...drawing,
      add: (geometry, classId) => {
        const id = drawing.add(geometry, classId);
        this.store.setState({ drawn: id === null ? null : { layerId: drawing.layerId, id } });
        return id;
      },
    };
  }

  #chosen(now: ReturnType<ToolStore["getState"]>, before: ReturnType<ToolStore["getState"]>): void {
    if (now.selection !== before.selection && now.selection.length > 0) this.store.setState({ drawn: null });
    if (now.tool !== before.tool) this.#takeTool(now.tool);
    if (now.hiddenLayerIds !== before.hiddenLayerIds) {
      for (const layer of this.scene.layers) layer.visible = !now.hiddenLayerIds.has(layer.id);
      this.painter.invalidate();
    }
    this.painter.setOptions({
      visible: now.outlinesVisible,
      filled: now.filled,
      fillOpacity: now.fillOpacity,
    });
    this.view.invalidate();
  }

  /** What starts an outline of its own lets go of the selection, so that a class key then means the next outline. */
  #takeTool(tool: ToolName): void {
    this.tools.use(tool);
    const startsNew = tool === "polygon" || tool === "freehand" || tool === "rectangle" || tool === "point";
    if (startsNew && this.store.getState().selection.length > 0) this.store.setState({ selection: [] });
  }

  #liveState(): LiveState {
    const { hovered, classId } = this.store.getState();
    const sketch = this.tools.sketch;
    this.painter.setHidden(sketch.hidden ?? []);
    const hover = hovered === null ? undefined : this.scene.layer(hovered.layerId)?.shapes.get(hovered.id);
    return {
      selected: this.selected().map(({ annotation }) => annotation),
      hovered: hover?.annotation ?? null,
      sketch,
      colour: this.#colourOf(classId),
      colourOf: (annotation) => this.standingOf(annotation).colour,
      colourOfClass: (id) => this.#colourOf(id),
    };
  }

  #colourOf(classId: ClassId | null): string {
    return (classId === null ? undefined : this.#guideline.byId.get(classId)?.colour) ?? "#ffffff";
  }

  #host(): ToolHost {
    const { view, scene, store } = this;
    return {
      scale: () => view.scale,
      mpp: () => this.#slide.mpp,
      drawing: () => this.#drawing,
      classId: () => store.getState().classId,
      allows: (classId, type) => allows(this.#guideline, classId, type),
      classOf: (annotation) => this.standingOf(annotation).classId,
      brushRadius: () => store.getState().brushRadius,
      hits: (at, tolerance) => this.#hits(at, tolerance / view.scale),
      visibleIn: (box) => scene.visibleIn(box),
      selection: () => store.getState().selection,
      select: (picks) => store.setState({ selection: picks.map(({ layerId, id }) => ({ layerId, id })) }),
      hover: (hit) => {
        const { hovered } = store.getState();
        if (hovered?.id === hit?.id) return;
        store.setState({ hovered: hit === null ? null : { layerId: hit.layerId, id: hit.id } });
        view.invalidate();
      },
      repaint: () => view.invalidate(),
      say: (text) => store.setState({ message: { text } }),
    };
  }
}

function around(a: Bbox, b: Bbox): Bbox {
  return {
    minX: Math.min(a.minX, b.minX),
    minY: Math.min(a.minY, b.minY),
    maxX: Math.max(a.maxX, b.maxX),
    maxY: Math.max(a.maxY, b.maxY),
  };
}

function allows(guideline: Guideline, classId: ClassId, type: Geometry["type"]): boolean {
  const kind = type === "multipolygon" ? "polygon" : type;
  return guideline.byId.get(classId)?.geometry.includes(kind) ?? false;
}
