"use client";

import { ArrowLeft, ArrowRight, Combine, Undo2, X } from "lucide-react";
import Link from "next/link";
import { Button } from "#app/_components/ui/button.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { plural } from "#app/_lib/format.ts";
import type { DissolveGroup } from "#client/answers.ts";
import { isModified } from "#client/keymap.ts";
import { areaText } from "#client/tools/outline.ts";
import { geometryArea } from "#domain/geometry.ts";
import { Key } from "./redraw-bar.tsx";
import { useLive, useVisit } from "./session.tsx";
import { type DissolveWalk, useDissolve } from "./use-dissolve.ts";
import { useKeys } from "./use-keys.ts";

/** Outlines that a merge made alike and that touch: one group after the other, to be made one or left as they are. */
export function DissolvePanel({ layerId, firstKey }: { readonly layerId: string; readonly firstKey: string }) {
  const { projectId } = useVisit();
  const walk = useDissolve(layerId, firstKey);
  const layer = useLive((state) => state.layers.find(({ id }) => id === layerId));
  useKeys((event) => pressed(event, walk));
  const { groups, group, decided } = walk;
  const total = (groups?.length ?? 0) + decided.length;
  return (
    <section aria-label="Touching outlines" data-testid="dissolve-panel" className="flex min-h-0 flex-1 flex-col">
      <header className="shrink-0 border-b px-3 pt-2.5 pb-3">
        <Link href={`/projects/${projectId}/tasks`} className="text-muted text-xs hover:text-ink">
          Merged classes
        </Link>
        <h2 className="mt-1 font-semibold">Touching outlines in {layer?.name ?? "this layer"}</h2>
        <p className="mt-1 text-muted text-xs">A merge made their classes one. Nothing is joined unless you say so.</p>
        <div className="mt-2 flex items-center gap-2">
          <Progress
            value={total === 0 ? 1 : decided.length / total}
            label="Decided"
            tone={groups?.length === 0 ? "good" : "accent"}
            className="flex-1"
          />
          <span className="tabular text-muted text-xs" data-testid="dissolve-left" data-left={groups?.length}>
            {leftText(groups, total)}
          </span>
        </div>
      </header>
      {group === null ? (
        <p className="p-3 text-muted" role="status">
          {groups === null ? "Looking for outlines that touch…" : "Nothing is left to decide here."}
        </p>
      ) : (
        <>
          <Steps walk={walk} />
          <Group walk={walk} group={group} />
        </>
      )}
      <footer className="mt-auto flex shrink-0 items-center gap-2 border-t px-3 py-2.5">
        <Button size="sm" disabled={decided.length === 0 || walk.busy} onClick={walk.undo} data-testid="dissolve-undo">
          <Undo2 aria-hidden /> Take back <Key>Z</Key>
        </Button>
        <Button asChild size="sm" variant="ghost" className="ml-auto">
          <Link href={`/projects/${projectId}/tasks`}>To the tasks</Link>
        </Button>
      </footer>
    </section>
  );
}

function leftText(groups: readonly DissolveGroup[] | null, total: number): string {
  if (groups === null) return "…";
  return groups.length === 0 ? "all decided" : `${groups.length} of ${total} left`;
}

function Steps({ walk }: { readonly walk: DissolveWalk }) {
  const count = walk.groups?.length ?? 0;
  return (
    <div className="flex shrink-0 items-center gap-1 border-b px-2 py-1.5">
      <Button
        variant="ghost"
        size="icon"
        aria-label="Previous group"
        onClick={() => walk.go(walk.index - 1)}
        disabled={walk.index === 0}
      >
        <ArrowLeft />
      </Button>
      <span className="tabular min-w-0 flex-1 text-center text-muted text-xs">
        Group {walk.index + 1} of {count}
      </span>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Next group"
        onClick={() => walk.go(walk.index + 1)}
        disabled={walk.index >= count - 1}
      >
        <ArrowRight />
      </Button>
    </div>
  );
}

function Group({ walk, group }: { readonly walk: DissolveWalk; readonly group: DissolveGroup }) {
  const { session } = useVisit();
  const { byId } = session.workbench.guideline;
  const now = byId.get(group.classId);
  const counts = new Map<string, number>();
  for (const { classId } of group.items) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  return (
    <div className="scroll-thin flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3">
      <section className="rounded-lg border bg-sunken px-3 py-2.5" data-testid="dissolve-group">
        <ul className="flex flex-col gap-1.5">
          {[...counts].map(([id, count]) => (
            <li key={id} className="flex items-center gap-2">
              <ClassName
                name={byId.get(id)?.name ?? id}
                colour={byId.get(id)?.colour ?? "#8b93a1"}
                className="flex-1"
              />
              <span className="tabular text-faint text-xs">{plural(count, "outline")}</span>
            </li>
          ))}
        </ul>
        <p className="mt-2 flex items-center gap-2 border-t pt-2">
          <span className="text-faint text-xs">become one</span>
          {now === undefined ? null : <ClassName name={now.name} colour={now.colour} className="font-medium" />}
          <span className="tabular ml-auto text-faint text-xs">
            {areaText(geometryArea(group.geometry), session.slide.mpp)}
          </span>
        </p>
      </section>
      <div className="flex flex-col gap-1.5">
        <Button
          variant="primary"
          className="h-9 justify-start"
          disabled={walk.busy}
          onClick={() => walk.decide("dissolved")}
          data-testid="dissolve-accept"
        >
          <Combine aria-hidden /> Make them one outline
          <span className="ml-auto">
            <Key>Enter</Key>
          </span>
        </Button>
        <Button
          className="h-9 justify-start"
          disabled={walk.busy}
          onClick={() => walk.decide("left")}
          data-testid="dissolve-leave"
        >
          <X aria-hidden /> Leave them apart
          <span className="ml-auto">
            <Key>S</Key>
          </span>
        </Button>
      </div>
    </div>
  );
}

function pressed(event: KeyboardEvent, walk: DissolveWalk): boolean {
  if (isModified(event)) return false;
  const action: Record<string, () => void> = {
    enter: () => walk.decide("dissolved"),
    s: () => walk.decide("left"),
    z: walk.undo,
    arrowright: () => walk.go(walk.index + 1),
    arrowleft: () => walk.go(walk.index - 1),
  };
  const found = action[event.key.toLowerCase()];
  found?.();
  return found !== undefined;
}
