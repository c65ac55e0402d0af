"use client";

import { RadioGroup } from "radix-ui";
import type { Round } from "#client/answers.ts";
import { MODE_WORDS, MODES } from "./round-words.ts";

type Mode = Round["mode"];

export function ModeChoice({ value, onChange }: { readonly value: Mode; readonly onChange: (mode: Mode) => void }) {
  const choose = (next: string) => {
    const mode = MODES.find((each) => each === next);
    if (mode !== undefined) onChange(mode);
  };
  return (
    <RadioGroup.Root value={value} onValueChange={choose} aria-label="Mode" className="grid gap-3 md:grid-cols-3">
      {MODES.map((mode) => (
        <RadioGroup.Item
          key={mode}
          value={mode}
          className="group flex flex-col rounded-lg border bg-panel p-3 text-left transition-colors hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft/40"
        >
          <span className="flex items-center gap-2">
            <span className="grid size-4 place-items-center rounded-full border border-line-strong bg-panel group-data-[state=checked]:border-accent">
              <RadioGroup.Indicator className="size-2 rounded-full bg-accent" />
            </span>
            <span className="font-semibold">{MODE_WORDS[mode].label}</span>
            <span className="text-faint text-xs">{MODE_WORDS[mode].short}</span>
          </span>
          <span className="mt-1.5 text-muted text-xs">{MODE_WORDS[mode].text}</span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
