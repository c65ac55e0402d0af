"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { Sparkle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { plural } from "#app/_lib/format.ts";
import type { TaskItem } from "#client/answers.ts";
import { digitOf, isModified } from "#client/keymap.ts";
import { areaText } from "#client/tools/outline.ts";
import { geometryArea } from "#domain/geometry.ts";
import { annotationId } from "#domain/ids.ts";
import { alikeKey } from "#domain/task.ts";
import { type AlikeChoice, type Asking, type Batch, choicesFor } from "./alike-choices.ts";
import { AttributeStep } from "./attribute-step.tsx";
import { Key } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import { useKeys } from "./use-keys.ts";
import type { TaskWalk } from "./use-task.ts";

const ROW_PX = 30;

/** Waiting items that ask the same of the same class and version as the one at hand, itself among them. */
export function alikeOf(items: readonly TaskItem[], item: TaskItem): readonly TaskItem[] {
  const key = alikeKey(item);
  return items.filter((each) => each.state === "waiting" && alikeKey(each) === key);
}

type Props = {
  readonly walk: TaskWalk;
  readonly alike: readonly TaskItem[];
  /** Goes on with one after the other; answered says whether they are answered. */
  readonly onClose: (answered: boolean) => void;
};
/** One answer for some or all of the alike items: chosen from a list, confirmed, and taken back by one undo. */
export function AlikeItems({ walk, alike, onClose }: Props) {
  const { session } = useVisit();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const [batch, setBatch] = useState<Batch | null>(null);
  const layerId = walk.detail?.task.layerId ?? "";
  const chosen = alike.filter(({ annotationId: id }) => !left.has(id));
  const choices = choicesFor(chosen, session.workbench.guideline.byId);
  const take = (choice: AlikeChoice) => (choice.asked.length === 0 ? setBatch(choice.batchOf({})) : setAsking(choice));
  const back = () => onClose(false);
  useAlikeKeys({ choices, isOpen: batch === null && asking === null, onTake: take, onClose: back, onUndo: walk.undo });
  useAllShown(layerId, alike);
  const leave = (next: ReadonlySet<string>) => {
    setLeft(next);
    session.workbench.select(
      layerId,
      alike.flatMap(({ annotationId: id }) => (next.has(id) ? [] : [annotationId.parse(id)])),
    );
  };
  const flip = (id: string) => {
    const next = new Set(left);
    if (!next.delete(id)) next.add(id);
    leave(next);
  };
  return (
    <section aria-label="Alike items" className="flex min-h-0 flex-1 flex-col" data-testid="alike">
      <header className="flex shrink-0 items-center gap-2 border-b px-3 py-2">
        <Checkbox
          aria-label="Choose all"
          checked={left.size === 0}
          onCheckedChange={() => leave(left.size === 0 ? new Set(alike.map((each) => each.annotationId)) : new Set())}
        />
        <p className="min-w-0 flex-1 text-sm">
          <span className="tabular font-medium">{chosen.length}</span> of {plural(alike.length, "alike item")}
        </p>
        <Button size="sm" variant="ghost" onClick={back}>
          One by one <Key>Esc</Key>
        </Button>
      </header>
      <Rows alike={alike} left={left} onFlip={flip} layerId={layerId} />
      {asking === null ? (
        <Footer choices={choices} onTake={take} />
      ) : (
        <div className="shrink-0 border-t p-3">
          <AttributeStep
            title="Say about all of them"
            asked={asking.asked}
            held={{}}
            onDone={(said) => {
              setAsking(null);
              setBatch(asking.batchOf(said));
            }}
            onCancel={() => setAsking(null)}
          />
        </div>
      )}
      <Confirm
        open={batch !== null}
        onOpenChange={(open) => open || setBatch(null)}
        title={`${batch?.says ?? ""}: ${plural(batch?.answers.length ?? 0, "outline")}?`}
        confirm={`Answer ${plural(batch?.answers.length ?? 0, "item")}`}
        action={async () => {
          if (batch !== null) walk.answerAll(batch.answers);
          onClose(true);
        }}
      >
        {batch?.about === "" ? null : <p>{batch?.about}</p>}
        All of it is given at once. One undo (Z) takes all of it back.
      </Confirm>
    </section>
  );
}

/** Selects all of them on the slide and shows them at once: one sees what one is about to answer. */
function useAllShown(layerId: string, alike: readonly TaskItem[]): void {
  const { workbench } = useVisit().session;
  const first = useRef(alike);
  useEffect(() => {
    const boxes = first.current.map(({ bbox }) => bbox);
    workbench.select(
      layerId,
      first.current.map(({ annotationId: id }) => annotationId.parse(id)),
    );
    const all = {
      minX: Math.min(...boxes.map(([minX]) => minX)),
      minY: Math.min(...boxes.map(([, minY]) => minY)),
      maxX: Math.max(...boxes.map(([, , maxX]) => maxX)),
      maxY: Math.max(...boxes.map(([, , , maxY]) => maxY)),
    };
    workbench.view.setCamera(workbench.view.cameraFor(all, 0));
  }, [workbench, layerId]);
}

function Footer({
  choices,
  onTake,
}: {
  readonly choices: readonly AlikeChoice[];
  readonly onTake: (choice: AlikeChoice) => void;
}) {
  return (
    <footer className="flex shrink-0 flex-wrap gap-2 border-t px-3 py-2.5">
      {choices.map((choice) => {
        const { key, says, definition, kind } = choice;
        return (
          <Button
            key={key}
            size="sm"
            variant={kind === "delete" ? "danger" : kind === "choose" ? "secondary" : "primary"}
            onClick={() => onTake(choice)}
            data-testid={`alike-${kind}`}
          >
            {kind === "suggested" ? <Sparkle aria-hidden /> : null}
            {definition === null ? says : <ClassName name={definition.name} colour={definition.colour} />}
            <Key>{key}</Key>
          </Button>
        );
      })}
    </footer>
  );
}

function useAlikeKeys(props: {
  readonly choices: readonly AlikeChoice[];
  readonly isOpen: boolean;
  readonly onTake: (choice: AlikeChoice) => void;
  readonly onClose: () => void;
  readonly onUndo: () => void;
}): void {
  useKeys((event) => {
    if (!props.isOpen || isModified(event)) return false;
    const digit = digitOf(event.code);
    const pressed = digit === null ? event.key.toLowerCase() : String(digit);
    const choice = props.choices.find(({ key }) => key.toLowerCase() === pressed);
    if (choice !== undefined) props.onTake(choice);
    else if (pressed === "escape") props.onClose();
    else if (pressed === "z") props.onUndo();
    else return false;
    return true;
  });
}

/** The class that is suggested for it. */
function Suggested({ item }: { readonly item: TaskItem }) {
  const found = useVisit().session.workbench.guideline.byId.get(item.suggestion?.classId ?? "");
  return found === undefined ? null : <ClassName name={found.name} colour={found.colour} className="text-xs" />;
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
                <span className="shrink-0">Outline {index + 1}</span>
                <span className="min-w-0 flex-1">
                  <Suggested item={item} />
                </span>
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
