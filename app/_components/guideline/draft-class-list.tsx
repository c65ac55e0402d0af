"use client";

import { Plus, SlidersHorizontal } from "lucide-react";
import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { standingOf } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { treeOf } from "./class-tree.ts";

type Standing = ReturnType<typeof standingOf>;

const MARKS: Readonly<Record<Standing, { readonly label: string; readonly tone: Tone } | null>> = {
  same: null,
  retired: null,
  new: { label: "new", tone: "good" },
  changed: { label: "changed", tone: "accent" },
  ended: { label: "ends", tone: "bad" },
  restored: { label: "back", tone: "good" },
};

const rowStyle = "flex h-8 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover";

export function DraftClassList(props: {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly chosen: ClassId | "rules" | null;
  readonly onChoose: (chosen: ClassId | "rules") => void;
  readonly onAdd: () => void;
}) {
  const rows = treeOf(props.draft.content.classes);
  const chosenStyle = (id: ClassId | "rules") => props.chosen === id && "bg-pressed hover:bg-pressed";
  return (
    <aside aria-label="Classes" className="scroll-thin flex flex-col gap-px overflow-y-auto bg-panel p-2">
      <button
        type="button"
        onClick={() => props.onChoose("rules")}
        className={cn(rowStyle, "mb-1 font-medium", chosenStyle("rules"))}
      >
        <SlidersHorizontal className="size-4 text-faint" aria-hidden /> Introduction and rules
      </button>
      <div className="flex h-8 items-center justify-between pl-2">
        <span className="text-faint text-xs">Classes</span>
        <Button variant="ghost" size="sm" onClick={props.onAdd}>
          <Plus aria-hidden /> Add
        </Button>
      </div>
      {rows.map(({ definition, depth }) => {
        const mark = MARKS[standingOf(props.base, props.draft, definition.id)];
        return (
          <button
            key={definition.id}
            type="button"
            aria-pressed={props.chosen === definition.id}
            onClick={() => props.onChoose(definition.id)}
            className={cn(rowStyle, chosenStyle(definition.id))}
            style={{ paddingLeft: `${8 + depth * 14}px` }}
          >
            <ClassName
              name={definition.name}
              colour={definition.colour}
              retired={definition.retired}
              className="flex-1"
            />
            {mark === null ? (
              <kbd className="font-sans text-2xs text-faint">{definition.retired ? "" : definition.hotkey}</kbd>
            ) : (
              <Badge tone={mark.tone}>{mark.label}</Badge>
            )}
          </button>
        );
      })}
    </aside>
  );
}
