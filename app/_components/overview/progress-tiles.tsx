import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { cn } from "#app/_components/ui/class-names.ts";
import { Progress } from "#app/_components/ui/progress.tsx";
import { count } from "#app/_lib/format.ts";
import type { Overview } from "#client/answers.ts";

type Props = {
  readonly projectId: string;
  readonly slideCount: number;
  readonly progress: NonNullable<Overview["progress"]>;
};

/** The state of the project in five numbers; each leads to its page. */
export function ProgressTiles({ projectId, slideCount, progress }: Props) {
  const path = (segment: string) => projectPath(projectId, segment);
  return (
    <section aria-label="Progress" className="grid grid-cols-2 gap-3 md:grid-cols-5">
      <Tile href={path("slides")} label="Slides" value={count(slideCount)} />
      <Tile
        href={path("rounds")}
        label="Reads submitted"
        value={count(progress.readsSubmitted)}
        of={count(progress.readsTotal)}
        share={progress.readsTotal === 0 ? null : progress.readsSubmitted / progress.readsTotal}
      />
      <Tile
        href={path("tasks")}
        label="Open tasks"
        value={count(progress.tasksUnfinished)}
        warn={progress.tasksUnfinished > 0}
      />
      <Tile href={path("tasks")} label="Stale annotations" value={count(progress.stale)} warn={progress.stale > 0} />
      <Tile
        href={path("consensus")}
        label="Disputes to settle"
        value={count(progress.disputesUndecided)}
        warn={progress.disputesUndecided > 0}
      />
    </section>
  );
}

function Tile(props: {
  readonly href: string;
  readonly label: string;
  readonly value: string;
  readonly of?: string;
  readonly share?: number | null;
  readonly warn?: boolean;
}) {
  return (
    <Link
      href={props.href}
      className="flex h-21 flex-col rounded-lg border bg-panel px-4 py-3 shadow-soft transition-colors hover:border-line-strong hover:bg-hover/50"
    >
      <span className="text-faint text-xs">{props.label}</span>
      <span className={cn("tabular mt-0.5 font-semibold text-xl tracking-tight", props.warn && "text-warn-ink")}>
        {props.value}
        {props.of === undefined ? null : <span className="font-normal text-base text-faint"> / {props.of}</span>}
      </span>
      {props.share === undefined || props.share === null ? null : (
        <Progress value={props.share} label={props.label} className="mt-auto" tone="good" />
      )}
    </Link>
  );
}
