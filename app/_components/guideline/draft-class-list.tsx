"use client";

import { ArrowDown, ArrowUp, Plus, SlidersHorizontal } from "lucide-react";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { DraftTalk } from "#client/answers.ts";
import { ambiguitiesOf } from "#client/draft-ambiguities.ts";
import { moveClass, standingOf } from "#client/guideline-draft.ts";
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

const rowStyle = "flex h-8 w-full shrink-0 items-center gap-2 rounded-md px-2 text-left hover:bg-hover";

type Props = {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly chosen: ClassId | "rules" | null;
  readonly editors: DraftTalk["editors"];
  readonly onChoose: (chosen: ClassId | "rules") => void;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
  readonly onAdd: () => void;
};

export function DraftClassList(props: Props) {
  const rows = treeOf(props.draft.content.classes);
  const asked = new Set(
    ambiguitiesOf(props.base, props.draft)
      .filter(({ answered, kind }) => !answered && kind !== "unit")
      .map(({ classId }) => classId),
  );
  const chosenStyle = (id: ClassId | "rules") => props.chosen === id && "bg-pressed hover:bg-pressed";
  return (
    <aside
      aria-label="Classes"
      className="scroll-thin flex max-h-64 flex-col gap-px overflow-y-auto bg-panel p-2 lg:max-h-none"
    >
      <button
        type="button"
        onClick={() => props.onChoose("rules")}
        className={cn(rowStyle, "mb-1 font-medium", chosenStyle("rules"))}
      >
        <SlidersHorizontal className="size-4 text-faint" aria-hidden />
        <span className="flex-1 truncate">Introduction and rules</span>
        <Here editors={props.editors} place={null} />
      </button>
      <div className="flex h-8 items-center justify-between pl-2">
        <span className="text-faint text-xs">Classes</span>
        <span className="flex items-center">
          <Order {...props} />
          <Button variant="ghost" size="sm" aria-label="Add a class" onClick={props.onAdd}>
            <Plus aria-hidden /> Add
          </Button>
        </span>
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
              icon={definition.icon}
              retired={definition.retired}
              className="flex-1"
            />
            <Here editors={props.editors} place={definition.id} />
            {asked.has(definition.id) ? (
              <Badge tone="warn">asks</Badge>
            ) : mark === null ? (
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

/** Moves the chosen class among those under the same parent. */
function Order({ draft, chosen, onChange }: Props) {
  const { classes } = draft.content;
  const at = classes.find(({ id }) => id === chosen);
  if (at === undefined) return null;
  const siblings = classes.filter((each) => each.parentId === at.parentId);
  const index = siblings.indexOf(at);
  const [above, below] = [siblings[index - 1], siblings[index + 1]];
  const afterNext = below === undefined ? null : (classes[classes.indexOf(below) + 1]?.id ?? null);
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Move ${at.name} up`}
        disabled={above === undefined}
        onClick={() => onChange((before) => moveClass(before, at.id, above?.id ?? null))}
      >
        <ArrowUp />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Move ${at.name} down`}
        disabled={below === undefined}
        onClick={() => onChange((before) => moveClass(before, at.id, afterNext))}
      >
        <ArrowDown />
      </Button>
    </>
  );
}

/** Other leads who are at this class now. */
function Here({ editors, place }: { readonly editors: DraftTalk["editors"]; readonly place: ClassId | null }) {
  const here = editors.filter((editor) => editor.place === place);
  return here.map((editor) => <Avatar key={editor.id} name={editor.name} colour={editor.colour} size="sm" />);
}
