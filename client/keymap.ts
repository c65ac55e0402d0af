import { MAGNIFICATIONS } from "./scale-bar.ts";
import type { ToolName } from "./tools/tool.ts";

/** What a key asks for. */
export type KeyAction =
  | { readonly kind: "tool"; readonly tool: ToolName }
  | { readonly kind: "class"; readonly hotkey: number }
  | { readonly kind: "magnify"; readonly power: number }
  | { readonly kind: "pan"; readonly x: -1 | 0 | 1; readonly y: -1 | 0 | 1; readonly far: boolean }
  | { readonly kind: "zoom"; readonly by: 1 | -1 }
  | { readonly kind: "brush"; readonly by: 1 | -1 }
  | { readonly kind: "fit" }
  | { readonly kind: "fit-selection" }
  | { readonly kind: Command };

/** Keys that need nothing more said. */
export type Command =
  | "toggle-outlines"
  | "toggle-fill"
  | "undo"
  | "redo"
  | "delete"
  | "escape"
  | "shortcuts"
  | "palette"
  | "next"
  | "previous";

export type KeyStroke = {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
};

/** One line of the list of keys. */
export type Shortcut = { readonly keys: readonly string[]; readonly does: string; readonly group: ShortcutGroup };
export type ShortcutGroup =
  | "Slide"
  | "Tools"
  | "While drawing"
  | "Classes"
  | "Outlines"
  | "Tasks"
  | "Disputes"
  | "Screening";

const TOOL_KEYS: Readonly<Record<string, ToolName>> = {
  v: "select",
  m: "pan",
  r: "rectangle",
  p: "polygon",
  l: "freehand",
  b: "brush",
  e: "eraser",
  t: "point",
  u: "ruler",
  n: "edit",
};
const COMMAND_KEYS: Readonly<Record<string, Command>> = {
  a: "toggle-outlines",
  f: "toggle-fill",
  Delete: "delete",
  Backspace: "delete",
  Escape: "escape",
  "?": "shortcuts",
  "0": "palette",
  j: "next",
  k: "previous",
};
const ARROWS: Readonly<Record<string, readonly [-1 | 0 | 1, -1 | 0 | 1]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export const SHORTCUTS: readonly Shortcut[] = [
  { group: "Slide", keys: ["Wheel"], does: "Zoom at the cursor" },
  { group: "Slide", keys: ["Space", "Middle button"], does: "Hold and drag to move the slide, in every tool" },
  { group: "Slide", keys: ["Arrows"], does: "Move; with Shift half a screen" },
  { group: "Slide", keys: ["+", "−"], does: "Zoom in and out" },
  { group: "Slide", keys: ["Shift 1–6"], does: "1.25×, 2.5×, 5×, 10×, 20×, 40×" },
  { group: "Slide", keys: ["Z", "Home"], does: "Whole slide" },
  { group: "Slide", keys: ["Shift Z"], does: "Zoom to the selection" },
  { group: "Tools", keys: ["V"], does: "Select and move" },
  { group: "Tools", keys: ["N"], does: "Edit vertices" },
  { group: "Tools", keys: ["P"], does: "Polygon" },
  { group: "Tools", keys: ["L"], does: "Freehand" },
  { group: "Tools", keys: ["B"], does: "Brush" },
  { group: "Tools", keys: ["E"], does: "Eraser" },
  { group: "Tools", keys: ["R"], does: "Rectangle" },
  { group: "Tools", keys: ["T"], does: "Point" },
  { group: "Tools", keys: ["U"], does: "Ruler" },
  { group: "Tools", keys: ["M"], does: "Move the slide" },
  { group: "While drawing", keys: ["Enter", "Double click"], does: "Close the outline" },
  { group: "While drawing", keys: ["Backspace"], does: "Take back the last corner" },
  { group: "While drawing", keys: ["Esc"], does: "Give up the stroke" },
  { group: "While drawing", keys: ["[", "]"], does: "Smaller and larger brush" },
  {
    group: "While drawing",
    keys: ["Alt"],
    does: "Hold with the brush to cut; in vertex editing, click to take a vertex away",
  },
  {
    group: "While drawing",
    keys: ["Shift"],
    does: "Hold with the brush to add to the selected outline; with the rectangle for a square",
  },
  { group: "Classes", keys: ["1–9"], does: "Draw this class; with a selection, change its class" },
  { group: "Classes", keys: ["0"], does: "Find a class by name" },
  { group: "Outlines", keys: ["Tab"], does: "Next outline under the last click" },
  { group: "Outlines", keys: ["Q"], does: "Say its attributes: then 1–9 choose, Enter goes on, Esc ends" },
  { group: "Outlines", keys: ["Delete"], does: "Delete the selection" },
  { group: "Outlines", keys: ["C"], does: "Comment on the selection, or on a place" },
  { group: "Outlines", keys: ["A"], does: "Show or hide all outlines" },
  { group: "Outlines", keys: ["F"], does: "Fill on or off" },
  { group: "Outlines", keys: ["Ctrl Z"], does: "Take back your last step" },
  { group: "Outlines", keys: ["Ctrl Shift Z", "Ctrl Y"], does: "Do it again" },
  { group: "Tasks", keys: ["K"], does: "Keep" },
  { group: "Tasks", keys: ["1–9"], does: "Choose a class" },
  { group: "Tasks", keys: ["Enter"], does: "Take what is suggested" },
  { group: "Tasks", keys: ["B"], does: "Answer alike items together" },
  { group: "Tasks", keys: ["D"], does: "Delete" },
  { group: "Tasks", keys: ["R"], does: "Redraw" },
  { group: "Tasks", keys: ["T"], does: "Trim it by the other outline of a pair; with Shift the other one" },
  { group: "Tasks", keys: ["U"], does: "Cannot tell" },
  { group: "Tasks", keys: ["Z"], does: "Take back the last answer" },
  { group: "Tasks", keys: ["←", "→"], does: "Previous and next item" },
  { group: "Tasks", keys: ["Ctrl Enter"], does: "Hand in, once everything is answered" },
  { group: "Disputes", keys: ["J", "K", "←", "→"], does: "Next and previous dispute" },
  { group: "Disputes", keys: ["1–9"], does: "Accept what a read says" },
  { group: "Disputes", keys: ["M", "A", "I"], does: "The majority, all that was marked, what all share" },
  { group: "Disputes", keys: ["R"], does: "Redraw it" },
  { group: "Disputes", keys: ["X", "U"], does: "Leave it out of the ground truth, leave it unresolved" },
  { group: "Disputes", keys: ["G"], does: "Collect it: the guideline is unclear here" },
  { group: "Disputes", keys: ["E", "N"], does: "Next reason; write a note" },
  { group: "Disputes", keys: ["Enter"], does: "Once the slide is settled: the next slide of the queue" },
  { group: "Screening", keys: ["G"], does: "Next place to look at; with Shift the one before" },
  { group: "Screening", keys: ["H"], does: "Show or hide the screening grid" },
];

/**
 * What a key asks for in the viewer, or null. Letters go by what is printed on them, digits by their place, so that
 * keyboards whose digits need Shift have class keys too.
 */
export function actionOf(stroke: KeyStroke): KeyAction | null {
  if (stroke.ctrlKey || stroke.metaKey) return stroke.altKey ? null : controlAction(stroke);
  if (stroke.altKey) return null;
  const digit = digitOf(stroke.code);
  if (digit !== null) return digitAction(digit, stroke.shiftKey);
  const arrow = ARROWS[stroke.key];
  if (arrow !== undefined) return { kind: "pan", x: arrow[0], y: arrow[1], far: stroke.shiftKey };
  return letterAction(stroke);
}

/** The digit of a key by its place, or null. */
export function digitOf(code: string): number | null {
  const match = /^(?:Digit|Numpad)([0-9])$/.exec(code);
  return match === null ? null : Number(match[1]);
}

/** Whether a key is pressed together with another that gives it a further meaning. */
export function isModified(event: Pick<KeyStroke, "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): boolean {
  return event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
}

/** Whether keys belong to what has the focus: a text field, or a control that a key would operate. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  return (
    target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, [role=dialog], [role=menu]") !==
    null
  );
}

function controlAction({ key, shiftKey }: KeyStroke): KeyAction | null {
  const letter = key.toLowerCase();
  if (letter === "z") return { kind: shiftKey ? "redo" : "undo" };
  return letter === "y" && !shiftKey ? { kind: "redo" } : null;
}

function digitAction(digit: number, shift: boolean): KeyAction | null {
  if (!shift) return digit === 0 ? { kind: "palette" } : { kind: "class", hotkey: digit };
  const power = MAGNIFICATIONS[digit - 1];
  return power === undefined ? null : { kind: "magnify", power };
}

function letterAction({ key, shiftKey }: KeyStroke): KeyAction | null {
  const letter = key.length === 1 ? key.toLowerCase() : key;
  const tool = shiftKey ? undefined : TOOL_KEYS[letter];
  if (tool !== undefined) return { kind: "tool", tool };
  const command = COMMAND_KEYS[letter];
  return command === undefined ? cameraAction(letter, shiftKey) : { kind: command };
}

function cameraAction(letter: string, shift: boolean): KeyAction | null {
  switch (letter) {
    case "z":
      return { kind: shift ? "fit-selection" : "fit" };
    case "Home":
      return { kind: "fit" };
    case "+":
    case "=":
      return { kind: "zoom", by: 1 };
    case "-":
    case "_":
      return { kind: "zoom", by: -1 };
    case "[":
    case "]":
      return { kind: "brush", by: letter === "]" ? 1 : -1 };
    default:
      return null;
  }
}
