"use client";

import { BadgeCheck, Send, Undo2 } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { DraftTalk } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ReviewKind } from "#domain/draft-review.ts";

type Review = DraftTalk["review"];
type Props = {
  readonly projectId: string;
  readonly revision: number;
  readonly review: Review;
  readonly act: (action: () => Promise<DraftTalk>) => Promise<void>;
};

/** The draft's way past a second pair of eyes: put forward, approved or returned by another lead. */
export function DraftReview({ projectId, revision, review, act }: Props) {
  const [note, setNote] = useState("");
  const { busy, error, run } = useSubmit();
  const step = async (kind: ReviewKind) => {
    const done = await run(() => act(() => api.guideline.review(projectId, { revision, kind, note: note.trim() })));
    if (done) setNote("");
  };
  const { title, kind } = standingOf(review);
  return (
    <Callout kind={kind} title={title} className="shrink-0">
      {review.note === "" ? null : <p className="mt-0.5 whitespace-pre-wrap">“{review.note}”</p>}
      <div className="mt-2 flex flex-col gap-2">
        {review.state === "approved" ? null : (
          <Textarea
            aria-label="Note to the other leads"
            placeholder={review.mayApprove ? "A word to the writer; needed to return it" : "A word to the other leads"}
            rows={2}
            maxLength={4_000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
        <div className="flex flex-wrap gap-2">
          {review.mayApprove ? (
            <>
              <Button size="sm" variant="primary" busy={busy} onClick={() => void step("approve")}>
                <BadgeCheck aria-hidden /> Approve
              </Button>
              <Button size="sm" disabled={busy || note.trim() === ""} onClick={() => void step("return")}>
                Return
              </Button>
            </>
          ) : null}
          {review.state === "writing" || review.state === "returned" ? (
            <Button size="sm" busy={busy} onClick={() => void step("propose")}>
              <Send aria-hidden /> Put it forward
            </Button>
          ) : (
            <Button size="sm" variant="ghost" disabled={busy} onClick={() => void step("withdraw")}>
              <Undo2 aria-hidden /> Take it back
            </Button>
          )}
        </div>
        {error === null ? null : <p className="text-bad-ink">{error}</p>}
      </div>
    </Callout>
  );
}

function standingOf({ state, person, needed }: Review): {
  readonly title: string;
  readonly kind: "info" | "good" | "warn";
} {
  const who = person?.name ?? "Another lead";
  switch (state) {
    case "approved":
      return { title: `${who} approved this draft`, kind: "good" };
    case "proposed":
      return { title: `${who} put this draft forward`, kind: "info" };
    case "returned":
      return { title: `${who} returned this draft`, kind: "warn" };
    case "writing":
      return {
        title: needed ? "A second lead approves it before it is published" : "Ask another lead to look",
        kind: "info",
      };
    default:
      return state satisfies never;
  }
}
