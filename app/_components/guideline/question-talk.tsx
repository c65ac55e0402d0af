"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { GuidelineQuestion } from "#client/answers.ts";
import { api } from "#client/api.ts";

/** What was said about a question. */
export function QuestionTalk({ question, speaks }: { readonly question: GuidelineQuestion; readonly speaks: boolean }) {
  const router = useRouter();
  const [text, setText] = useState("");
  const { busy, error, run } = useSubmit();
  const say = async () => {
    if (!(await run(() => api.questions.comment(question.id, { text: text.trim() })))) return;
    setText("");
    router.refresh();
  };
  return (
    <Card title="Discussion">
      {question.comments.length === 0 ? <p className="text-muted">Nothing said yet.</p> : null}
      <ul className="flex flex-col gap-3">
        {question.comments.map((comment) => (
          <li key={comment.id}>
            <p className="flex items-center gap-3 text-faint text-xs">
              {comment.person === null ? (
                "a reader"
              ) : (
                <PersonName name={comment.person.name} colour={comment.person.colour} />
              )}
              <Time at={comment.at} />
            </p>
            <p className="mt-0.5 whitespace-pre-wrap">{comment.text}</p>
          </li>
        ))}
      </ul>
      {speaks ? (
        <form
          className="mt-4 flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void say();
          }}
        >
          <Textarea
            aria-label="Comment"
            placeholder="Say what you see, or how others draw it"
            rows={2}
            maxLength={4_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" className="self-end" busy={busy} disabled={text.trim() === ""}>
            Comment
          </Button>
          {error === null ? null : <Callout kind="bad">{error}</Callout>}
        </form>
      ) : null}
    </Card>
  );
}
