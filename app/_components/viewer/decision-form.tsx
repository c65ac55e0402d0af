"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { digitOf } from "#client/keymap.ts";
import type { Sandbox } from "#client/sandbox.ts";
import { classId } from "#domain/ids.ts";
import { type ReasonCode, reasonCodeSchema } from "#domain/task.ts";
import { readColour } from "./consensus-scene.ts";
import { REASON_WORDS } from "./reason-words.ts";
import { Key, RedrawBar } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import type { ConsensusWalk } from "./use-consensus.ts";
import { useKeys } from "./use-keys.ts";
import { useUnclear } from "./use-unclear.ts";

type Props = {
  readonly walk: ConsensusWalk;
  readonly dispute: Dispute;
  readonly consensus: ConsensusView;
  /** In which reads are offered. */
  readonly order: readonly number[];
  /** A shape is about to be drawn: nothing may cover the slide. */
  readonly onDraw: () => void;
};
type Choice = {
  readonly id: string;
  readonly shortcut: string;
  readonly label: ReactNode;
  readonly act: (() => void) | null;
};

const LIKELY_REASON: Readonly<Record<Dispute["kind"], ReasonCode>> = {
  "class-conflict": "class-confusion",
  missed: "missed",
  boundary: "too-loose",
  regrouped: "class-confusion",
};

/** How a dispute is settled: one key, with the reason that is counted for its class. */
export function DecisionForm(props: Props) {
  const { walk, dispute, onDraw } = props;
  const { session } = useVisit();
  const [reason, setReason] = useState<ReasonCode>(LIKELY_REASON[dispute.kind]);
  const [note, setNote] = useState("");
  const [sandbox, setSandbox] = useState<Sandbox | null>(null);
  const said = { reason, note };
  const redraw = () => {
    const likely = dispute.majority ?? dispute.votes.find((vote) => vote.classId !== null)?.classId ?? null;
    const chosen = classId.safeParse(likely ?? session.workbench.guideline.palette[0]?.id);
    if (!chosen.success) return;
    onDraw();
    setSandbox(session.openSandbox([], chosen.data));
  };
  useEffect(() => () => session.closeSandbox(), [session]);
  const unclear = useUnclear(props, said);
  const choices = choicesOf(props, said, { redraw, unclear });
  const noteField = useRef<HTMLTextAreaElement>(null);
  useReasonKeys(sandbox === null, {
    next: (step) => setReason(neighbour(reason, step)),
    note: () => noteField.current?.focus(),
  });
  const close = () => {
    session.closeSandbox();
    setSandbox(null);
  };
  const done = () => {
    const geometry = sandbox?.geometry() ?? null;
    const drawn = session.workbench.store.getState().classId;
    if (geometry === null || drawn === null) {
      session.workbench.store.setState({ message: { text: "Draw a shape first, or give up." } });
      return;
    }
    close();
    void walk.decide({ method: "redraw", classId: drawn, geometry, ...said });
  };
  return (
    <div className="mt-3 flex flex-col gap-3">
      <Field label="Reason (E for the next)">
        {(control) => (
          <Select
            id={control.id}
            value={reason}
            onValueChange={(value) => setReason(reasonCodeSchema.parse(value))}
            options={reasonCodeSchema.options.map((code) => ({ value: code, label: REASON_WORDS[code] }))}
          />
        )}
      </Field>
      {sandbox === null ? <Choices choices={choices} /> : <Redrawing onDone={done} onCancel={close} />}
      <Field label="Note (N, then Esc to go on)">
        {(control) => (
          <Textarea
            {...control}
            ref={noteField}
            onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
    </div>
  );
}

function neighbour(reason: ReasonCode, step: number): ReasonCode {
  const { options } = reasonCodeSchema;
  return options[(options.indexOf(reason) + step + options.length) % options.length] ?? reason;
}

/** E and Shift+E go through the reasons, N goes to the note; while a shape is drawn the keys are the tools'. */
function useReasonKeys(
  active: boolean,
  act: { readonly next: (step: number) => void; readonly note: () => void },
): void {
  useKeys((event) => {
    if (!active || event.ctrlKey || event.metaKey || event.altKey) return false;
    const wanted = { e: () => act.next(1), E: () => act.next(-1), n: act.note }[event.key];
    wanted?.();
    return wanted !== undefined;
  });
}

function Redrawing(props: { readonly onDone: () => void; readonly onCancel: () => void }) {
  const { session } = useVisit();
  const { guideline, store } = session.workbench;
  const [drawn, setDrawn] = useState(store.getState().classId ?? "");
  const choose = (value: string) => {
    const found = guideline.palette.find(({ id }) => id === value);
    if (found === undefined) return;
    setDrawn(found.id);
    store.setState({ classId: found.id });
  };
  return (
    <>
      <Select
        aria-label="Class of the new shape"
        value={drawn}
        onValueChange={choose}
        options={guideline.palette.map(({ id, name, colour }) => ({
          value: id,
          label: name,
          icon: <Swatch colour={colour} />,
        }))}
      />
      <RedrawBar {...props} />
    </>
  );
}

function Choices({ choices }: { readonly choices: readonly Choice[] }) {
  useChoiceKeys(choices);
  return (
    <div className="grid grid-cols-2 gap-1.5">
      {choices.map(({ id, shortcut, label, act }) => (
        <button
          key={id}
          type="button"
          data-testid={`decide-${id}`}
          disabled={act === null}
          onClick={() => act?.()}
          className={cn(
            "flex min-h-9 items-center gap-2 rounded-md border px-2.5 py-1.5 text-left text-sm leading-4 transition-colors hover:bg-hover",
            "disabled:pointer-events-none disabled:opacity-40",
          )}
        >
          <span className="flex min-w-0 flex-1 items-center gap-2">{label}</span>
          <Key>{shortcut}</Key>
        </button>
      ))}
    </div>
  );
}

function useChoiceKeys(choices: readonly Choice[]): void {
  useKeys((event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const pressed = digitOf(event.code)?.toString() ?? event.key.toUpperCase();
    const found = choices.find(({ shortcut }) => shortcut === pressed);
    found?.act?.();
    return found !== undefined;
  });
}

function choicesOf(
  { walk, dispute, consensus, order }: Props,
  said: { readonly reason: ReasonCode; readonly note: string },
  { redraw, unclear }: { readonly redraw: () => void; readonly unclear: () => void },
): readonly Choice[] {
  const named = new Set(dispute.votes.flatMap((vote) => vote.classId ?? []));
  const marked = dispute.votes.filter((vote) => vote.classId !== null).length;
  const isClear = dispute.majority !== null || named.size === 1;
  const hasArea = dispute.geometry.type !== "point";
  const when = (allowed: boolean, act: () => void) => (allowed && !walk.busy ? act : null);
  const majorityWord = {
    class: "The majority",
    "not-marked": "Majority: not marked",
    tie: "No majority",
    "no-consensus": "No majority",
  };
  return [
    ...order.map(
      (read, place): Choice => ({
        id: `read-${place + 1}`,
        shortcut: String(place + 1),
        label: (
          <>
            <Swatch colour={readColour(read)} className="rounded-full" />
            <span className="truncate">
              {consensus.reads[read]?.reader?.name ?? `Read ${consensus.reads[read]?.label}`}
            </span>
          </>
        ),
        act: when(
          !dispute.votes.some((vote) => vote.read === read && vote.waits),
          () => void walk.decide({ method: "accept-read", read, ...said }),
        ),
      }),
    ),
    {
      id: "majority",
      shortcut: "M",
      label: majorityWord[dispute.verdict],
      act: when(
        dispute.verdict === "class" || dispute.verdict === "not-marked",
        () => void walk.decide({ method: "majority", ...said }),
      ),
    },
    {
      id: "union",
      shortcut: "A",
      label: "All that was marked",
      act: when(isClear && hasArea, () => void walk.decide({ method: "union", ...said })),
    },
    {
      id: "intersection",
      shortcut: "I",
      label: "What all share",
      act: when(isClear && hasArea && marked > 1, () => void walk.decide({ method: "intersection", ...said })),
    },
    { id: "redraw", shortcut: "R", label: "Redraw it", act: when(true, redraw) },
    {
      id: "exclude",
      shortcut: "X",
      label: "Leave out, ignore",
      act: when(true, () => void walk.decide({ method: "exclude", ...said })),
    },
    {
      id: "unresolved",
      shortcut: "U",
      label: "Leave unresolved",
      act: when(true, () => void walk.decide({ method: "unresolved", ...said })),
    },
    {
      id: "unclear",
      shortcut: "G",
      label: "Guideline unclear",
      act: when(true, unclear),
    },
  ];
}
