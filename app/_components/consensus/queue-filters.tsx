"use client";

import { X } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "#app/_components/ui/button.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { QueueView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { DISPUTE_WORDS } from "./measure-words.ts";
import { type QueueAsk, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly ask: QueueAsk;
  readonly queue: QueueView;
  readonly classes: readonly ClassDefinition[];
};
const ANY = "any";

/** What the queue is narrowed to; all of it is in the address, so that it can be sent to somebody. */
export function QueueFilters({ projectId, ask, queue, classes }: Props) {
  const router = useRouter();
  const go = (change: QueueAsk) => router.push(queuePath(projectId, { ...ask, ...change }));
  const picked = (value: string) => (value === ANY ? undefined : value);
  const name = (index: number) => {
    const reader = queue.readers[index];
    return reader?.reader?.name ?? `Reader ${reader?.label ?? index + 1}`;
  };
  const pairs = queue.readers.flatMap((_, a) => queue.readers.slice(a + 1).map((__, step) => ({ a, b: a + 1 + step })));
  const said = (id: string | undefined) =>
    id === "none" ? "not marked" : (classes.find((each) => each.id === id)?.name ?? id ?? "anything");
  return (
    <fieldset aria-label="Filters" className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Class"
        className="w-auto max-w-60"
        value={ask.class ?? ANY}
        onValueChange={(value) => go({ class: picked(value) })}
        options={[
          { value: ANY, label: "Any class" },
          ...classes
            .filter(({ retired }) => !retired)
            .map(({ id, name: label, colour }) => ({ value: id, label, icon: <Swatch colour={colour} /> })),
        ]}
      />
      <Select
        aria-label="Kind"
        className="w-auto max-w-60"
        value={ask.kind ?? ANY}
        onValueChange={(value) => go({ kind: picked(value) })}
        options={[
          { value: ANY, label: "Any kind" },
          ...Object.entries(DISPUTE_WORDS).map(([value, label]) => ({ value, label })),
        ]}
      />
      <Select
        aria-label="Slide"
        className="w-auto max-w-60"
        value={ask.slide ?? ANY}
        onValueChange={(value) => go({ slide: picked(value) })}
        options={[
          { value: ANY, label: "Any slide" },
          ...queue.slides.map(({ id, name: label }) => ({ value: id, label })),
        ]}
      />
      <Select
        aria-label="Readers"
        className="w-auto max-w-60"
        value={ask.a === undefined || ask.b === undefined ? ANY : `${ask.a}-${ask.b}`}
        onValueChange={(value) => {
          const [a, b] = value.split("-").map(Number);
          go(value === ANY ? { a: undefined, b: undefined } : { a, b });
        }}
        options={[
          { value: ANY, label: "Any readers" },
          ...pairs.map(({ a, b }) => ({ value: `${a}-${b}`, label: `${name(a)} and ${name(b)}` })),
        ]}
      />
      <Select
        aria-label="State"
        className="w-auto max-w-60"
        value={ask.state ?? "open"}
        onValueChange={(value) => go({ state: value === "all" ? "all" : undefined })}
        options={[
          { value: "open", label: "To settle" },
          { value: "all", label: "All, settled too" },
        ]}
      />
      {chipsOf(ask, { said, name }).map(({ label, without }) => (
        <Button key={label} size="sm" className="h-8" onClick={() => go(without)}>
          {label} <X aria-hidden />
          <span className="sr-only">remove this filter</span>
        </Button>
      ))}
    </fieldset>
  );
}

type Chip = { readonly label: string; readonly without: QueueAsk };

/** What a link has narrowed the queue to beyond the choices above: each can be taken away. */
function chipsOf(
  { a, b, x, y, version, task, differs, flagged }: QueueAsk,
  words: { readonly said: (id: string | undefined) => string; readonly name: (index: number) => string },
): readonly Chip[] {
  const chips: Chip[] = [];
  if (a === undefined && b !== undefined) {
    chips.push({ label: `${words.name(b)} against the consensus`, without: { b: undefined } });
  }
  if (flagged !== undefined) {
    const label = `Reliability says ${words.said(y)}, the majority ${words.said(x)}`;
    chips.push({ label, without: { flagged: undefined, x: undefined, y: undefined } });
  } else if (x !== undefined || y !== undefined) {
    chips.push({ label: `${words.said(x)} against ${words.said(y)}`, without: { x: undefined, y: undefined } });
  }
  if (version !== undefined) chips.push({ label: `Read under guideline v${version}`, without: { version: undefined } });
  if (task !== undefined) chips.push({ label: "Of the task alone", without: { task: undefined } });
  if (differs !== undefined) chips.push({ label: "Where the record differs", without: { differs: undefined } });
  return chips;
}
