import { Repeat2 } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Drift } from "#client/answers.ts";
import { PairGroups } from "./pair-groups.tsx";

/** How well readers agree with themselves, from reads that they did not know to be repeats. */
export function RepeatAgreement({ drift, projectId }: { readonly drift: Drift; readonly projectId: string }) {
  const groups = drift.repeats.map((group) => ({
    key: `${group.readerId}-${group.from}-${group.to}`,
    who: drift.readers.find(({ id }) => id === group.readerId)?.name ?? "A reader",
    group,
  }));
  const open = drift.repeatsOpen === 0 ? "" : ` ${plural(drift.repeatsOpen, "repeat")} not handed in yet.`;
  return (
    <Card
      flush
      title="Agreement with oneself"
      description={`The same person, the same slide, weeks apart and without knowing: nobody can agree with others better than this.${open}`}
    >
      {groups.length === 0 ? (
        <EmptyState
          icon={Repeat2}
          title={drift.repeatsOpen === 0 ? "No repeat reads yet" : "Repeats are being read"}
          action={
            <Button asChild>
              <Link href={projectPath(projectId, "rounds/new")}>Plan a blind round</Link>
            </Button>
          }
        >
          When you plan a blind round you can have earlier reads asked for again, hidden among the new ones.
        </EmptyState>
      ) : (
        <div className="py-3">
          <PairGroups groups={groups} classes={drift.classes} caption="Agreement with oneself" unit="slide" />
        </div>
      )}
    </Card>
  );
}
