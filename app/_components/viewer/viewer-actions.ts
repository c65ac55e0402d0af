import type { KeyAction } from "#client/keymap.ts";
import { scanPower, zoomForPower } from "#client/scale-bar.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { stepBrush } from "#client/tool-state.ts";
import { openShortcuts } from "./shortcuts.ts";

const STEP_PX = 120;
const ZOOM_STEP = 0.5;

/** Does what a key asks for. @returns whether the action meant anything here */
export function perform(session: SlideSession, action: KeyAction): boolean {
  switch (action.kind) {
    case "tool":
    case "class":
    case "brush":
      return choose(session, action);
    case "magnify":
    case "pan":
    case "zoom":
    case "fit":
    case "fit-selection":
      return look(session, action);
    default:
      return command(session, action.kind);
  }
}

function choose(session: SlideSession, action: KeyAction & { kind: "tool" | "class" | "brush" }): boolean {
  const { store, guideline, editing, tools } = session.workbench;
  if (action.kind === "brush") {
    store.setState(({ brushRadius }) => ({ brushRadius: stepBrush(brushRadius, action.by) }));
    return true;
  }
  if (action.kind === "class") {
    const found = guideline.palette.find(({ hotkey }) => hotkey === action.hotkey);
    if (found !== undefined) session.workbench.chooseClass(found.id);
    return found !== undefined;
  }
  const draws = tools.draws(action.tool);
  if (!draws || editing !== null) store.setState({ tool: action.tool });
  return true;
}

type Look = KeyAction & { kind: "magnify" | "pan" | "zoom" | "fit" | "fit-selection" };

function look(session: SlideSession, action: Look): boolean {
  const { view, scene, store } = session.workbench;
  const { camera, size } = view;
  switch (action.kind) {
    case "magnify": {
      const power = scanPower(session.slide);
      if (power !== null) view.flyTo({ ...camera, zoom: zoomForPower(action.power, power) }, 0.25);
      return power !== null;
    }
    case "pan": {
      const [stepX, stepY] = action.far ? [size.width / 2, size.height / 2] : [STEP_PX, STEP_PX];
      view.panBy(action.x * stepX, action.y * stepY);
      return true;
    }
    case "zoom":
      view.flyTo({ ...camera, zoom: camera.zoom + action.by * ZOOM_STEP }, 0.15);
      return true;
    case "fit":
      view.flyTo({ x: view.slide.width / 2, y: view.slide.height / 2, zoom: view.fitZoom }, 0.3);
      return true;
    case "fit-selection": {
      const boxes = store
        .getState()
        .selection.flatMap((pick) => scene.layer(pick.layerId)?.shapes.get(pick.id)?.bbox ?? []);
      const [first, ...others] = boxes;
      if (first === undefined) return false;
      view.flyToBox(others.reduce(around, first));
      return true;
    }
    default:
      return action satisfies never;
  }
}

type Box = { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number };

function around(a: Box, b: Box): Box {
  return {
    minX: Math.min(a.minX, b.minX),
    minY: Math.min(a.minY, b.minY),
    maxX: Math.max(a.maxX, b.maxX),
    maxY: Math.max(a.maxY, b.maxY),
  };
}

type CommandKind = Exclude<KeyAction["kind"], "tool" | "class" | "brush" | Look["kind"]>;

function command(session: SlideSession, kind: CommandKind): boolean {
  const { store } = session.workbench;
  switch (kind) {
    case "undo":
      session.undo();
      return true;
    case "redo":
      session.redo();
      return true;
    case "delete":
      session.workbench.deleteSelection();
      return true;
    case "toggle-outlines":
      store.setState(({ outlinesVisible }) => ({ outlinesVisible: !outlinesVisible }));
      return true;
    case "toggle-fill":
      store.setState(({ filled }) => ({ filled: !filled }));
      return true;
    case "escape":
      escapeOnce(session);
      return true;
    case "shortcuts":
      openShortcuts();
      return true;
    case "palette":
    case "next":
    case "previous":
      return false;
    default:
      return kind satisfies never;
  }
}

/** First the selection, then the tool. */
function escapeOnce(session: SlideSession): void {
  const { store } = session.workbench;
  const { selection } = store.getState();
  if (selection.length > 0) store.setState({ selection: [] });
  else store.setState({ tool: "select" });
}
