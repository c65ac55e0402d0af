"use client";

import { ArrowLeft, ArrowRight } from "lucide-react";
import Link from "next/link";
import { useCallback, useEffect, useState } from "react";
import { toast } from "sonner";
import { differencesPath } from "#app/_components/consensus/queue-link.ts";
import { TaskHandIn } from "#app/_components/consensus/task-hand-in.tsx";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import type { ConsensusView, Task } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { useVisit } from "./session.tsx";
import type { ConsensusWalk } from "./use-consensus.ts";

type Props = {
  readonly walk: ConsensusWalk;
  readonly consensus: ConsensusView;
  /** What the queue one came from was narrowed to. */
  readonly queue: string | null;
};

/** How far the queue is, the steps through it, and who else is at work in it. */
export function DisputeHeader({ walk, consensus, queue }: Props) {
  const { projectId } = useVisit();
  const total = walk.queued.length;
  const listed = walk.disputes.length;
  // An object that is decided moves the numbers of objects.
  const ofObjects = walk.dispute?.basis === "object" ? consensus.objects : null;
  const { alpha, percentAgreement } = (ofObjects ?? consensus).overall;
  const ask = new URLSearchParams(queue ?? "");
  const taskId = ask.get("task");
  const differs = ask.get("differs");
  const list = `${projectPath(projectId, "consensus")}${queue === null ? "" : `/queue?${queue}`}`;
  return (
    <header className="shrink-0 border-b px-3 pt-2.5 pb-2">
      <div className="flex items-center justify-between gap-2">
        <Link
          href={differs === null ? list : differencesPath(projectId, consensus.roundId, differs)}
          className="text-muted text-xs hover:text-ink"
        >
          {queue === null ? "Consensus" : "Back to the list"}
        </Link>
        <span className="tabular text-faint text-xs" data-testid="consensus-numbers">
          {percentAgreement.defined ? `${(percentAgreement.value * 100).toFixed(1)} % agree` : ""}
          {alpha.defined ? ` · α ${alpha.value.toFixed(3)}` : ""}
        </span>
      </div>
      {taskId === null ? (
        <div className="mt-1.5 flex items-center gap-2">
          <Progress
            value={total === 0 ? 1 : 1 - walk.undecided / total}
            label="Settled"
            className="flex-1"
            tone={walk.undecided === 0 ? "good" : "accent"}
          />
          <span className="tabular text-muted text-xs" data-testid="disputes-left" data-left={walk.undecided}>
            {walk.undecided === 0 ? "all settled" : `${walk.undecided} of ${total} to settle`}
          </span>
        </div>
      ) : (
        <DisputeTask taskId={taskId} consensus={consensus} />
      )}
      <div className="mt-1 flex items-center gap-1">
        <Button
          variant="ghost"
          size="icon"
          aria-label="Previous dispute"
          onClick={() => walk.go(walk.index - 1)}
          disabled={walk.index === 0}
        >
          <ArrowLeft />
        </Button>
        <span className="tabular flex-1 text-center text-muted text-xs">
          Dispute {Math.min(listed, walk.index + 1)} of {listed}
        </span>
        <Button
          variant="ghost"
          size="icon"
          aria-label="Next dispute"
          onClick={() => walk.go(walk.index + 1)}
          disabled={walk.index >= listed - 1}
        >
          <ArrowRight />
        </Button>
      </div>
      <OtherAdjudicators walk={walk} />
    </header>
  );
}

/** The task whose disputes are walked through; asked again when the consensus is. */
function DisputeTask({ taskId, consensus }: { readonly taskId: string; readonly consensus: ConsensusView }) {
  const { session } = useVisit();
  const [task, setTask] = useState<Task | null>(null);
  const fetch = useCallback(
    () =>
      void api.tasks.get(taskId).then(
        (detail) => setTask(detail.task),
        (error: unknown) => toast.error(sentenceOf(error)),
      ),
    [taskId],
  );
  useEffect(() => {
    if (consensus !== null) fetch();
  }, [fetch, consensus]);
  if (task === null) return null;
  return (
    <div className="mt-1.5">
      <TaskHandIn task={task} mine={task.assignee.id === session.me.id} onDone={fetch} />
    </div>
  );
}

function OtherAdjudicators({ walk }: { readonly walk: ConsensusWalk }) {
  const { others, dispute } = walk;
  if (others.length === 0) return null;
  const here = others.filter(({ disputeKey }) => disputeKey === dispute?.key);
  const named = (people: typeof others) => people.map(({ person }) => person.name).join(" and ");
  const verb = here.length > 1 ? "are" : "is";
  return (
    <p className="mt-1 flex items-center gap-1.5 text-xs" data-testid="adjudicators">
      {others.map(({ person }) => (
        <Avatar key={person.id} name={person.name} colour={person.colour} size="sm" />
      ))}
      <span className={here.length > 0 ? "text-warn-ink" : "text-faint"}>
        {here.length > 0 ? `${named(here)} ${verb} at this dispute too` : `${named(others)} at other disputes here`}
      </span>
    </p>
  );
}
