"use client";

import { useRouter } from "next/navigation";
import type { DraftTalk } from "#client/answers.ts";
import { DraftReview } from "./draft-review.tsx";

/** The second lead's answer, where the counts are. */
export function PreviewReview(props: {
  readonly projectId: string;
  readonly revision: number;
  readonly talk: DraftTalk;
}) {
  const router = useRouter();
  return (
    <DraftReview
      projectId={props.projectId}
      revision={props.revision}
      review={props.talk.review}
      act={async (action) => {
        await action();
        router.refresh();
      }}
    />
  );
}
