"use client";

import { PencilLine, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { GuidelineQuestion } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";

type Props = {
  readonly projectId: string;
  readonly question: GuidelineQuestion;
  readonly classes: readonly ClassDefinition[];
  readonly settles: boolean;
};

/** The answer; and for leads the three ways to give one: in words, with the next version, or by closing the question. */
export function QuestionSettling(props: Props) {
  const { question, settles } = props;
  return (
    <Card title="Answer">
      <div className="flex flex-col gap-4">
        <Answer {...props} />
        {settles && question.state === "open" ? <ToDraft {...props} /> : null}
        {settles && question.state === "open" ? <InWords {...props} /> : null}
        {settles && question.state !== "open" ? <AskAgain {...props} /> : null}
      </div>
    </Card>
  );
}

function Answer({ projectId, question, settles }: Props) {
  const path = projectPath(projectId, "guideline");
  switch (question.state) {
    case "open":
      return settles ? null : <p className="text-muted">The leads have not answered yet.</p>;
    case "became-draft-change":
      return (
        <Callout
          action={
            settles ? (
              <Button asChild size="sm">
                <Link href={`${path}/draft${question.draftClassId === null ? "" : `?class=${question.draftClassId}`}`}>
                  Open the draft
                </Link>
              </Button>
            ) : undefined
          }
        >
          The next version of the guideline will answer it.
        </Callout>
      );
    default:
      return (
        <>
          {question.answer === "" ? null : <p className="whitespace-pre-wrap">{question.answer}</p>}
          {question.publishedIn === null ? null : (
            <p>
              See{" "}
              <Link className="text-accent-ink hover:underline" href={`${path}?version=${question.publishedIn}`}>
                version {question.publishedIn} of the guideline
              </Link>
              .
            </p>
          )}
          {question.settledBy === null ? null : (
            <p className="text-faint text-xs">settled by {question.settledBy.name}</p>
          )}
        </>
      );
  }
}

/** The question becomes part of the draft, which opens at that class with the places beside it. */
function ToDraft({ projectId, question, classes }: Props) {
  const router = useRouter();
  const drawn = classes.filter(({ retired }) => !retired);
  const first = drawn.find(({ id }) => id === question.classId) ?? drawn[0];
  const [chosen, setChosen] = useState<string>(first?.id ?? "");
  const { busy, error, run } = useSubmit();
  const start = async () => {
    const id = classId.safeParse(chosen);
    const body = { revision: question.revision, classId: id.success ? id.data : null };
    if (!(await run(() => api.questions.toDraft(question.id, body)))) return;
    router.push(`${projectPath(projectId, "guideline")}/draft${id.success ? `?class=${id.data}` : ""}`);
  };
  return (
    <div className="flex flex-col gap-2">
      <Field label="With the next version">
        {({ id }) => (
          <div className="flex gap-2">
            <Select
              id={id}
              className="min-w-0 flex-1"
              value={chosen}
              onValueChange={setChosen}
              placeholder="Class to change"
              options={drawn.map((each) => ({ value: each.id, label: each.name }))}
            />
            <Button variant="primary" busy={busy} onClick={() => void start()}>
              <PencilLine aria-hidden /> Change the guideline
            </Button>
          </div>
        )}
      </Field>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
    </div>
  );
}

function InWords({ question }: Props) {
  const router = useRouter();
  const [text, setText] = useState("");
  const { busy, error, run } = useSubmit();
  const settle = async (to: "answered" | "closed") => {
    const body = { revision: question.revision, to, text: text.trim() };
    if (await run(() => api.questions.settle(question.id, body))) router.refresh();
  };
  return (
    <div className="flex flex-col gap-2 border-t pt-4">
      <Field label="In words" hint="Everybody who may see the question reads it.">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={4_000}
            value={text}
            placeholder="How to draw it, or why this is no question"
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <Button variant="ghost" disabled={busy || text.trim() === ""} onClick={() => void settle("closed")}>
          Close without an answer
        </Button>
        <Button busy={busy} disabled={text.trim() === ""} onClick={() => void settle("answered")}>
          Answer
        </Button>
      </div>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
    </div>
  );
}

function AskAgain({ question }: Props) {
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const again = async () => {
    if (await run(() => api.questions.settle(question.id, { revision: question.revision, to: "open" })))
      router.refresh();
  };
  return (
    <>
      <Button size="sm" className="self-start" busy={busy} onClick={() => void again()}>
        <RotateCcw aria-hidden /> Ask it again
      </Button>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
    </>
  );
}
