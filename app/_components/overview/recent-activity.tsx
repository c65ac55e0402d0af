import Link from "next/link";
import { actionWords } from "#app/_components/audit/action-words.ts";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import type { AuditEntry } from "#client/answers.ts";

export function RecentActivity({
  projectId,
  entries,
}: {
  readonly projectId: string;
  readonly entries: readonly AuditEntry[];
}) {
  return (
    <Card
      title="Recent activity"
      actions={
        <Link href={projectPath(projectId, "audit")} className="text-accent-ink text-xs hover:underline">
          All
        </Link>
      }
      flush
    >
      {entries.length === 0 ? <p className="p-4 text-muted">Nothing has happened yet.</p> : null}
      <ul className="py-1.5">
        {entries.map((entry) => (
          <li key={entry.seq} className="flex items-start gap-2.5 px-4 py-1 text-xs leading-5">
            {entry.person === null ? (
              <span className="size-5 shrink-0 rounded-full border bg-canvas" aria-hidden />
            ) : (
              <Avatar name={entry.person.name} colour={entry.person.colour} size="sm" />
            )}
            <span className="min-w-0 flex-1">
              <span className="font-medium">{entry.person?.name ?? "Concord"}</span>{" "}
              <span className="text-muted">{actionWords(entry.action)}</span>
            </span>
            <span className="text-faint text-xs">
              <Time at={entry.at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
