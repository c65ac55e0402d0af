"use client";

import { ArrowLeft, ArrowRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Progress } from "#app/_components/ui/progress.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { ReaderTest } from "#client/answers.ts";
import { classId } from "#domain/ids.ts";
import { PlaceCrop } from "./place-crop.tsx";
import { optionKeys } from "./test-keys.ts";

type Attempt = NonNullable<ReaderTest["attempt"]>;

/** One place after the other: a key says what it is and shows the next, the arrows go back and forth. */
export function TestItems(props: {
  readonly test: ReaderTest;
  readonly attempt: Attempt;
  readonly busy: boolean;
  readonly onSay: (itemId: string, said: ReturnType<typeof classId.parse>) => Promise<boolean>;
}) {
  const { test, attempt, busy } = props;
  const first = attempt.items.findIndex(({ said }) => said === null);
  const [at, setAt] = useState(Math.max(0, first));
  const item = attempt.items[at];
  const last = attempt.items.length - 1;
  const answered = attempt.items.filter(({ said }) => said !== null).length;
  const options = optionKeys(test.options);
  const say = async (id: string) => {
    if (item === undefined || busy) return;
    if (await props.onSay(item.id, classId.parse(id))) setAt(nextOf(attempt, at));
  };
  useKeyDown((key) => {
    if (key === "ArrowLeft") setAt(Math.max(0, at - 1));
    else if (key === "ArrowRight") setAt(Math.min(last, at + 1));
    else {
      const chosen = options.find((option) => option.key === key);
      if (chosen === undefined) return false;
      void say(chosen.id);
    }
    return true;
  });
  if (item === undefined) return null;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_300px]" data-testid="test-item">
      <PlaceCrop
        key={item.id}
        place={item}
        label={`Place ${at + 1}`}
        size={1_024}
        className="mx-auto w-full max-w-[min(680px,calc(100dvh-180px))]"
      />
      <section aria-label="What is it?" className="flex flex-col gap-3">
        <div className="flex items-center gap-3">
          <h2 className="font-semibold text-base">What is it?</h2>
          <span className="tabular ml-auto text-muted text-xs" data-testid="test-place">
            {at + 1} of {attempt.items.length}
          </span>
        </div>
        <Progress value={answered / attempt.items.length} label="Places answered" />
        <ul className="flex flex-col gap-1.5">
          {options.map((option) => (
            <li key={option.id}>
              <button
                type="button"
                disabled={busy}
                aria-pressed={item.said === option.id}
                onClick={() => void say(option.id)}
                className={cn(
                  "flex w-full items-center gap-2.5 rounded-md border bg-panel px-3 py-2 text-left hover:border-line-strong hover:bg-hover",
                  item.said === option.id && "border-accent bg-accent-soft",
                )}
              >
                <Swatch colour={option.colour} />
                <span className="min-w-0 flex-1 truncate">{option.name}</span>
                {option.key === null ? null : (
                  <kbd className="rounded border px-1.5 font-sans text-2xs text-faint">{option.key}</kbd>
                )}
              </button>
            </li>
          ))}
        </ul>
        <div className="flex items-center gap-2">
          <Button size="sm" disabled={at === 0} onClick={() => setAt(at - 1)}>
            <ArrowLeft aria-hidden /> Back
          </Button>
          <Button size="sm" disabled={at === last} onClick={() => setAt(at + 1)}>
            Next <ArrowRight aria-hidden />
          </Button>
          <span className="ml-auto text-faint text-xs">An answer may be changed until the last one.</span>
        </div>
      </section>
    </div>
  );
}

/** The next place that has no answer, after this one or else from the beginning. */
function nextOf({ items }: Attempt, at: number): number {
  const open = items.flatMap(({ said }, index) => (said === null && index !== at ? [index] : []));
  return open.find((index) => index > at) ?? open[0] ?? at;
}

/** @param handle says whether the key meant something here */
function useKeyDown(handle: (key: string) => boolean): void {
  const handler = useRef(handle);
  useEffect(() => {
    handler.current = handle;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (handler.current(event.key)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
