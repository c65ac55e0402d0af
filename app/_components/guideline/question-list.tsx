"use client";

import { CircleHelp } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { plural } from "#app/_lib/format.ts";
import type { GuidelineQuestion } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { QuestionState } from "./question-words.tsx";
import { SlideCrop } from "./slide-crop.tsx";

const SHOWN = [
  { value: "waiting", label: "Waiting" },
  { value: "settled", label: "Settled" },
  { value: "all", label: "All" },
] as const;
const ANY = "any";

type Props = {
  readonly projectId: string;
  readonly questions: readonly GuidelineQuestion[];
  readonly classes: readonly ClassDefinition[];
};

/** What the guideline leaves open, with the places where it arose. */
export function QuestionList({ projectId, questions, classes }: Props) {
  const [shown, setShown] = useState<(typeof SHOWN)[number]["value"]>("waiting");
  const [about, setAbout] = useState(ANY);
  const listed = questions.filter((question) => {
    const waits = question.state === "open" || question.state === "became-draft-change";
    const isAbout = about === ANY || question.classId === about || question.otherClassId === about;
    return isAbout && (shown === "all" || waits === (shown === "waiting"));
  });
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Segmented label="Which questions" value={shown} onValueChange={setShown} options={SHOWN} />
        <Select
          aria-label="Class"
          className="w-52"
          value={about}
          onValueChange={setAbout}
          options={[
            { value: ANY, label: "about any class" },
            ...classes.map((each) => ({ value: each.id, label: each.name })),
          ]}
        />
      </div>
      {listed.length === 0 ? (
        <div className="rounded-lg border border-dashed bg-panel">
          <EmptyState icon={CircleHelp} title={shown === "waiting" ? "No question waits" : "No question here"}>
            A question is asked from an outline or a place on a slide, from a task that nobody can tell, or from a
            dispute. It keeps the places, and a lead answers it in words or with the next version.
          </EmptyState>
        </div>
      ) : null}
      <ul className="flex flex-col gap-3">
        {listed.map((question) => (
          <QuestionRow key={question.id} projectId={projectId} question={question} classes={classes} />
        ))}
      </ul>
    </>
  );
}

function QuestionRow({
  projectId,
  question,
  classes,
}: Omit<Props, "questions"> & { readonly question: GuidelineQuestion }) {
  const about = classes.filter(({ id }) => id === question.classId || id === question.otherClassId);
  return (
    <li className="relative flex gap-4 rounded-lg border bg-panel p-3 shadow-soft transition-colors hover:border-line-strong">
      <div className="flex shrink-0 gap-1.5">
        {question.places.slice(0, 3).map((place) => (
          <SlideCrop
            key={place.id}
            slide={place.slide}
            box={place.box}
            size={160}
            label={`Place on ${place.slide.name}`}
            className="size-18"
          />
        ))}
        {question.places.length === 0 ? (
          <span className="grid size-18 place-items-center rounded-md border bg-sunken text-faint">
            <CircleHelp className="size-5" aria-hidden />
          </span>
        ) : null}
      </div>
      <div className="min-w-0 flex-1">
        <div className="flex items-start gap-3">
          <h2 className="min-w-0 flex-1 font-semibold text-base">
            <Link
              href={`${projectPath(projectId, "guideline/questions")}/${question.id}`}
              className="after:absolute after:inset-0"
            >
              {question.title}
            </Link>
          </h2>
          <QuestionState question={question} />
        </div>
        <p className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1">
          {about.map((each) => (
            <ClassName key={each.id} name={each.name} colour={each.colour} />
          ))}
        </p>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 text-faint text-xs">
          {question.askedBy === null ? (
            "a reader"
          ) : (
            <PersonName name={question.askedBy.name} colour={question.askedBy.colour} />
          )}
          <Time at={question.updatedAt} />
          <span>{plural(question.places.length, "place")}</span>
          <span>{plural(question.comments.length, "comment")}</span>
        </p>
      </div>
    </li>
  );
}
