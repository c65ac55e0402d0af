"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { count } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";
import type { TaskState } from "#domain/task.ts";
import { TaskCard } from "./task-card.tsx";
import type { TaskSearch } from "./task-filter.ts";
import { BOARD_STATES, STATE_WORDS } from "./task-words.ts";

/** What the server renders before the browser has measured. */
const FIRST_SIGHT = { width: 0, height: 800 };
const CARD_PX = 104;

type Props = { readonly projectId: string; readonly tasks: readonly Task[]; readonly search: TaskSearch };

/** Tasks by state in the order of the work. A column draws only what is in sight, so ten thousand are as quick as ten. */
export function TaskBoard({ projectId, tasks, search }: Props) {
  return (
    <div className="scroll-thin scroll-more -mx-1 overflow-x-auto px-1 pb-2">
      <div className="grid min-w-[1000px] grid-cols-5 gap-3">
        {BOARD_STATES.map((state) => (
          <Column
            key={state}
            projectId={projectId}
            state={state}
            tasks={tasks.filter((task) => task.state === state)}
            search={search}
          />
        ))}
      </div>
    </div>
  );
}

function Column({ projectId, state, tasks, search }: Props & { readonly state: TaskState }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    initialRect: FIRST_SIGHT,
    estimateSize: () => CARD_PX,
    gap: 8,
    overscan: 4,
    getItemKey: (index) => tasks[index]?.id ?? index,
  });
  return (
    <section aria-label={STATE_WORDS[state].label} className="rounded-lg border bg-sunken/60">
      <h2 className="flex h-9 items-center gap-2 px-3 font-medium text-xs">
        {STATE_WORDS[state].label}
        <span className="tabular text-faint">{count(tasks.length)}</span>
      </h2>
      <div
        ref={scroller}
        className="scroll-thin max-h-[max(320px,calc(100dvh-440px))] min-h-24 overflow-y-auto px-2 pb-2"
      >
        <ul className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const task = tasks[index];
            return task === undefined ? null : (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="absolute inset-x-0"
                style={{ transform: `translateY(${start}px)` }}
              >
                <TaskCard projectId={projectId} task={task} search={search} />
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}
