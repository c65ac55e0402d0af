"use client";

import { Check, X } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { digitOf } from "#client/keymap.ts";
import { useVisit } from "./session.tsx";
import { useKeys } from "./use-keys.ts";

type Props = {
  /** @param classId the class that was chosen, where there are options */
  readonly onDone: (classId: string | null) => void;
  readonly onCancel: () => void;
  /** Classes of which one has to be chosen with the shape; none where the class is settled. */
  readonly options?: readonly string[];
};

/** While a shape is drawn as an answer: how to hand it over, and how to give it up. */
export function RedrawBar({ onDone, onCancel, options = [] }: Props) {
  const { session } = useVisit();
  const { byId } = session.workbench.guideline;
  useRedrawKeys({ onDone, onCancel, options });
  return (
    <div className="rounded-lg border border-accent/40 bg-accent-soft p-3" data-testid="redraw-bar">
      <p className="text-accent-ink text-sm">Draw the shape with any tool. Nothing is stored until you hand it over.</p>
      <div className="mt-2 flex flex-wrap gap-2">
        {options.length === 0 ? (
          <Button variant="primary" size="sm" onClick={() => onDone(null)} data-testid="redraw-done">
            <Check aria-hidden /> Use this shape <Key>Enter</Key>
          </Button>
        ) : (
          options.map((id, index) => (
            <Button key={id} size="sm" onClick={() => onDone(id)} data-testid={`redraw-choose-${index + 1}`}>
              <ClassName name={byId.get(id)?.name ?? id} colour={byId.get(id)?.colour ?? "#8b93a1"} />
              <Key>{String(index + 1)}</Key>
            </Button>
          ))
        )}
        <Button variant="ghost" size="sm" onClick={onCancel}>
          <X aria-hidden /> Give up <Key>Esc</Key>
        </Button>
      </div>
    </div>
  );
}

function useRedrawKeys({ onDone, onCancel, options }: Required<Props>): void {
  useKeys((event) => {
    const chosen = options[(digitOf(event.code) ?? 0) - 1];
    if (event.key === "Escape") onCancel();
    else if (chosen !== undefined && !event.shiftKey) onDone(chosen);
    else if (event.key === "Enter" && options.length === 0) onDone(null);
    else return false;
    return true;
  });
}

export function Key({ children }: { readonly children: string }) {
  return <kbd className="rounded border border-current/25 px-1 font-sans text-2xs opacity-70">{children}</kbd>;
}
