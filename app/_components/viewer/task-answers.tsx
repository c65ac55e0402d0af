"use client";

import { Check, CircleQuestionMark, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import type { TaskItem } from "#client/answers.ts";
import { digitOf } from "#client/keymap.ts";
import { classId } from "#domain/ids.ts";
import { OptionText, QuestionCard } from "./question-card.tsx";
import { Key } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import type { TaskWalk } from "./use-task.ts";

type Props = {
  readonly walk: TaskWalk;
  readonly item: TaskItem;
  readonly mine: boolean;
  readonly onRedraw: () => void;
  readonly onUnsure: () => void;
};

/** What is asked about one outline, and one button and key for each answer. */
export function TaskAnswers(props: Props) {
  const { walk, item, mine } = props;
  const { session } = useVisit();
  const { guideline } = session.workbench;
  const current = guideline.byId.get(item.classId);
  const choice = item.questions.find(({ kind }) => kind === "choose");
  const options = optionsOf(item);
  const again = walk.detail?.task.state === "returned" && item.state !== "gone";
  const may = mine && (item.state === "waiting" || item.state === "undecided" || again);
  const acts = {
    keep: may && choice === undefined ? () => walk.answer({ verdict: "keep" }) : null,
    choose: may ? (id: string) => walk.answer({ verdict: "choose", classId: classId.parse(id) }) : null,
    delete: may ? () => walk.answer({ verdict: "delete" }) : null,
    redraw: may ? props.onRedraw : null,
    unsure: may ? props.onUnsure : null,
  };
  const byDigit = (digit: number) =>
    options.length > 0 ? options[digit - 1] : guideline.palette.find(({ hotkey }) => hotkey === digit)?.id;
  useAnswerKeys(walk, byDigit, acts);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-2">
        {current === undefined ? null : (
          <ClassName name={current.name} colour={current.colour} className="font-medium" />
        )}
        <ItemState item={item} />
      </div>
      {item.questions.map((question) => (
        <QuestionCard key={question.key} question={question} versions={session.versions} />
      ))}
      <div className="flex flex-col gap-1.5">
        {choice === undefined ? (
          <AnswerButton testId="task-keep" shortcut="K" onClick={acts.keep} icon={<Check />} strong>
            Keep it as it is
          </AnswerButton>
        ) : null}
        {options.map((id, index) => (
          <AnswerButton
            key={id}
            testId={`task-choose-${index + 1}`}
            shortcut={String(index + 1)}
            onClick={acts.choose === null ? null : () => acts.choose?.(id)}
            strong={choice !== undefined}
          >
            <OptionText definition={guideline.byId.get(id)} />
          </AnswerButton>
        ))}
        <Select
          aria-label="Give it another class"
          value=""
          placeholder="Give it another class"
          disabled={acts.choose === null}
          onValueChange={(id) => acts.choose?.(id)}
          options={guideline.palette
            .filter(({ id }) => id !== item.classId)
            .map(({ id, name, colour }) => ({ value: id, label: name, icon: <Swatch colour={colour} /> }))}
        />
        <AnswerButton testId="task-redraw" shortcut="R" onClick={acts.redraw} icon={<Pencil />}>
          Redraw it
        </AnswerButton>
        <AnswerButton testId="task-delete" shortcut="D" onClick={acts.delete} icon={<Trash2 />}>
          Delete it
        </AnswerButton>
        <AnswerButton testId="task-cannot-tell" shortcut="U" onClick={acts.unsure} icon={<CircleQuestionMark />}>
          I cannot tell
        </AnswerButton>
      </div>
    </div>
  );
}

function AnswerButton(props: {
  readonly testId: string;
  readonly shortcut: string;
  readonly onClick: (() => void) | null;
  readonly icon?: ReactNode;
  readonly strong?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      data-testid={props.testId}
      disabled={props.onClick === null}
      onClick={() => props.onClick?.()}
      className={cn(
        "flex min-h-9 items-center gap-2.5 rounded-md border px-2.5 py-1.5 text-left transition-colors hover:bg-hover disabled:pointer-events-none disabled:opacity-40 [&_svg]:size-4 [&_svg]:text-faint",
        props.strong === true && "border-line-strong",
      )}
    >
      {props.icon}
      <span className="flex min-w-0 flex-1 items-center">{props.children}</span>
      <Key>{props.shortcut}</Key>
    </button>
  );
}

function ItemState({ item }: { readonly item: TaskItem }) {
  switch (item.state) {
    case "waiting":
      return <Badge tone="warn">waits for you</Badge>;
    case "answered":
      return <Badge tone="good">answered</Badge>;
    case "undecided":
      return <Badge tone="outline">the lead decides</Badge>;
    case "gone":
      return <Badge tone="neutral">no longer there</Badge>;
    default:
      return item.state satisfies never;
  }
}

/** The class that a digit stands for: a choice of the question, else the class with that key. */
type ByDigit = (digit: number) => string | undefined;

type Acts = {
  readonly keep: (() => void) | null;
  readonly choose: ((id: string) => void) | null;
  readonly delete: (() => void) | null;
  readonly redraw: (() => void) | null;
  readonly unsure: (() => void) | null;
};

/** One key for each answer; they come before the viewer's own. */
function useAnswerKeys(walk: TaskWalk, byDigit: ByDigit, acts: Acts): void {
  const { keys } = useVisit();
  const handler = useRef<(event: KeyboardEvent) => boolean>(() => false);
  useEffect(() => {
    handler.current = (event) => handleKey(event, walk, byDigit, acts);
  });
  useEffect(() => keys.open((event) => handler.current(event)), [keys]);
}

function handleKey(event: KeyboardEvent, walk: TaskWalk, byDigit: ByDigit, acts: Acts): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const chosen = byDigit(digitOf(event.code) ?? 0);
  if (chosen !== undefined) {
    acts.choose?.(chosen);
    return true;
  }
  const action: Record<string, (() => unknown) | null | undefined> = {
    k: acts.keep,
    d: acts.delete,
    r: acts.redraw,
    u: acts.unsure,
    z: () => walk.undo(),
    arrowright: () => walk.go(walk.index + 1),
    arrowleft: () => walk.go(walk.index - 1),
  };
  const found = action[event.key.toLowerCase()];
  if (found === undefined) return false;
  found?.();
  return true;
}

/** Classes to choose from, without repeats, in the order of the questions. */
function optionsOf(item: TaskItem): readonly string[] {
  return [...new Set(item.questions.flatMap(({ options }) => options))].slice(0, 9);
}
