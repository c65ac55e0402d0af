import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Skeleton } from "#app/_components/ui/skeleton.tsx";
import { count, hours, plural } from "#app/_lib/format.ts";
import type { AssignmentPreview } from "#client/answers.ts";

/** What each person has to do now and would have to do then; null while it is computed. */
export function AssignPreview({ preview }: { readonly preview: AssignmentPreview | null }) {
  if (preview === null) {
    return (
      <div className="flex flex-col gap-2" role="status" aria-label="Computing">
        <Skeleton className="h-9" />
        <Skeleton className="h-9" />
        <Skeleton className="h-9" />
      </div>
    );
  }
  const top = Math.max(1e-6, ...preview.people.flatMap(({ hoursBefore, hoursAfter }) => [hoursBefore, hoursAfter]));
  const moved = preview.assignments.filter(({ from, to }) => to !== null && to.id !== from?.id).length;
  return (
    <div data-testid="assignment-preview">
      <p className="mb-2 text-muted">
        {moved === 0 ? "Everything stays where it is." : `${plural(moved, "task")} would change hands.`}
        {preview.refused.length === 0
          ? ""
          : ` ${plural(preview.refused.length, "task")} cannot be given by this rule and would stay.`}
      </p>
      <ul className="divide-y rounded-md border">
        {preview.people.map(({ person, gets, hoursBefore, hoursAfter }) => (
          <li key={person.id} className="grid grid-cols-[150px_minmax(0,1fr)_auto] items-center gap-3 px-3 py-2">
            <PersonName name={person.name} colour={person.colour} />
            <span className="flex flex-col gap-1" aria-hidden>
              <span className="h-1.5 rounded-full bg-line-strong" style={{ width: `${(hoursBefore / top) * 100}%` }} />
              <span className="h-1.5 rounded-full bg-accent" style={{ width: `${(hoursAfter / top) * 100}%` }} />
            </span>
            <span className="tabular min-w-44 text-right text-xs">
              {gets === 0 ? null : <span className="mr-2 text-accent-ink">+{count(gets)}</span>}
              <span className="text-faint">{short(hoursBefore)}, then </span>
              <span className="font-medium">{short(hoursAfter)}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 flex gap-4 text-2xs text-faint">
        <span className="inline-flex items-center gap-1.5">
          <span className="h-1.5 w-4 rounded-full bg-line-strong" aria-hidden /> now
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span className="h-1.5 w-4 rounded-full bg-accent" aria-hidden /> then
        </span>
      </p>
    </div>
  );
}

function short(value: number): string {
  return value === 0 ? "nothing" : hours(value).replace("about ", "");
}
