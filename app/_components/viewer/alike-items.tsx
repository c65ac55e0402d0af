"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { plural } from "#app/_lib/format.ts";
import type { TaskItem } from "#client/answers.ts";
import { areaText } from "#client/tools/outline.ts";
import { geometryArea } from "#domain/geometry.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { type Answer, alikeKey } from "#domain/task.ts";
import { useVisit } from "./session.tsx";
import type { TaskWalk } from "./use-task.ts";

const ROW_PX = 30;

/** Waiting items that ask the same of the same class and version as the one at hand, itself among them. */
export function alikeOf(items: readonly TaskItem[], item: TaskItem): readonly TaskItem[] {
  const key = alikeKey(item);
  return items.filter((each) => each.state === "waiting" && alikeKey(each) === key);
}

/** One answer for some or all of the alike items: chosen from a list, confirmed, and taken back by one undo. */
export function AlikeItems(props: {
  readonly walk: TaskWalk;
  readonly alike: readonly TaskItem[];
  readonly onClose: () => void;
}) {
  const { walk, alike, onClose } = props;
  const { session } = useVisit();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [answer, setAnswer] = useState<{ readonly answer: Answer; readonly says: string } | null>(null);
  const chosen = alike.filter(({ annotationId: id }) => !left.has(id));
  const [first] = alike;
  if (first === undefined) return null;
  const { byId } = session.workbench.guideline;
  const choice = first.questions.find(({ kind }) => kind === "choose");
  const options = [...new Set(first.questions.flatMap((question) => question.options))];
  const flip = (id: string) => {
    const next = new Set(left);
    if (!next.delete(id)) next.add(id);
    setLeft(next);
  };
  return (
    <section aria-label="Alike items" className="flex min-h-0 flex-1 flex-col" data-testid="alike">
      <header className="flex shrink-0 items-center gap-2 border-b px-3 py-2">
        <Checkbox
          aria-label="Choose all"
          checked={left.size === 0}
          onCheckedChange={() => setLeft(left.size === 0 ? new Set(alike.map((each) => each.annotationId)) : new Set())}
        />
        <p className="min-w-0 flex-1 text-sm">
          <span className="tabular font-medium">{chosen.length}</span> of {plural(alike.length, "alike item")}
        </p>
        <Button size="sm" variant="ghost" onClick={onClose}>
          Back to one by one
        </Button>
      </header>
      <Rows alike={alike} left={left} onFlip={flip} layerId={walk.detail?.task.layerId ?? ""} />
      <footer className="flex shrink-0 flex-wrap gap-2 border-t px-3 py-2.5">
        {choice === undefined ? (
          <Button
            size="sm"
            variant="primary"
            disabled={chosen.length === 0}
            onClick={() => setAnswer({ answer: { verdict: "keep" }, says: "Keep as they are" })}
          >
            Keep them
          </Button>
        ) : null}
        {options.map((id) => (
          <Button
            key={id}
            size="sm"
            disabled={chosen.length === 0}
            onClick={() =>
              setAnswer({
                answer: { verdict: "choose", classId: classId.parse(id) },
                says: `Make them ${byId.get(id)?.name ?? id}`,
              })
            }
          >
            <ClassName name={byId.get(id)?.name ?? id} colour={byId.get(id)?.colour ?? "#8b93a1"} />
          </Button>
        ))}
        <Button
          size="sm"
          variant="danger"
          disabled={chosen.length === 0}
          onClick={() => setAnswer({ answer: { verdict: "delete" }, says: "Delete them" })}
        >
          Delete them
        </Button>
      </footer>
      <Confirm
        open={answer !== null}
        onOpenChange={(open) => open || setAnswer(null)}
        title={`${answer?.says ?? ""}: ${plural(chosen.length, "outline")}?`}
        confirm={`Answer ${plural(chosen.length, "item")}`}
        action={async () => {
          if (answer !== null) walk.answerAll(chosen, answer.answer);
          onClose();
        }}
      >
        All of them get this answer at once. One undo (Z) takes all of it back.
      </Confirm>
    </section>
  );
}

function Rows(props: {
  readonly alike: readonly TaskItem[];
  readonly left: ReadonlySet<string>;
  readonly onFlip: (id: string) => void;
  readonly layerId: string;
}) {
  const { session } = useVisit();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: props.alike.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const look = ({ annotationId: id, bbox: [minX, minY, maxX, maxY] }: TaskItem) =>
    session.workbench.jump(props.layerId, annotationId.parse(id), { minX, minY, maxX, maxY });
  return (
    <div ref={scroller} className="scroll-thin min-h-0 flex-1 overflow-y-auto">
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const item = props.alike[index];
          if (item === undefined) return null;
          return (
            <li
              key={item.annotationId}
              className="absolute inset-x-0 flex items-center gap-2.5 px-3 hover:bg-hover"
              style={{ top: start, height: ROW_PX }}
            >
              <Checkbox
                aria-label={`Item ${index + 1}`}
                checked={!props.left.has(item.annotationId)}
                onCheckedChange={() => props.onFlip(item.annotationId)}
              />
              <button type="button" className="flex flex-1 items-center gap-2 text-left" onClick={() => look(item)}>
                <span className="flex-1">Outline {index + 1}</span>
                <span className="tabular text-faint text-xs">
                  {areaText(geometryArea(item.geometry), session.slide.mpp)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
