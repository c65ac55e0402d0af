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
import { useUnclear } from "./use-unclear.ts";

type Props = {
  readonly walk: ConsensusWalk;
  readonly dispute: Dispute;
  readonly consensus: ConsensusView;
  /** In which reads are offered. */
  readonly order: readonly number[];
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
export function DecisionForm({ walk, dispute, consensus, order }: Props) {
  const { session } = useVisit();
  const [reason, setReason] = useState<ReasonCode>(LIKELY_REASON[dispute.kind]);
  const [note, setNote] = useState("");
  const [sandbox, setSandbox] = useState<Sandbox | null>(null);
  const said = { reason, note };
  const redraw = () => {
    const likely = dispute.majority ?? dispute.votes.find((vote) => vote.classId !== null)?.classId ?? null;
    const chosen = classId.safeParse(likely ?? session.workbench.guideline.palette[0]?.id);
    if (chosen.success) setSandbox(session.openSandbox([], chosen.data));
  };
  useEffect(() => () => session.closeSandbox(), [session]);
  const unclear = useUnclear({ walk, dispute, consensus }, said.note);
  const choices = choicesOf({ walk, dispute, consensus, order }, said, { redraw, unclear });
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
      {sandbox === null ? <Choices choices={choices} /> : <Redrawing onDone={done} onCancel={close} />}
      <Field label="Reason">
        {(control) => (
          <Select
            id={control.id}
            value={reason}
            onValueChange={(value) => setReason(reasonCodeSchema.parse(value))}
            options={reasonCodeSchema.options.map((code) => ({ value: code, label: REASON_WORDS[code] }))}
          />
        )}
      </Field>
      <Field label="Note">
        {(control) => (
          <Textarea
            {...control}
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
    <div className="flex flex-col gap-1.5">
      {choices.map(({ id, shortcut, label, act }) => (
        <button
          key={id}
          type="button"
          data-testid={`decide-${id}`}
          disabled={act === null}
          onClick={() => act?.()}
          className={cn(
            "flex min-h-9 items-center gap-2.5 rounded-md border px-2.5 py-1.5 text-left transition-colors hover:bg-hover",
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
  const { keys } = useVisit();
  const handler = useRef<(event: KeyboardEvent) => boolean>(() => false);
  useEffect(() => {
    handler.current = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
      const pressed = digitOf(event.code)?.toString() ?? event.key.toUpperCase();
      const found = choices.find(({ shortcut }) => shortcut === pressed);
      found?.act?.();
      return found !== undefined;
    };
  });
  useEffect(() => keys.open((event) => handler.current(event)), [keys]);
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
    class: "Take the majority",
    "not-marked": "Take the majority: not marked",
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
            <Swatch colour={readColour(read)} className="rounded-full" /> Accept read {consensus.reads[read]?.label}
          </>
        ),
        act: when(true, () => void walk.decide({ method: "accept-read", read, ...said })),
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
      label: "Take all that was marked",
      act: when(isClear && hasArea, () => void walk.decide({ method: "union", ...said })),
    },
    {
      id: "intersection",
      shortcut: "I",
      label: "Take what all who marked share",
      act: when(isClear && hasArea && marked > 1, () => void walk.decide({ method: "intersection", ...said })),
    },
    { id: "redraw", shortcut: "R", label: "Redraw it", act: when(true, redraw) },
    {
      id: "exclude",
      shortcut: "X",
      label: "Leave this region out",
      act: when(true, () => void walk.decide({ method: "exclude", ...said })),
    },
    {
      id: "unresolved",
      shortcut: "U",
      label: "Leave it unresolved",
      act: when(true, () => void walk.decide({ method: "unresolved", ...said })),
    },
    {
      id: "unclear",
      shortcut: "G",
      label: "The guideline is unclear: ask",
      act: when(true, unclear),
    },
  ];
}
