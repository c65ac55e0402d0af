import type { Annotation, Bbox, Geometry, Point } from "#domain/annotation.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";

export const TOOL_NAMES = [
  "pan",
  "select",
  "edit",
  "polygon",
  "freehand",
  "brush",
  "eraser",
  "rectangle",
  "point",
  "ruler",
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** An outline in one of the layers on the slide. */
export type Pick = { readonly layerId: string; readonly id: AnnotationId };
export type Hit = Pick & { readonly annotation: Annotation };

/** What the pointer does. `double` follows the second `up` of a double click; `hover` moves without a button. */
export type ToolPointer = {
  readonly kind: "down" | "move" | "up" | "cancel" | "hover" | "leave" | "double";
  /** Level-0 px. */
  readonly at: Point;
  readonly shift: boolean;
  readonly alt: boolean;
  /** A finger: targets are wider. */
  readonly coarse: boolean;
};

export type ToolKey = { readonly key: string; readonly shift: boolean };

/** What a tool wants to be seen while it works, level-0 px. Painted over everything else, each frame. */
export type Sketch = {
  readonly paths?: readonly {
    readonly points: readonly Point[];
    readonly closed: boolean;
    /** Width in CSS px; 2 where it is not given. */
    readonly width?: number;
    readonly look: "class" | "cut" | "guide";
    readonly filled?: boolean;
  }[];
  readonly shapes?: readonly { readonly geometry: Geometry; readonly classId: ClassId }[];
  /** Vertices with handles; the marked one is under the pointer. */
  readonly handles?: readonly { readonly at: Point; readonly marked: boolean; readonly ghost?: boolean }[];
  /** The brush; radius in CSS px. */
  readonly ring?: {
    readonly at: Point;
    readonly radius: number;
    readonly look: "class" | "cut";
    readonly label?: string;
  };
  readonly label?: { readonly at: Point; readonly text: string };
  /** Outlines that are painted here and therefore not among the rest. */
  readonly hidden?: readonly Pick[];
};

export type ShapeChange = {
  readonly id: AnnotationId;
  readonly geometry: Geometry;
  /** The shape that the person began from; the present one where it is not given. */
  readonly from?: Geometry;
};

/** The layer that is drawn in. Each call is one transaction and one step of undo; geometries come normalised. */
export type Drawing = {
  readonly layerId: string;
  readonly get: (id: AnnotationId) => Annotation | undefined;
  /** Outlines whose box meets this one, level-0 px. */
  readonly near: (box: Bbox) => readonly Annotation[];
  /** Null where nothing of it lies on the slide. */
  readonly add: (geometry: Geometry, classId: ClassId) => AnnotationId | null;
  /** Edits of outlines by area: what others do to them at the same time stays. */
  readonly reshape: (changes: readonly ShapeChange[]) => void;
  /** Whole new shapes, as of a move: of two of them the last one stays. */
  readonly replace: (changes: readonly ShapeChange[]) => void;
  readonly remove: (ids: readonly AnnotationId[]) => void;
};

/** What tools may use of the viewer. They know neither the page nor the map. */
export type ToolHost = {
  /** CSS px per level-0 px. */
  readonly scale: () => number;
  /** um per level-0 px, null where nobody has stated it. */
  readonly mpp: () => number | null;
  /** Null where this person may not draw now; tools then only look. */
  readonly drawing: () => Drawing | null;
  /** The class that is drawn; null where there is none to choose. */
  readonly classId: () => ClassId | null;
  /** Whether a class may be drawn as this kind of geometry. */
  readonly allows: (classId: ClassId, type: Geometry["type"]) => boolean;
  /** The class that counts for an outline today. */
  readonly classOf: (annotation: Annotation) => ClassId;
  /** Radius of the brush in CSS px. */
  readonly brushRadius: () => number;
  /** Everything visible under a point within a tolerance in CSS px, the smallest first. */
  readonly hits: (at: Point, tolerance: number) => readonly Hit[];
  readonly visibleIn: (box: Bbox) => readonly Hit[];
  readonly selection: () => readonly Pick[];
  readonly select: (picks: readonly Pick[]) => void;
  readonly hover: (hit: Hit | null) => void;
  /** The sketch has changed. */
  readonly repaint: () => void;
  /** Says something to the person, once. */
  readonly say: (text: string) => void;
};

/**
 * A way of using the pointer. Exactly one tool is active: `enter` and `exit` bracket its use, and `exit` gives up
 * whatever is half drawn.
 */
export type Tool = {
  readonly name: ToolName;
  /** CSS cursor over the slide. */
  readonly cursor: string;
  /** Tools that draw are off where the layer is read-only. */
  readonly draws: boolean;
  readonly enter?: () => void;
  readonly exit?: () => void;
  /** @returns "pan" where the tool has no use for a press: from then on it moves the slide */
  readonly pointer: (event: ToolPointer) => "pan" | undefined;
  /** @returns whether the key was used */
  readonly key: (event: ToolKey) => boolean;
  readonly sketch: () => Sketch;
  /** Whether something is half drawn between two presses; absent where a stroke ends with the press. */
  readonly unfinished?: () => boolean;
};
