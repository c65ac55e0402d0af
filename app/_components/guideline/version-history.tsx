import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import type { PublishedVersion } from "#client/answers.ts";
import { ChangeList } from "./change-list.tsx";
import { UndoVersion } from "./undo-version.tsx";

type Props = {
  readonly projectId: string;
  readonly versions: readonly PublishedVersion[];
  readonly shown: number;
  /** This person writes the guideline. */
  readonly edits: boolean;
  readonly hasDraft: boolean;
};

/** Newest first: what each version changed, in typed changes and in words. */
export function VersionHistory({ projectId, versions, shown, edits, hasDraft }: Props) {
  const path = projectPath(projectId, "guideline");
  const newest = versions.at(-1)?.number;
  return (
    <Card title="Versions" className="sticky top-18" flush>
      <ol className="scroll-thin max-h-[calc(100dvh-8rem)] divide-y overflow-y-auto">
        {[...versions].reverse().map((version) => (
          <li key={version.number} className={cn("px-4 py-3", version.number === shown && "bg-accent-soft/40")}>
            <div className="flex items-center gap-2">
              <Link
                prefetch={false}
                href={`${path}?version=${version.number}`}
                className="font-semibold hover:underline"
              >
                Version {version.number}
              </Link>
              {version.number === newest ? <Badge tone="good">in force</Badge> : null}
              <span className="ml-auto text-faint text-xs">
                <Time at={version.publishedAt} />
              </span>
            </div>
            <p className="text-faint text-xs">published by {version.publishedBy.name}</p>
            {version.note === "" ? null : <p className="mt-1 text-muted">{version.note}</p>}
            {edits && version.number > 1 ? (
              <UndoVersion projectId={projectId} versions={versions} number={version.number} hasDraft={hasDraft} />
            ) : null}
            {version.number === 1 ? null : (
              <ChangeList
                changes={version.changes}
                before={versions.find((each) => each.number === version.number - 1)?.content ?? null}
                after={version.content}
              />
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
