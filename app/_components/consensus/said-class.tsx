import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { ClassDefinition } from "#domain/guideline.ts";

/** What a reader or the record says of a place: a class, or that nothing is to be marked there. */
export function SaidClass(props: {
  readonly classId: string | null;
  readonly classes: readonly ClassDefinition[];
  readonly nothing?: string;
  /** The reader outlined something there whose class is still to be chosen. */
  readonly waits?: boolean;
}) {
  const { classId, classes, nothing, waits = false } = props;
  if (classId === null) return <SaidNothing waits={waits} nothing={nothing} />;
  const definition = classes.find((each) => each.id === classId);
  return (
    <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#888888"} icon={definition?.icon} />
  );
}

/** A reader who gives a place to no class: did not mark it, or has outlined it and still has to choose. */
export function SaidNothing({ waits, nothing }: { readonly waits: boolean; readonly nothing?: string | undefined }) {
  if (!waits) return <span className="text-faint">{nothing ?? "did not mark"}</span>;
  return (
    <span
      className="text-warn-ink italic"
      data-testid="waits"
      title="Outlined, but the class was split since and nobody has chosen yet. Until then it counts for no class."
    >
      waits for its class
    </span>
  );
}
