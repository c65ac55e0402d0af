import { ClipboardList, Inbox, type LucideIcon, SquareKanban, Table2 } from "lucide-react";
import Link from "next/link";
import { cn } from "#app/_components/ui/class-names.ts";
import { count } from "#app/_lib/format.ts";
import { searchWith, type TaskSearch, type TaskView } from "./task-filter.ts";

type Props = {
  readonly view: TaskView;
  readonly search: TaskSearch;
  readonly leads: boolean;
  readonly counts: Readonly<Partial<Record<TaskView, number>>>;
  /** There are more to decide than were counted. */
  readonly more: boolean;
};

const TABS: readonly { readonly view: TaskView; readonly label: string; readonly icon: LucideIcon }[] = [
  { view: "inbox", label: "Yours", icon: Inbox },
  { view: "board", label: "Board", icon: SquareKanban },
  { view: "table", label: "Table", icon: Table2 },
  { view: "tray", label: "To decide", icon: ClipboardList },
];

/** The ways to look at tasks; the tray is for leads. */
export function TaskViews({ view, search, leads, counts, more }: Props) {
  return (
    <nav aria-label="Views of tasks" className="scroll-thin scroll-more -mb-1 flex gap-5 overflow-x-auto border-b">
      {TABS.filter((tab) => tab.view !== "tray" || leads).map(({ view: each, label, icon: Icon }) => (
        <Link
          key={each}
          href={searchWith(search, { view: each, task: null, after: null })}
          aria-current={each === view ? "page" : undefined}
          className={cn(
            "-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 font-medium transition-colors",
            each === view ? "border-accent text-ink" : "border-transparent text-muted hover:text-ink",
          )}
        >
          <Icon className="size-4 text-faint" strokeWidth={1.75} aria-hidden />
          {label}
          {(counts[each] ?? 0) === 0 ? null : (
            <span className="tabular rounded-full bg-pressed px-1.5 text-2xs text-muted leading-4">
              {count(counts[each] ?? 0)}
              {more && each === "tray" ? "+" : ""}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
