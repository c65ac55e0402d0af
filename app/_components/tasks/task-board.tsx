import { count } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";
import { TaskCard } from "./task-card.tsx";
import type { TaskSearch } from "./task-filter.ts";
import { BOARD_STATES, STATE_WORDS } from "./task-words.ts";

/** A column shows so many cards; the table shows all. */
const CARDS_SHOWN = 60;

export function TaskBoard({ tasks, search }: { readonly tasks: readonly Task[]; readonly search: TaskSearch }) {
  return (
    <div className="scroll-thin -mx-1 overflow-x-auto px-1 pb-2">
      <div className="grid min-w-[1000px] grid-cols-5 gap-3">
        {BOARD_STATES.map((state) => {
          const inColumn = tasks.filter((task) => task.state === state);
          return (
            <section key={state} aria-label={STATE_WORDS[state].label} className="rounded-lg border bg-sunken/60">
              <h2 className="flex h-9 items-center gap-2 px-3 font-medium text-xs">
                {STATE_WORDS[state].label}
                <span className="tabular text-faint">{count(inColumn.length)}</span>
              </h2>
              <ul className="flex min-h-24 flex-col gap-2 px-2 pb-2">
                {inColumn.slice(0, CARDS_SHOWN).map((task) => (
                  <li key={task.id}>
                    <TaskCard task={task} search={search} />
                  </li>
                ))}
                {inColumn.length > CARDS_SHOWN ? (
                  <li className="px-1 text-faint text-xs">{count(inColumn.length - CARDS_SHOWN)} more in the table</li>
                ) : null}
              </ul>
            </section>
          );
        })}
      </div>
    </div>
  );
}
