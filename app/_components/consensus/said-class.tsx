import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { ClassDefinition } from "#domain/guideline.ts";

/** What a reader or the record says of a place: a class, or that nothing is to be marked there. */
export function SaidClass(props: {
  readonly classId: string | null;
  readonly classes: readonly ClassDefinition[];
  readonly nothing?: string;
}) {
  const { classId, classes, nothing = "did not mark" } = props;
  if (classId === null) return <span className="text-faint">{nothing}</span>;
  const definition = classes.find((each) => each.id === classId);
  return (
    <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#888888"} icon={definition?.icon} />
  );
}
