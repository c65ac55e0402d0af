"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { Card } from "#app/_components/ui/card.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Progress } from "#app/_components/ui/progress.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { count, hours, plural } from "#app/_lib/format.ts";
import type { Board } from "#client/answers.ts";
import { BurnDownChart } from "./burn-down-chart.tsx";
import { filterOfGroup, searchWith, type TaskGroup, type TaskSearch } from "./task-filter.ts";

const OPTIONS = [
  { value: "change", label: "Change" },
  { value: "class", label: "Class" },
  { value: "person", label: "Person" },
  { value: "slide", label: "Slide" },
] as const;

type Props = { readonly board: Board; readonly group: TaskGroup; readonly search: TaskSearch };

/** How far everything is, by what the lead wants to look at, beside how fast it goes. A row filters the tasks below. */
export function BoardGroups({ board, group, search }: Props) {
  const router = useRouter();
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <Card
        title="What is left"
        actions={
          <Segmented
            label="Group by"
            value={group}
            onValueChange={(next) => router.replace(searchWith(search, { group: next }), { scroll: false })}
            options={OPTIONS}
          />
        }
        flush
      >
        {board.groups.length === 0 ? (
          <p className="px-4 py-6 text-center text-faint">Nothing is left by {group}.</p>
        ) : (
          <ul className="scroll-thin max-h-[190px] divide-y overflow-y-auto">
            {board.groups.map((each) => (
              <GroupRow key={each.key} row={each} group={group} search={search} />
            ))}
          </ul>
        )}
      </Card>
      <Card title="Burn-down" description="Items left, from the answers that stand">
        {board.burnDown.length === 0 ? (
          <p className="py-6 text-center text-faint">No work yet.</p>
        ) : (
          <BurnDownChart board={board} />
        )}
      </Card>
    </div>
  );
}

function GroupRow(props: {
  readonly row: Board["groups"][number];
  readonly group: TaskGroup;
  readonly search: TaskSearch;
}) {
  const { row, group, search } = props;
  const filter = filterOfGroup(group, row.key);
  const isOn = Object.entries(filter).every(([key, value]) => search[key as keyof TaskSearch] === value);
  const off = Object.fromEntries(Object.keys(filter).map((key) => [key, null]));
  const done = row.total === 0 ? 1 : 1 - row.left / row.total;
  return (
    <li>
      <Link
        href={searchWith(search, isOn ? off : filter)}
        scroll={false}
        aria-current={isOn ? "true" : undefined}
        className={cn(
          "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1.5 px-4 py-2 hover:bg-hover focus-visible:outline-offset-[-2px] sm:grid-cols-[minmax(0,1fr)_96px_11rem]",
          isOn && "bg-accent-soft hover:bg-accent-soft",
        )}
      >
        <span className="flex min-w-0 items-center gap-2">
          {row.colour === null ? null : <Swatch colour={row.colour} />}
          <span className="truncate font-medium">{row.label}</span>
          <span className="shrink-0 text-faint text-xs">{plural(row.unfinished, "open task")}</span>
        </span>
        <Progress
          value={done}
          label={`Done of ${row.label}`}
          tone={row.left === 0 ? "good" : "accent"}
          className="max-sm:order-last max-sm:col-span-2"
        />
        <span className="tabular whitespace-nowrap text-right text-xs">
          {row.left === 0 ? (
            <span className="text-good-ink">all done</span>
          ) : (
            <>
              {count(row.left)} left <span className="text-faint">· {hours(row.hoursLeft)}</span>
            </>
          )}
        </span>
      </Link>
      {row.changes.length === 0 ? null : <Changes row={row} />}
    </li>
  );
}

/** Which of the changes asks about how much of what is left; an outline that two ask about is under both. */
function Changes({ row }: { readonly row: Board["groups"][number] }) {
  return (
    <ul
      aria-label={`Changes in ${row.label}`}
      className="flex flex-wrap gap-x-4 gap-y-0.5 px-4 pb-2 text-muted text-xs"
    >
      {row.changes.map(({ key, version, label, left }) => (
        <li key={key}>
          {String(version) === row.key ? "" : `v${version}: `}
          {label} <span className="tabular text-faint">{count(left)}</span>
        </li>
      ))}
    </ul>
  );
}
