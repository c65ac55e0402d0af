"use client";

import {
  Brush,
  CircleDot,
  Eraser,
  Hand,
  Lasso,
  type LucideIcon,
  MousePointer2,
  Pentagon,
  Redo2,
  Ruler,
  SplinePointer,
  Square,
  Undo2,
} from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import type { ToolName } from "#client/tools/tool.ts";
import { BrushSize } from "./brush-size.tsx";
import { useLive, useTools, useVisit } from "./session.tsx";

type Entry = { readonly tool: ToolName; readonly label: string; readonly shortcut: string; readonly icon: LucideIcon };

const GROUPS: readonly (readonly Entry[])[] = [
  [
    { tool: "select", label: "Select and move", shortcut: "V", icon: MousePointer2 },
    { tool: "edit", label: "Edit vertices", shortcut: "N", icon: SplinePointer },
    { tool: "pan", label: "Move the slide", shortcut: "M", icon: Hand },
  ],
  [
    { tool: "polygon", label: "Polygon", shortcut: "P", icon: Pentagon },
    { tool: "freehand", label: "Freehand", shortcut: "L", icon: Lasso },
    { tool: "brush", label: "Brush", shortcut: "B", icon: Brush },
    { tool: "eraser", label: "Eraser", shortcut: "E", icon: Eraser },
    { tool: "rectangle", label: "Rectangle", shortcut: "R", icon: Square },
    { tool: "point", label: "Point", shortcut: "T", icon: CircleDot },
  ],
  [{ tool: "ruler", label: "Ruler", shortcut: "U", icon: Ruler }],
];

/** All ways of using the pointer, one of them active. */
export function ToolBar() {
  return (
    <div className="pointer-events-none absolute top-3 bottom-14 left-3 z-10 flex items-start gap-2">
      <div
        role="toolbar"
        aria-label="Tools"
        aria-orientation="vertical"
        className="scroll-thin pointer-events-auto flex max-h-full flex-col overflow-y-auto rounded-lg border bg-panel/95 p-1 shadow-float backdrop-blur"
      >
        {GROUPS.map((group) => (
          <div key={group[0]?.tool} className="flex flex-col border-b py-1 first:pt-0">
            {group.map((entry) => (
              <ToolButton key={entry.tool} {...entry} />
            ))}
          </div>
        ))}
        <UndoButtons />
      </div>
      <BrushSize />
    </div>
  );
}

function ToolButton({ tool, label, shortcut, icon: Icon }: Entry) {
  const { session } = useVisit();
  const active = useTools((state) => state.tool === tool);
  const locked = useTools((state) => state.drawingLayerId === null) && session.workbench.tools.draws(tool);
  return (
    <IconButton
      label={label}
      shortcut={shortcut}
      testId={`tool-${tool}`}
      pressed={active}
      disabled={locked}
      onClick={() => session.workbench.store.setState({ tool })}
    >
      <Icon className="size-[17px]" aria-hidden />
    </IconButton>
  );
}

function UndoButtons() {
  const { session } = useVisit();
  const writable = useTools((state) => state.drawingLayerId !== null);
  const sandboxed = useLive((state) => state.sandboxed);
  const canUndo = useLive((state) => state.status?.canUndo ?? false) || sandboxed;
  const canRedo = useLive((state) => state.status?.canRedo ?? false) || sandboxed;
  return (
    <div className="flex flex-col pt-1">
      <IconButton
        label="Take back your last step"
        shortcut="Ctrl Z"
        testId="undo"
        disabled={!writable || !canUndo}
        onClick={() => session.undo()}
      >
        <Undo2 className="size-[17px]" aria-hidden />
      </IconButton>
      <IconButton
        label="Do it again"
        shortcut="Ctrl Y"
        testId="redo"
        disabled={!writable || !canRedo}
        onClick={() => session.redo()}
      >
        <Redo2 className="size-[17px]" aria-hidden />
      </IconButton>
    </div>
  );
}

function IconButton(props: {
  readonly label: string;
  readonly shortcut: string;
  readonly testId: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Tooltip text={props.label} shortcut={props.shortcut} side="right">
      <button
        type="button"
        aria-label={props.label}
        aria-pressed={props.pressed}
        data-testid={props.testId}
        disabled={props.disabled}
        onClick={props.onClick}
        className={cn(
          "grid size-8 place-items-center rounded-md text-muted transition-colors hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-35",
          props.pressed === true && "bg-accent text-on-accent hover:bg-accent hover:text-on-accent",
        )}
      >
        {props.children}
      </button>
    </Tooltip>
  );
}
