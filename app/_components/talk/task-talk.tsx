"use client";

import { useCallback, useEffect, useState } from "react";
import { Time } from "#app/_components/time.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import type { Comment, PersonRef, Thread } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { listenToProject } from "#client/live-events.ts";
import { CommentText } from "./comment-text.tsx";
import { Say } from "./say.tsx";

/** What is said about a task; it stays with the task through returns, and comes live. */
export function TaskTalk(props: {
  readonly projectId: string;
  readonly taskId: string;
  readonly members: readonly PersonRef[];
  readonly speaks: boolean;
}) {
  const { projectId, taskId } = props;
  const [threads, setThreads] = useState<readonly Thread[]>([]);
  const ask = useCallback(() => {
    api.talk.ofTask(taskId).then(setThreads, () => undefined);
  }, [taskId]);
  useEffect(() => {
    ask();
    return listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "comments") ask();
      },
      onGap: ask,
    });
  }, [projectId, ask]);
  const comments = threads.flatMap((thread) => thread.comments);
  const say = async (text: string, mentions: readonly string[]) => {
    await api.talk.onTask(taskId, { text, mentions: [...mentions] });
    ask();
  };
  return (
    <section aria-label="Comments" data-testid="task-talk">
      <h3 className="mb-2 font-semibold">Comments</h3>
      <ol className="mb-3 flex flex-col gap-3">
        {comments.map((comment) => (
          <CommentLine key={comment.id} comment={comment} />
        ))}
      </ol>
      {props.speaks ? <Say members={props.members} placeholder="Say something about this task" onSay={say} /> : null}
    </section>
  );
}

export function CommentLine({ comment }: { readonly comment: Comment }) {
  return (
    <li className="flex gap-2.5">
      <Avatar name={comment.person.name} colour={comment.person.colour} size="sm" className="mt-0.5" />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="font-medium">{comment.person.name}</span>
          <span className="text-faint text-xs">
            <Time at={comment.at} />
          </span>
        </p>
        <CommentText comment={comment} />
      </div>
    </li>
  );
}
