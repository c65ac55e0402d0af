"use client";

import { CircleHelp } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import type { GuidelineQuestion } from "#client/answers.ts";
import { SlideCrop } from "./slide-crop.tsx";

/** Questions that this draft answers, or that are open about the class at hand, with the places where they arose. */
export function LinkedQuestions(props: {
  readonly projectId: string;
  readonly questions: readonly GuidelineQuestion[];
}) {
  const path = projectPath(props.projectId, "guideline/questions");
  if (props.questions.length === 0) {
    return (
      <EmptyState icon={CircleHelp} title="No question here" className="px-2 py-8">
        Questions about this class, and those that this draft answers, stand here with their places.
      </EmptyState>
    );
  }
  return (
    <ul className="flex flex-col gap-4">
      {props.questions.map((question) => (
        <li key={question.id} className="rounded-lg border bg-canvas p-3">
          <Link href={`${path}/${question.id}`} className="font-medium hover:underline">
            {question.title}
          </Link>
          <p className="mb-2 text-faint text-xs">
            {question.state === "became-draft-change" ? "answered by this draft" : "open"}
            {question.askedBy === null ? "" : `, asked by ${question.askedBy.name}`}
          </p>
          <ul className="grid grid-cols-3 gap-2">
            {question.places.slice(0, 6).map((place) => (
              <li key={place.id} title={place.note}>
                <SlideCrop
                  slide={place.slide}
                  box={place.box}
                  size={160}
                  label={`A place of the question ${question.title}${place.note === "" ? "" : `: ${place.note}`}`}
                />
              </li>
            ))}
          </ul>
          {question.comments.slice(-2).map((comment) => (
            <p key={comment.id} className="mt-2 text-muted text-xs">
              {comment.person?.name ?? "a reader"}: {comment.text}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
