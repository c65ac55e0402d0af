"use client";

import { cn } from "#app/_components/ui/class-names.ts";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { percent } from "#app/_lib/format.ts";
import type { TaskItem } from "#client/answers.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import { changedText, exceeds, mostText, pairSentence } from "./pair-words.ts";
import { useVisit } from "./session.tsx";

type Paired = TaskItem["pairs"][number];
type Side = NonNullable<Paired["shared"]>["item"];

/** What is asked about two outlines that do not go together, with what each shares against what its class allows. */
export function PairCard(props: {
  readonly item: TaskItem;
  readonly pair: Paired;
  readonly versions: readonly GuidelineVersion[];
}) {
  const { item, pair, versions } = props;
  const { byId } = useVisit().session.workbench.guideline;
  const nameOf = (id: string) => byId.get(id)?.name ?? id;
  const changed = changedText(item, pair, versions);
  return (
    <section className="rounded-lg border bg-sunken" data-testid="pair-card">
      <h3 className="border-b px-3 py-2 font-medium text-sm">
        {pairSentence(pair, { item: nameOf(item.classId), other: nameOf(pair.classId) })}
      </h3>
      <ul className="flex flex-col gap-2.5 px-3 py-2.5">
        <SideRow classId={item.classId} which="this one" side={pair.shared?.item ?? null} />
        <SideRow classId={pair.classId} which="the other one" side={pair.shared?.other ?? null} />
      </ul>
      {changed === null ? null : <p className="border-t px-3 py-2 text-muted text-xs">{changed}</p>}
    </section>
  );
}

function SideRow(props: { readonly classId: string; readonly which: string; readonly side: Side | null }) {
  const { classId, which, side } = props;
  const { byId } = useVisit().session.workbench.guideline;
  const definition = byId.get(classId);
  const isOver = side !== null && exceeds(side);
  return (
    <li className="flex flex-col gap-1 text-xs">
      <span className="flex items-center gap-2">
        <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#8b93a1"} />
        <span className="text-faint">{which}</span>
        {side === null ? null : (
          <span className={cn("tabular ml-auto whitespace-nowrap", isOver ? "text-bad-ink" : "text-muted")}>
            {percent(side.share)} shared
          </span>
        )}
      </span>
      {side === null ? null : (
        <>
          <span className="relative block h-1.5 rounded-full bg-line" aria-hidden>
            <span
              className={cn("absolute inset-y-0 left-0 rounded-full", isOver ? "bg-bad" : "bg-muted")}
              style={{ width: `${side.share * 100}%` }}
            />
            {side.most === null || side.most >= 1 ? null : (
              <span className="absolute -inset-y-1 w-0.5 bg-ink" style={{ left: `${side.most * 100}%` }} />
            )}
          </span>
          <span className="text-2xs text-faint">{mostText(side.most)} allowed</span>
        </>
      )}
    </li>
  );
}
