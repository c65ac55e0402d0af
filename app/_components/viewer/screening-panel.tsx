"use client";

import { CircleCheck } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { TaskDetail } from "#client/answers.ts";
import { useVisit } from "./session.tsx";
import type { TaskWalk } from "./use-task.ts";

/** Looking through a slide again for some classes, ended by one's signature. */
export function ScreeningPanel(props: {
  readonly walk: TaskWalk;
  readonly detail: TaskDetail;
  readonly mine: boolean;
}) {
  const { walk, detail, mine } = props;
  const { session } = useVisit();
  const { task, screenClassIds } = detail;
  const classes = screenClassIds.flatMap((id) => session.workbench.guideline.byId.get(id) ?? []);
  const started = task.state === "in-progress";
  const start = async () => {
    await walk.move("in-progress");
    const [first] = classes;
    if (first !== undefined) session.workbench.store.setState({ classId: first.id });
  };
  return (
    <div className="flex flex-col gap-3 p-3">
      <p className="text-muted">Look through the whole slide again for:</p>
      <ul className="flex flex-col gap-2">
        {classes.map((each) => (
          <li key={each.id} className="rounded-md border bg-sunken px-3 py-2">
            <ClassName name={each.name} colour={each.colour} className="font-medium" />
            <p className="mt-0.5 text-muted text-xs">{each.definition}</p>
          </li>
        ))}
      </ul>
      {mine ? (
        <div className="flex gap-2">
          {started ? null : (
            <Button
              variant="primary"
              size="sm"
              busy={walk.busy}
              onClick={() => void start()}
              data-testid="screening-start"
            >
              Start looking
            </Button>
          )}
          <Button
            variant={started ? "primary" : "secondary"}
            size="sm"
            busy={walk.busy}
            onClick={() => void walk.sign()}
            data-testid="screening-sign"
          >
            <CircleCheck aria-hidden /> I looked through it
          </Button>
        </div>
      ) : task.state === "submitted" || task.state === "accepted" ? (
        <p className="text-good-ink">Signed and handed in.</p>
      ) : null}
    </div>
  );
}
