import { cn } from "#app/_components/ui/class-names.ts";
import type { LastingChange } from "./use-series.ts";

/** Who changed, before any chart is read; a name shows that reader's charts. */
export function ReaderChanges({
  changes,
  chosen,
  nameOf,
  onChoose,
}: {
  readonly changes: readonly LastingChange[];
  readonly chosen: string;
  readonly nameOf: (readerId: string) => string;
  readonly onChoose: (readerId: string) => void;
}) {
  if (changes.length === 0)
    return <p className="mb-3 text-sm">No reader has lastingly changed what they use classes for.</p>;
  return (
    <ul className="mb-4 flex flex-wrap gap-2" data-testid="reader-changes">
      {changes.map(({ readerId, classes }) => (
        <li key={readerId}>
          <button
            type="button"
            aria-pressed={readerId === chosen}
            onClick={() => onChoose(readerId)}
            className={cn(
              "rounded-md border px-3 py-1.5 text-left text-sm hover:bg-hover",
              readerId === chosen ? "border-accent" : "",
            )}
          >
            <span className="font-medium">{nameOf(readerId)}</span>{" "}
            <span className="text-muted">changed at {classes.map(said).join(", ")}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function said({ name, version }: LastingChange["classes"][number]): string {
  return version === null ? name : `${name} (v${version})`;
}
