import { FlaskConical } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Trial } from "#client/answers.ts";

export function TrialList(props: {
  readonly projectId: string;
  readonly trials: readonly Trial[];
  readonly draws: boolean;
}) {
  const path = projectPath(props.projectId, "guideline/trials");
  if (props.trials.length === 0) {
    return (
      <div className="rounded-lg border border-dashed bg-panel">
        <EmptyState icon={FlaskConical} title="No trial yet">
          A lead tries a draft out on some slides before it is published: readers draw with its classes, and nothing of
          it enters the data.
        </EmptyState>
      </div>
    );
  }
  return (
    <ul className="flex flex-col gap-3">
      {props.trials.map((trial) => (
        <li key={trial.id} className="relative rounded-lg border bg-panel p-4 shadow-soft hover:border-line-strong">
          <div className="flex items-center gap-3">
            <h2 className="min-w-0 flex-1 truncate font-semibold text-base">
              <Link href={`${path}/${trial.id}`} className="after:absolute after:inset-0">
                {trial.name}
              </Link>
            </h2>
            {trial.endedAt === null ? <Badge tone="accent">running</Badge> : <Badge>ended</Badge>}
          </div>
          <p className="mt-1 flex flex-wrap items-center gap-x-4 text-faint text-xs">
            <PersonName name={trial.createdBy.name} colour={trial.createdBy.colour} />
            <Time at={trial.createdAt} />
            <span>{trial.slides.map(({ name }) => name).join(", ")}</span>
            {props.draws ? <span>you drew {plural(trial.mine, "outline")}</span> : null}
          </p>
        </li>
      ))}
    </ul>
  );
}
