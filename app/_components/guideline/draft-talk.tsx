"use client";

import { Check, CornerDownRight, MessageSquare, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { DraftComment, DraftTalk as Talk } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { type ClassId, classId } from "#domain/ids.ts";
import { TEXT_FIELDS } from "./class-fields.ts";

type Act = (action: () => Promise<Talk>) => Promise<void>;
type Props = {
  readonly projectId: string;
  readonly content: GuidelineContent;
  /** The class that is open; new comments are about it. */
  readonly definition: ClassDefinition | null;
  readonly talk: Talk;
  readonly act: Act;
  readonly onChoose: (chosen: ClassId) => void;
};

const WHOLE = "whole";

/** What leads say about the draft: a line under each comment says what it is about. */
export function DraftTalk(props: Props) {
  const { comments } = props.talk;
  const open = comments.filter(({ resolvedAt }) => resolvedAt === null);
  const settled = comments.filter(({ resolvedAt }) => resolvedAt !== null);
  return (
    <div className="flex flex-col gap-3">
      <NewComment {...props} />
      {comments.length === 0 ? (
        <EmptyState icon={MessageSquare} title="Nothing said yet" className="px-2 py-8">
          Comments are for leads only, and end with this draft.
        </EmptyState>
      ) : null}
      <ul className="flex flex-col gap-3">
        {[...open, ...settled].map((comment) => (
          <Comment key={comment.id} comment={comment} {...props} />
        ))}
      </ul>
    </div>
  );
}

function NewComment({ projectId, definition, act }: Props) {
  const [text, setText] = useState("");
  const [field, setField] = useState(WHOLE);
  const { busy, error, run } = useSubmit();
  const about = definition === null ? "the draft" : definition.name;
  const say = async () => {
    const body = { classId: definition?.id ?? null, field: field === WHOLE ? null : field, text: text.trim() };
    if (await run(() => act(() => api.guideline.comment(projectId, body)))) setText("");
  };
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void say();
      }}
    >
      <Textarea
        aria-label={`Comment on ${about}`}
        placeholder={`Comment on ${about}`}
        rows={2}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex items-center gap-2">
        {definition === null ? null : (
          <Select
            aria-label="Field"
            className="min-w-0 flex-1"
            value={field}
            onValueChange={setField}
            options={[
              { value: WHOLE, label: "the class as a whole" },
              ...TEXT_FIELDS.map(({ key, label }) => ({ value: key, label: label.toLowerCase() })),
            ]}
          />
        )}
        <Button type="submit" busy={busy} disabled={text.trim() === ""} className="ml-auto">
          Comment
        </Button>
      </div>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
    </form>
  );
}

function Comment({ comment, projectId, content, act, onChoose }: Props & { readonly comment: DraftComment }) {
  const { run, busy } = useSubmit();
  const about = content.classes.find((each) => each.id === comment.classId);
  const field = TEXT_FIELDS.find(({ key }) => key === comment.field)?.label.toLowerCase();
  const isSettled = comment.resolvedAt !== null;
  const settle = () =>
    run(() => act(() => api.guideline.settleComment(projectId, comment.id, { resolved: !isSettled })));
  const go = () => {
    const id = classId.safeParse(comment.classId);
    if (id.success) onChoose(id.data);
  };
  return (
    <li className="rounded-lg border bg-canvas px-3 py-2">
      <div className="flex items-center gap-2 text-xs">
        <PersonName name={comment.person.name} colour={comment.person.colour} />
        <span className="text-faint">
          <Time at={comment.at} />
        </span>
        <Button
          variant="ghost"
          size="icon"
          className="ml-auto"
          busy={busy}
          aria-label={isSettled ? "Open it again" : "Dealt with"}
          title={isSettled ? "Open it again" : "Dealt with"}
          onClick={() => void settle()}
        >
          {isSettled ? <RotateCcw /> : <Check />}
        </Button>
      </div>
      <p className={isSettled ? "whitespace-pre-wrap text-faint" : "whitespace-pre-wrap"}>{comment.text}</p>
      <p className="mt-1 flex items-center gap-1.5 text-faint text-xs">
        <CornerDownRight className="size-3" aria-hidden />
        {about === undefined ? (
          "the draft as a whole"
        ) : (
          <button type="button" className="hover:underline" onClick={go}>
            {field === undefined ? about.name : `${field} of ${about.name}`}
          </button>
        )}
        {isSettled ? <Badge tone="good">dealt with</Badge> : null}
      </p>
    </li>
  );
}
