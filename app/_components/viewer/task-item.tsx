"use client";

import { useEffect, useState } from "react";
import type { TaskItem as ItemOfTask } from "#client/answers.ts";
import type { Sandbox } from "#client/sandbox.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { CannotTell } from "./cannot-tell.tsx";
import { RedrawBar } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import { TaskAnswers } from "./task-answers.tsx";
import type { TaskWalk } from "./use-task.ts";

type Props = { readonly walk: TaskWalk; readonly item: ItemOfTask; readonly mine: boolean };

/** The item at hand: what is asked, a shape that is being drawn anew, or why one cannot tell. */
export function TaskItem({ walk, item, mine }: Props) {
  const { redrawing, open, close, done } = useRedraw(walk, item);
  const [unsure, setUnsure] = useState(false);
  const choice = item.questions.find(({ kind }) => kind === "choose");
  if (redrawing) return <RedrawBar onDone={done} onCancel={close} options={choice?.options ?? []} />;
  if (unsure) {
    return (
      <CannotTell
        onSay={(note) => walk.answer({ verdict: "cannot-tell", note })}
        onCancel={() => setUnsure(false)}
        fallback={choice?.fallback ?? null}
      />
    );
  }
  return <TaskAnswers walk={walk} item={item} mine={mine} onRedraw={open} onUnsure={() => setUnsure(true)} />;
}

/** A shape drawn in a sandbox and handed over with the answer. */
function useRedraw(walk: TaskWalk, item: ItemOfTask) {
  const { session } = useVisit();
  const [sandbox, setSandbox] = useState<Sandbox | null>(null);
  const open = () => {
    const drawn = {
      id: annotationId.parse(item.annotationId),
      classId: classId.parse(item.classId),
      geometry: item.geometry,
      under: item.under,
      attributes: {},
      note: "",
    };
    session.workbench.painter.setPinned([{ layerId: walk.detail?.task.layerId ?? "", id: drawn.id }]);
    setSandbox(session.openSandbox([drawn], drawn.classId));
  };
  const close = () => {
    session.workbench.painter.setPinned([]);
    session.closeSandbox();
    setSandbox(null);
  };
  useEffect(
    () => () => {
      session.workbench.painter.setPinned([]);
      session.closeSandbox();
    },
    [session],
  );
  const done = (chosen: string | null) => {
    const geometry = sandbox?.geometry() ?? null;
    if (geometry === null) {
      session.workbench.store.setState({ message: { text: "Draw a shape first, or give up." } });
      return;
    }
    close();
    walk.answer(
      chosen === null ? { verdict: "keep" } : { verdict: "choose", classId: classId.parse(chosen) },
      geometry,
    );
  };
  return { redrawing: sandbox !== null, open, close, done };
}
