import { createStore, type StoreApi } from "zustand/vanilla";
import type { Annotation } from "#domain/annotation.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { type ClassId, layerId as layerIdSchema, personId } from "#domain/ids.ts";
import { checkOutline, type Finding } from "#domain/quality.ts";
import { micronPerPx } from "#domain/units.ts";
import type { Layer, SlideView as SlideAnswer } from "./answers.ts";
import { inForce } from "./class-standing.ts";
import { type Editing, editingOf } from "./drawing.ts";
import { joinLayer, type LiveLayer } from "./live-layer.ts";
import type { LiveStatus } from "./live-status.ts";
import type { Peer } from "./presence.ts";
import { Sandbox } from "./sandbox.ts";
import type { LayerLook, SceneLayer } from "./scene.ts";
import type { Screening } from "./screening.ts";
import { sayRecovered, sayRenewed } from "./session-words.ts";
import type { Camera } from "./slide-view.ts";
import { Workbench } from "./workbench.ts";

/** What the page shows beside the slide and that changes by itself. */
export type SessionState = {
  /** Layers this person may see, as the API last listed them. */
  readonly layers: readonly Layer[];
  /** How the layer that is drawn in stands; null where there is none. */
  readonly status: LiveStatus | null;
  /** Own changes that are not durable yet, in all layers. */
  readonly waiting: number;
  /** One for each other person here. */
  readonly peers: readonly Peer[];
  /** Counts changes of outlines, so that lists know when to look again. */
  readonly revision: number;
  /** Number of the guideline version in force where is drawn; 0 before the first. */
  readonly guidelineNumber: number;
  /** Number of a guideline version that came into force while the page was open, until it is dismissed. */
  readonly newGuideline: number | null;
  /** Tiles in view still to come. */
  readonly loading: number;
  /** A shape is being drawn that is handed over as an answer. */
  readonly sandboxed: boolean;
  /** Where the person's looking is recorded; null where it is not. */
  readonly screening: Screening | null;
};

type Joined = {
  readonly link: LiveLayer;
  readonly scene: SceneLayer;
  editing: Editing;
  readonly stop: () => void;
};

/** A change of this many outlines at once is taken in as a whole. */
const BULK = 400;

/** A person's visit to one slide: the workbench, the layers it shows with their rooms, and who else is there. */
export class SlideSession {
  readonly workbench: Workbench;
  readonly state: StoreApi<SessionState>;
  readonly slideId: string;
  readonly me: SlideAnswer["me"];
  readonly slide: SlideAnswer["slide"];
  readonly #joined = new Map<string, Joined>();
  readonly #stops: (() => void)[];
  /** What counts where is drawn, and all there is. */
  #versions: readonly GuidelineVersion[];
  #published: readonly GuidelineVersion[];
  #wanted: string | null = null;
  #sandbox: Sandbox | null = null;
  #frame = 0;
  #recovered = 0;

  constructor(container: HTMLElement, answer: SlideAnswer) {
    this.me = answer.me;
    this.slide = answer.slide;
    this.slideId = answer.slide.id;
    this.#published = answer.guideline;
    this.#versions = answer.guideline;
    this.state = createStore<SessionState>(() => ({
      layers: [],
      status: null,
      waiting: 0,
      peers: [],
      revision: 0,
      guidelineNumber: answer.guideline.at(-1)?.number ?? 0,
      newGuideline: null,
      loading: 0,
      sandboxed: false,
      screening: null,
    }));
    this.workbench = new Workbench({
      container,
      slide: { ...answer.slide, levels: answer.levels, tileUrl: answer.tileUrl },
      guideline: answer.guideline,
      onCursor: (at) => this.#shown()?.setCursor(at),
      onLoading: (loading) => {
        container.dataset["loading"] = String(loading);
        if (loading !== this.state.getState().loading) this.state.setState({ loading });
      },
    });
    this.workbench.setExceptions(answer.waivers);
    this.#stops = [this.workbench.view.watch((camera) => this.#showViewport(camera))];
    this.#takeLayers(answer.layers);
  }

  /** The guideline's history as far as it counts where is drawn, oldest first. */
  get versions(): readonly GuidelineVersion[] {
    return this.#versions;
  }

  /** Draws in this layer from now on, where that is allowed; otherwise only looks. */
  drawIn(layerId: string): void {
    this.#shown()?.setCursor(null);
    this.#shown()?.setViewport(null);
    this.#wanted = layerId;
    for (const { scene } of this.#joined.values()) scene.look = this.#lookOf(scene.id);
    this.workbench.scene.raise(layerId);
    this.workbench.store.setState({ selection: [] });
    this.workbench.show(layerId);
    this.#takeGuideline();
    this.#settle();
    this.#showViewport(this.workbench.view.camera);
  }

  /** The layer that is drawn in, or would be if it were not locked. */
  get drawingLayer(): Layer | null {
    return this.state.getState().layers.find(({ id }) => id === this.#wanted) ?? null;
  }

  /** How many entries of the layer at hand this code cannot read. */
  unreadable(): number {
    const current = this.#current();
    return current === null ? 0 : current.link.layerDoc.size - current.scene.shapes.size;
  }

  link(layerId: string): LiveLayer | null {
    return this.#joined.get(layerId)?.link ?? null;
  }

  undo(): void {
    this.#undoable()?.undo();
  }

  redo(): void {
    this.#undoable()?.redo();
  }

  /** Gives up own changes of a layer that the server does not take, and fetches what it has. */
  async giveUp(layerId: string): Promise<void> {
    const joined = this.#joined.get(layerId);
    const layer = this.state.getState().layers.find(({ id }) => id === layerId);
    if (joined === undefined || layer === undefined) return;
    await joined.link.discardUnsaved();
    this.workbench.setEditing(null);
    this.#drop(layerId, joined);
    this.#joined.set(layerId, this.#join(layer));
    this.workbench.scene.raise(this.#wanted ?? layerId);
    this.#settle();
    this.#outlinesChanged();
  }

  /** Draws a shape to hand over as an answer; what is drawn in otherwise rests until `closeSandbox`. */
  openSandbox(start: readonly Annotation[], classId: ClassId): Sandbox {
    this.closeSandbox();
    const changed = () => this.state.setState(({ revision }) => ({ revision: revision + 1 }));
    const shapes = start.map((each) => ({ ...each, classId }));
    return this.#takeSandbox(new Sandbox(this.workbench, shapes, classId, changed));
  }

  /** Draws beside the data: outlines of any class, handed to `changed` after each stroke and kept by whoever takes them. */
  openTrial(start: readonly Annotation[], changed: (outlines: readonly Annotation[]) => void): Sandbox {
    this.closeSandbox();
    const classId = this.workbench.guideline.palette[0]?.id ?? null;
    const sandbox: Sandbox = new Sandbox(this.workbench, start, classId, () => {
      this.state.setState(({ revision }) => ({ revision: revision + 1 }));
      changed(sandbox.outlines());
    });
    this.workbench.store.setState({ selection: [], tool: "select" });
    return this.#takeSandbox(sandbox);
  }

  #takeSandbox(sandbox: Sandbox): Sandbox {
    this.#sandbox = sandbox;
    this.state.setState({ sandboxed: true });
    return sandbox;
  }

  closeSandbox(): void {
    if (this.#sandbox === null) return;
    this.#sandbox.close();
    this.#sandbox = null;
    this.state.setState({ sandboxed: false });
    this.#settle();
  }

  /** Takes in what the API says now: layers that came or went, locks, waivers, and a guideline published meanwhile. */
  update(answer: SlideAnswer): void {
    const before = this.state.getState().guidelineNumber;
    this.#published = answer.guideline;
    this.workbench.setExceptions(answer.waivers);
    this.#takeLayers(answer.layers);
    const { guidelineNumber: now } = this.state.getState();
    if (now > before) this.state.setState({ newGuideline: now });
  }

  /** Goes by the versions that count in the layer that is drawn in. */
  #takeGuideline(): void {
    const versions = inForce(this.#published, this.drawingLayer);
    const guidelineNumber = versions.at(-1)?.number ?? 0;
    if (guidelineNumber === this.state.getState().guidelineNumber) return;
    this.#versions = versions;
    this.workbench.setGuideline(versions, this.#published);
    this.state.setState({ guidelineNumber });
  }

  /** What the quality rules say about an outline; its neighbours in the same layer count where `neighbours` is set. */
  findings(layerId: string, annotation: Annotation, { neighbours = false } = {}): readonly Finding[] {
    const { guideline, scene } = this.workbench;
    const { classId } = guideline.standingOf(annotation);
    const classDefinition = guideline.checked.get(classId);
    if (classDefinition === undefined) return [];
    const layer = scene.layer(layerId);
    const shape = layer?.shapes.get(annotation.id);
    const near = neighbours && layer !== undefined && shape !== undefined ? layer.search(shape.bbox) : [];
    return checkOutline(
      { ...annotation, classId },
      {
        classDefinition,
        mpp: this.slide.mpp === null ? null : micronPerPx(this.slide.mpp),
        slide: this.slide,
        neighbours: near.map(({ annotation: other }) => ({ ...other, classId: guideline.standingOf(other).classId })),
      },
    );
  }

  /** Resolves once the layer's whole stored document is here. */
  async synced(layerId: string): Promise<void> {
    const link = this.#joined.get(layerId)?.link;
    if (link === undefined || link.status.synced) return;
    await new Promise<void>((resolve) => {
      const stop = link.subscribe(() => {
        if (!link.status.synced) return;
        stop();
        resolve();
      });
    });
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stops) stop();
    this.#sandbox = null;
    for (const joined of this.#joined.values()) leave(joined);
    this.#joined.clear();
    this.workbench.close();
  }

  #takeLayers(layers: readonly Layer[]): void {
    this.state.setState({ layers });
    const listed = new Set(layers.map(({ id }) => id));
    for (const [id, joined] of this.#joined) if (!listed.has(id)) this.#drop(id, joined);
    for (const layer of layers) if (!this.#joined.has(layer.id)) this.#joined.set(layer.id, this.#join(layer));
    if (this.#wanted !== null && !listed.has(this.#wanted)) this.#wanted = null;
    if (this.#wanted !== null) this.workbench.scene.raise(this.#wanted);
    this.#takeGuideline();
    this.#settle();
    this.#outlinesChanged();
  }

  #drop(id: string, joined: Joined): void {
    leave(joined);
    this.#joined.delete(id);
    this.workbench.scene.remove(id);
  }

  /** What undo works on; nothing in the middle of a stroke, or where nothing may be changed. */
  #undoable(): Sandbox | LiveLayer | null {
    if (this.workbench.tools.busy || this.workbench.editing === null) return null;
    return this.#sandbox ?? this.#current()?.link ?? null;
  }

  #join({ id }: Layer): Joined {
    const scene = this.workbench.scene.add(id, this.#lookOf(id));
    const link = joinLayer({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/sync`,
      layerId: layerIdSchema.parse(id),
      user: { id: personId.parse(this.me.id), name: this.me.name, colour: this.me.colour },
    });
    let shown = this.#mirror(link, scene);
    let renewed = 0;
    const follow = () => {
      if (link.status.renewed === renewed) return;
      renewed = link.status.renewed;
      shown.stop();
      shown = this.#mirror(link, scene);
      this.#renewed(joined, shown.editing);
    };
    const stops = [
      () => shown.stop(),
      link.subscribe(() => {
        follow();
        this.#settle();
        this.#sayRecovered();
      }),
      link.subscribePeers(() => this.#peersChanged()),
    ];
    const joined: Joined = { link, scene, editing: shown.editing, stop: () => stops.forEach((stop) => void stop()) };
    return joined;
  }

  /** Shows a layer's document and what changes in it, and edits it; the layer may get another one. */
  #mirror(link: LiveLayer, scene: SceneLayer): { readonly editing: Editing; readonly stop: () => void } {
    const { layerDoc } = link;
    scene.load(layerDoc.all());
    const stop = layerDoc.observe((changes) => {
      if (changes.length > BULK) scene.load(layerDoc.all());
      else for (const { id: changed, after } of changes) after === null ? scene.remove(changed) : scene.put(after);
      this.#outlinesChanged();
    });
    return { editing: editingOf(scene, layerDoc, () => this.workbench.guideline), stop };
  }

  /** A stroke under way ends in the new document. */
  #renewed(joined: Joined, editing: Editing): void {
    const inHand = this.workbench.editing === joined.editing;
    joined.editing = editing;
    if (inHand) this.workbench.setEditing(editing);
    this.#outlinesChanged();
    if (joined !== this.#current()) return;
    const { waiting } = joined.link.status;
    this.workbench.store.setState({ message: { text: sayRenewed(waiting) } });
  }

  /** Brings what may be drawn in and what is said about it into line with the layers and their rooms. */
  #settle(): void {
    const current = this.#current();
    const status = current?.link.status ?? null;
    const writable = (status?.write ?? this.drawingLayer?.write ?? false) && this.workbench.guideline.number > 0;
    const editing = writable && status?.synced === true ? (current?.editing ?? null) : null;
    const keep = current !== null && writable && this.workbench.editing === current.editing;
    if (this.#sandbox === null && !keep) this.workbench.setEditing(editing);
    const waiting = [...this.#joined.values()].reduce((sum, { link }) => sum + link.status.waiting, 0);
    this.state.setState({ status, waiting });
  }

  #sayRecovered(): void {
    const recovered = [...this.#joined.values()].reduce((sum, { link }) => sum + link.status.recovered, 0);
    const found = recovered - this.#recovered;
    this.#recovered = recovered;
    if (found > 0) this.workbench.store.setState({ message: { text: sayRecovered(found) } });
  }

  #current(): Joined | null {
    return this.#wanted === null ? null : (this.#joined.get(this.#wanted) ?? null);
  }

  /** The room in which others see this person. */
  #shown(): LiveLayer | null {
    const [first] = this.#joined.values();
    return (this.#current() ?? first)?.link ?? null;
  }

  #showViewport({ x, y, zoom }: Camera): void {
    const { width, height } = this.workbench.view.size;
    const [across, down] = [width / 2 ** zoom, height / 2 ** zoom];
    this.#shown()?.setViewport({ x: x - across / 2, y: y - down / 2, width: across, height: down });
  }

  #peersChanged(): void {
    const byPerson = new Map<string, Peer>();
    for (const { link } of this.#joined.values()) {
      for (const peer of link.others()) {
        const known = byPerson.get(peer.person.id);
        const better = known === undefined || (known.cursor === null && peer.cursor !== null && peer.viewport !== null);
        if (peer.person.id !== this.me.id && better) byPerson.set(peer.person.id, peer);
      }
    }
    const peers = [...byPerson.values()].sort((a, b) => a.person.name.localeCompare(b.person.name));
    this.workbench.presence.setPeers(peers.map((peer) => ({ ...peer, key: peer.person.id })));
    this.state.setState({ peers });
  }

  #outlinesChanged(): void {
    this.workbench.sceneChanged();
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.state.setState(({ revision }) => ({ revision: revision + 1 }));
    });
  }

  #lookOf(layerId: string): LayerLook {
    const layer = this.state.getState().layers.find(({ id }) => id === layerId);
    if (layer?.kind === "ground-truth") return "ground-truth";
    return layerId === this.#wanted ? "own" : "other";
  }
}

function leave({ link, stop }: Joined): void {
  stop();
  link.close();
}
