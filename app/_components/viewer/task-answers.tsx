"use client";

import { Check, CircleQuestionMark, Layers, Pencil, Scissors, Sparkle, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import type { TaskItem } from "#client/answers.ts";
import { type AskedAttribute, askedOnKeep, withAttributes } from "#client/asked-attributes.ts";
import { digitOf, isModified } from "#client/keymap.ts";
import type { Beside } from "#client/task-walk.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { AttributeStep } from "./attribute-step.tsx";
import { PairCard } from "./pair-card.tsx";
import { OptionText, QuestionCard } from "./question-card.tsx";
import { Key } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import { becauseText } from "./suggestion-words.ts";
import { useKeys } from "./use-keys.ts";
import { type PairTrims, usePairTrims } from "./use-pair-trims.ts";
import type { TaskWalk } from "./use-task.ts";

/** How many alike items there are, and what answers them together; null where the item is the only one. */
export type Together = { readonly count: number; readonly open: () => void };
type Props = {
  readonly walk: TaskWalk;
  readonly item: TaskItem;
  readonly mine: boolean;
  /** Keeps it or gives it a class, as soon as what that needs is said. */
  readonly onGive: (answer: Answer, beside?: Beside) => void;
  readonly onRedraw: () => void;
  readonly onUnsure: () => void;
  readonly together: Together | null;
};

/** What is asked about one outline, and one button and key for each answer. */
export function TaskAnswers(props: Props) {
  const { walk, item, onGive } = props;
  const { session } = useVisit();
  const { guideline } = session.workbench;
  const current = guideline.byId.get(item.classId);
  const options = optionsOf(item);
  const acts = actsOf(props);
  const said = saidHere(item, current);
  const byDigit = (digit: number) =>
    options.length > 0 ? options[digit - 1] : guideline.palette.find(({ hotkey }) => hotkey === digit)?.id;
  const trims = usePairTrims(walk, item, acts.keep === null ? null : onGive);
  useAnswerKeys(walk, said.length > 0 && acts.choose !== null ? null : byDigit, acts);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-2">
        {current === undefined ? null : (
          <ClassName name={current.name} colour={current.colour} className="font-medium" />
        )}
        <ItemState item={item} mine={props.mine} />
      </div>
      {item.note === "" ? null : (
        <p className="whitespace-pre-wrap text-muted text-sm" data-testid="item-note">
          “{item.note}”
        </p>
      )}
      {item.pairs.map((pair) => (
        <PairCard key={pair.annotationId} item={item} pair={pair} versions={session.versions} />
      ))}
      {item.questions
        .filter(({ limit }) => !item.pairs.some(({ annotationId }) => annotationId === limit?.other))
        .map((question) => (
          <QuestionCard key={question.key} question={question} versions={session.versions} />
        ))}
      {said.length > 0 && acts.keep !== null ? (
        <AttributeStep
          title="Say about it"
          asked={said}
          held={item.attributes}
          onDone={(values) => walk.answer(withAttributes({ verdict: "keep" }, values))}
          onCancel={null}
        />
      ) : null}
      {props.mine && acts.delete === null && walk.canUndo ? (
        <p className="text-faint text-xs">
          <Key>Z</Key> takes the last answer back
        </p>
      ) : null}
      {acts.delete === null ? null : (
        <Answers item={item} acts={acts} options={options} hasKeep={said.length === 0} trims={trims} />
      )}
      {props.together === null ? null : (
        <Button variant="ghost" size="sm" className="w-full" onClick={props.together.open} data-testid="alike-open">
          <Layers aria-hidden /> Answer {props.together.count} alike items together <Key>B</Key>
        </Button>
      )}
    </div>
  );
}

/** What can be done with it; null where that is not open to this person or this item. */
function actsOf({ walk, item, mine, onGive, onRedraw, onUnsure, together }: Props): Acts {
  const again = walk.detail?.task.state === "returned" && item.state !== "gone";
  const may = mine && (item.state === "waiting" || item.state === "undecided" || again);
  const isChoice = item.questions.some(({ kind }) => kind === "choose");
  const { suggestion } = item;
  const choose = (id: string) => onGive({ verdict: "choose", classId: classId.parse(id) });
  return {
    keep: may && !isChoice ? () => onGive({ verdict: "keep" }) : null,
    choose: may ? choose : null,
    accept: may && suggestion !== null ? () => choose(suggestion.classId) : null,
    delete: may ? () => walk.answer({ verdict: "delete" }) : null,
    redraw: may ? onRedraw : null,
    unsure: may ? onUnsure : null,
    together: together?.open ?? null,
  };
}

/** What is said in place, where nothing but attributes is asked. */
function saidHere(item: TaskItem, current: ClassDefinition | undefined): readonly AskedAttribute[] {
  const isAlone = item.questions.length > 0 && item.questions.every(({ kind }) => kind === "attribute");
  return isAlone && current !== undefined ? askedOnKeep(item, current) : [];
}

function Answers(props: {
  readonly item: TaskItem;
  readonly acts: Acts;
  readonly options: readonly string[];
  readonly hasKeep: boolean;
  readonly trims: PairTrims | null;
}) {
  const { item, acts, options, trims } = props;
  const { guideline } = useVisit().session.workbench;
  const isChoice = item.questions.some(({ kind }) => kind === "choose");
  const byNumber = options.length === 0 && props.hasKeep;
  return (
    <div className="flex flex-col gap-1.5">
      {isChoice || !props.hasKeep ? null : (
        <AnswerButton testId="task-keep" shortcut="K" onClick={acts.keep} icon={<Check />} strong>
          {trims === null ? "Keep it as it is" : "Keep both as they are"}
        </AnswerButton>
      )}
      {trims === null ? null : <TrimButtons item={item} trims={trims} />}
      {options.map((id, index) => (
        <OptionButton key={id} item={item} id={id} index={index} choose={acts.choose} strong={isChoice} />
      ))}
      <Select
        aria-label="Give it another class"
        value=""
        placeholder={byNumber ? "Give it another class, or press its number" : "Give it another class"}
        disabled={acts.choose === null}
        onValueChange={(id) => acts.choose?.(id)}
        options={guideline.palette
          .filter(({ id }) => id !== item.classId)
          .map(({ id, name, colour, hotkey }) => ({
            value: id,
            label: name,
            icon: <Swatch colour={colour} />,
            ...(byNumber && hotkey !== null ? { hint: String(hotkey) } : {}),
          }))}
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
  );
}

/** Takes off what the two share, of the one or of the other; who points at it sees what would be left. */
function TrimButtons({ item, trims }: { readonly item: TaskItem; readonly trims: PairTrims }) {
  const { byId } = useVisit().session.workbench.guideline;
  const nameOf = (id: string | undefined) => byId.get(id ?? "")?.name ?? "the other";
  const [first, ...rest] = item.pairs;
  const others =
    rest.length === 0 ? `Trim ${nameOf(first?.classId)}, the other one` : `Trim the ${item.pairs.length} others`;
  return (
    <>
      <AnswerButton
        testId="task-trim"
        shortcut="T"
        onClick={trims.item.give}
        icon={<Scissors />}
        onPoint={(on) => trims.point(on ? "item" : null)}
      >
        <TrimText title={`Trim ${nameOf(item.classId)}, this one`} hint={trims.item.hint} />
      </AnswerButton>
      <AnswerButton
        testId="task-trim-other"
        shortcut="Shift T"
        onClick={trims.others.give}
        icon={<Scissors className="-scale-x-100" />}
        onPoint={(on) => trims.point(on ? "others" : null)}
      >
        <TrimText title={others} hint={trims.others.hint} />
      </AnswerButton>
    </>
  );
}

function TrimText({ title, hint }: { readonly title: string; readonly hint: string }) {
  return (
    <span className="flex min-w-0 flex-1 flex-col">
      <span>{title}</span>
      <span className="text-2xs text-muted">{hint}</span>
    </span>
  );
}

/** A class to choose; the suggested one stands out, says why, and is taken by Enter. */
function OptionButton(props: {
  readonly item: TaskItem;
  readonly id: string;
  readonly index: number;
  readonly choose: Acts["choose"];
  readonly strong: boolean;
}) {
  const { item, id, index, choose } = props;
  const { byId } = useVisit().session.workbench.guideline;
  const suggestion = item.suggestion?.classId === id ? item.suggestion : null;
  return (
    <AnswerButton
      testId={`task-choose-${index + 1}`}
      shortcut={String(index + 1)}
      onClick={choose === null ? null : () => choose(id)}
      strong={props.strong}
      suggested={suggestion !== null}
    >
      <span className="flex min-w-0 flex-1 flex-col">
        <OptionText definition={byId.get(id)} />
        {suggestion === null ? null : (
          <span className="mt-1 flex items-center gap-1.5 text-2xs text-accent-ink" data-testid="suggestion">
            <Sparkle className="size-3! text-current!" aria-hidden />
            <span className="flex-1">Suggested: {becauseText(suggestion, byId)}</span>
            <Key>Enter</Key>
          </span>
        )}
      </span>
    </AnswerButton>
  );
}

function AnswerButton(props: {
  readonly testId: string;
  readonly shortcut: string;
  readonly onClick: (() => void) | null;
  readonly icon?: ReactNode;
  readonly strong?: boolean;
  readonly suggested?: boolean;
  /** Told when somebody points at it or moves the focus there, and when they leave it. */
  readonly onPoint?: (on: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      data-testid={props.testId}
      disabled={props.onClick === null}
      onClick={() => props.onClick?.()}
      onPointerEnter={() => props.onPoint?.(true)}
      onPointerLeave={() => props.onPoint?.(false)}
      onFocus={() => props.onPoint?.(true)}
      onBlur={() => props.onPoint?.(false)}
      className={cn(
        "flex min-h-9 items-center gap-2.5 rounded-md border px-2.5 py-1.5 text-left transition-colors hover:bg-hover disabled:pointer-events-none disabled:opacity-40 [&_svg]:size-4 [&_svg]:text-faint",
        props.strong === true && "border-line-strong",
        props.suggested === true && "border-accent bg-accent-soft",
      )}
    >
      {props.icon}
      <span className="flex min-w-0 flex-1 items-center">{props.children}</span>
      <Key>{props.shortcut}</Key>
    </button>
  );
}

function ItemState({ item, mine }: { readonly item: TaskItem; readonly mine: boolean }) {
  switch (item.state) {
    case "waiting":
      return <Badge tone="warn">{mine ? "waits for you" : "waits"}</Badge>;
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
  /** Takes what is suggested. */
  readonly accept: (() => void) | null;
  readonly choose: ((id: string) => void) | null;
  readonly delete: (() => void) | null;
  readonly redraw: (() => void) | null;
  readonly unsure: (() => void) | null;
  readonly together: (() => void) | null;
};

/** One key for each answer; they come before the viewer's own. @param byDigit null where digits say attributes */
function useAnswerKeys(walk: TaskWalk, byDigit: ByDigit | null, acts: Acts): void {
  useKeys((event) => handleKey(event, walk, byDigit, acts));
}

function handleKey(event: KeyboardEvent, walk: TaskWalk, byDigit: ByDigit | null, acts: Acts): boolean {
  if (isModified(event)) return false;
  const chosen = byDigit?.(digitOf(event.code) ?? 0);
  if (chosen !== undefined) {
    acts.choose?.(chosen);
    return true;
  }
  const action: Record<string, (() => unknown) | null | undefined> = {
    // Where attributes are said, these belong to them.
    ...(byDigit === null ? {} : { k: acts.keep, enter: acts.accept }),
    d: acts.delete,
    r: acts.redraw,
    u: acts.unsure,
    b: acts.together,
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
