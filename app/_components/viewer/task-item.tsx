"use client";

import { useEffect, useState } from "react";
import type { TaskItem as ItemOfTask } from "#client/answers.ts";
import { type AskedAttribute, askedFor, fallbackOf, withAttributes } from "#client/asked-attributes.ts";
import type { Sandbox } from "#client/sandbox.ts";
import type { Beside } from "#client/task-walk.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { annotationId, classId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { AttributeStep } from "./attribute-step.tsx";
import { CannotTell } from "./cannot-tell.tsx";
import { RedrawBar } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import { TaskAnswers, type Together } from "./task-answers.tsx";
import type { TaskWalk } from "./use-task.ts";

type Props = {
  readonly walk: TaskWalk;
  readonly item: ItemOfTask;
  readonly mine: boolean;
  readonly together: Together | null;
};
/** An answer that is given once the attributes that it needs are said. */
type Pending = {
  readonly answer: Answer;
  readonly beside: Beside;
  readonly asked: readonly AskedAttribute[];
  readonly title: string;
};

/** The item at hand: what is asked, a shape that is being drawn anew, attributes to be said, or why one cannot tell. */
export function TaskItem({ walk, item, mine, together }: Props) {
  const { session } = useVisit();
  const [pending, setPending] = useState<Pending | null>(null);
  const [unsure, setUnsure] = useState(false);
  const { byId } = session.workbench.guideline;
  const send = (answer: Answer, beside: Beside) => {
    // After the last answer of a task its item stays: what was asked about it is over.
    setPending(null);
    setUnsure(false);
    walk.answer(answer, beside);
  };
  const give = (answer: Answer, beside: Beside = {}) => {
    const asked = askedFor(answer, item, byId);
    if (asked.length === 0) send(answer, beside);
    else setPending({ answer, beside, asked, title: titleOf(answer, item, byId) });
  };
  const { redrawing, open, close, done } = useRedraw(walk, item, give);
  const choice = item.questions.find(({ kind }) => kind === "choose");
  if (redrawing) return <RedrawBar onDone={done} onCancel={close} options={choice?.options ?? []} />;
  if (pending !== null) {
    return (
      <AttributeStep
        title={pending.title}
        asked={pending.asked}
        held={item.attributes}
        onDone={(said) => send(withAttributes(pending.answer, said), pending.beside)}
        onCancel={() => setPending(null)}
        onSkip={pending.answer.verdict === "cannot-tell" ? () => send(pending.answer, pending.beside) : null}
      />
    );
  }
  if (unsure) {
    return (
      <CannotTell
        onSay={(note) => give({ verdict: "cannot-tell", note })}
        onCancel={() => setUnsure(false)}
        fallback={fallbackOf(item)}
      />
    );
  }
  const acts = { onGive: give, onRedraw: open, onUnsure: () => setUnsure(true), together };
  return <TaskAnswers walk={walk} item={item} mine={mine} {...acts} />;
}

function titleOf(answer: Answer, item: ItemOfTask, byId: ReadonlyMap<string, ClassDefinition>): string {
  if (answer.verdict === "keep") return "To keep it, say";
  const given = answer.verdict === "choose" ? answer.classId : fallbackOf(item);
  return `${byId.get(given ?? "")?.name ?? "This class"} needs`;
}

/** A shape drawn in a sandbox and handed over with the answer. */
function useRedraw(walk: TaskWalk, item: ItemOfTask, give: (answer: Answer, beside: Beside) => void) {
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
    give(chosen === null ? { verdict: "keep" } : { verdict: "choose", classId: classId.parse(chosen) }, { geometry });
  };
  return { redrawing: sandbox !== null, open, close, done };
}
