import { createStore, type StoreApi } from "zustand/vanilla";
import type { ClassId } from "#domain/ids.ts";
import type { Pick, ToolName } from "./tools/tool.ts";

/** What the person has chosen in the viewer. Nothing of it is shared or stored with the slide. */
export type ToolState = {
  readonly tool: ToolName;
  readonly classId: ClassId | null;
  /** Radius in CSS px. */
  readonly brushRadius: number;
  readonly outlinesVisible: boolean;
  readonly filled: boolean;
  /** 0 to 1. */
  readonly fillOpacity: number;
  readonly drawingLayerId: string | null;
  readonly hiddenLayerIds: ReadonlySet<string>;
  readonly selection: readonly Pick[];
  /** The outline that was drawn last, until something is selected or the person turns away from it. */
  readonly drawn: Pick | null;
  /** What was searched for when this very selection was made from what was found; another selection is none of it. */
  readonly searched: { readonly words: string; readonly selection: readonly Pick[] } | null;
  readonly hovered: Pick | null;
  /** The last thing to tell the person; a new object each time it is said. */
  readonly message: { readonly text: string } | null;
};

export type ToolStore = StoreApi<ToolState>;

export const BRUSH_RADIUS = { min: 4, max: 160, step: 1.2 } as const;

export function createToolStore(initial: Partial<ToolState> = {}): ToolStore {
  return createStore<ToolState>(() => ({
    tool: "select",
    classId: null,
    brushRadius: 24,
    outlinesVisible: true,
    filled: true,
    fillOpacity: 0.18,
    drawingLayerId: null,
    hiddenLayerIds: new Set(),
    selection: [],
    drawn: null,
    searched: null,
    hovered: null,
    message: null,
    ...initial,
  }));
}

/** The next larger or smaller brush, CSS px. */
export function stepBrush(radius: number, by: 1 | -1): number {
  const next = by === 1 ? radius * BRUSH_RADIUS.step : radius / BRUSH_RADIUS.step;
  return Math.round(Math.min(BRUSH_RADIUS.max, Math.max(BRUSH_RADIUS.min, next)) * 10) / 10;
}
