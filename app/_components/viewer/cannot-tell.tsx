"use client";

import { Check, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Key } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";

/** Longer is a comment, not a note. */
const MAX_NOTE = 2_000;

/** Why one cannot tell, for the lead who decides; Enter sends it, also without a word. */
export function CannotTell(props: {
  readonly onSay: (note: string) => void;
  readonly onCancel: () => void;
  /** The class that it falls back to by the guideline; null where a lead decides. */
  readonly fallback: string | null;
}) {
  const { session } = useVisit();
  const [note, setNote] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const fallback = session.workbench.guideline.byId.get(props.fallback ?? "")?.name;
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Escape") props.onCancel();
    else if (event.key === "Enter" && !event.shiftKey) props.onSay(note.trim());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="rounded-lg border border-accent/40 bg-accent-soft p-3" data-testid="cannot-tell-note">
      <label htmlFor="cannot-tell" className="font-medium text-accent-ink text-sm">
        What makes it unclear?
      </label>
      <p className="mt-0.5 mb-2 text-muted text-xs">
        {fallback === undefined
          ? "A lead reads it and decides."
          : `It is kept as ${fallback}; what you write stays with it in this task.`}
      </p>
      <Textarea
        ref={field}
        id="cannot-tell"
        rows={3}
        maxLength={MAX_NOTE}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder="For example: crushed, out of focus, between two classes"
      />
      <div className="mt-2 flex gap-2">
        <Button variant="primary" size="sm" onClick={() => props.onSay(note.trim())}>
          <Check aria-hidden /> Cannot tell <Key>Enter</Key>
        </Button>
        <Button variant="ghost" size="sm" onClick={props.onCancel}>
          <X aria-hidden /> Back <Key>Esc</Key>
        </Button>
      </div>
    </div>
  );
}
