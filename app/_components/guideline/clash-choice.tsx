import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import type { DraftClash } from "#domain/draft-merge.ts";
import { clashWords } from "./clash-words.ts";

type Side = "mine" | "theirs";

/** What two people wrote on one field, side by side, and whose stands. */
export function ClashChoice(props: {
  readonly clash: DraftClash;
  /** What the other text is: stored, published. */
  readonly stored: string;
  readonly chosen?: Side | undefined;
  readonly onChoose: (side: Side) => void;
}) {
  const { clash, chosen } = props;
  return (
    <div className="mt-2 grid grid-cols-1 gap-3 text-ink sm:grid-cols-2">
      {(["theirs", "mine"] as const).map((side) => (
        <div
          key={side}
          className={cn(
            "flex min-w-0 flex-col gap-2 rounded-md border bg-panel p-2.5",
            chosen === side && "border-accent ring-1 ring-accent",
          )}
        >
          <p className="text-faint text-xs">{side === "theirs" ? props.stored : "Yours"}</p>
          <p className="scroll-thin max-h-40 flex-1 overflow-y-auto whitespace-pre-wrap">{clashWords(clash[side])}</p>
          <Button size="sm" className="self-start" aria-pressed={chosen === side} onClick={() => props.onChoose(side)}>
            {side === "theirs" ? "Keep theirs" : "Take mine"}
          </Button>
        </div>
      ))}
    </div>
  );
}
