"use client";

import { ArrowRight, CircleQuestionMark, MessageCircleQuestionMark, Sparkle } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { SlideCrop } from "#app/_components/guideline/slide-crop.tsx";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { becauseText } from "#app/_components/viewer/suggestion-words.ts";
import type { Slide, TrayItem } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { type AskedAttribute, askedFor, withAttributes } from "#client/asked-attributes.ts";
import { cropSlide } from "#client/crop.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { annotationId, classId, layerId, taskId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { SayAttributes } from "./say-attributes.tsx";

type Props = {
  readonly projectId: string;
  readonly items: readonly TrayItem[];
  readonly classes: readonly ClassDefinition[];
  readonly slides: readonly Slide[];
  /** Addresses of the first page, where this is another, and of the next. */
  readonly pages: { readonly first: string | null; readonly next: string | null };
};

/** What annotators could not tell. A lead decides it here or in the viewer, or asks the guideline. */
export function TaskTray({ projectId, items, classes, slides, pages: { first, next } }: Props) {
  if (items.length === 0) {
    return (
      <div className="rounded-lg border border-dashed bg-panel">
        <EmptyState icon={CircleQuestionMark} title="Nothing to decide">
          Where somebody answers “I cannot tell” and the guideline names no class for that, the outline and their note
          come here.
        </EmptyState>
        {first === null ? null : <TrayPages first={first} next={null} />}
      </div>
    );
  }
  return (
    <Card title="To decide" description="What annotators could not tell, the oldest first" flush>
      <ul className="divide-y">
        {items.map((item) => (
          <TrayLine
            key={`${item.taskId} ${item.annotationId}`}
            projectId={projectId}
            item={item}
            slide={slides.find(({ id }) => id === item.slide.id)}
            byId={new Map(classes.map((each) => [each.id, each]))}
          />
        ))}
      </ul>
      {first === null && next === null ? null : <TrayPages first={first} next={next} />}
    </Card>
  );
}

function TrayPages({ first, next }: Props["pages"]) {
  return (
    <nav aria-label="Pages of what is to be decided" className="flex justify-end gap-2 border-t px-4 py-3">
      {first === null ? null : (
        <Button asChild size="sm" variant="ghost">
          <Link href={first}>The oldest</Link>
        </Button>
      )}
      {next === null ? null : (
        <Button asChild size="sm" variant="secondary">
          <Link href={next} data-testid="tray-next">
            Later ones <ArrowRight aria-hidden />
          </Link>
        </Button>
      )}
    </nav>
  );
}

/** A decision that is sent once the attributes that it needs are said. */
type Asking = { readonly answer: Answer; readonly asked: readonly AskedAttribute[] };

function TrayLine(props: {
  readonly projectId: string;
  readonly item: TrayItem;
  readonly slide: Slide | undefined;
  readonly byId: ReadonlyMap<string, ClassDefinition>;
}) {
  const { projectId, item, byId } = props;
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<Asking | null>(null);
  const act = async (work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await work();
      toast.success(done);
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    setBusy(false);
    router.refresh();
  };
  const decide = (answer: Answer) => {
    const asked = askedFor(answer, item, byId);
    if (asked.length > 0) setAsking({ answer, asked });
    else void send(answer);
  };
  const send = (answer: Answer) =>
    act(
      () =>
        api.tasks.decide(item.taskId, {
          annotationId: annotationId.parse(item.annotationId),
          contentHash: item.contentHash,
          answer,
        }),
      "Decided.",
    );
  const ask = () =>
    act(
      () => askGuideline(projectId, item, byId.get(item.classId)?.name ?? "a class"),
      "It is a guideline question now.",
    );
  const current = byId.get(item.classId);
  const place = viewerPath(projectId, item.slide.id, { layer: item.layerId, annotation: item.annotationId });
  const choice = item.questions.find(({ kind }) => kind === "choose");
  const options = [...new Set(item.questions.flatMap((question) => question.options))];
  return (
    <li
      className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-4 gap-y-2 px-4 py-3 lg:grid-cols-[88px_minmax(0,1fr)_auto]"
      data-testid="tray-item"
    >
      <Picture href={place} slide={props.slide} item={item} />
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {current === undefined ? null : (
            <ClassName name={current.name} colour={current.colour} retired={current.retired} className="font-medium" />
          )}
          {item.questionId === null ? null : <Badge tone="accent">asked as a guideline question</Badge>}
        </p>
        <p className="truncate text-faint text-xs">
          {item.slide.name} · {item.taskTitle}
        </p>
        <p className="mt-1 flex items-baseline gap-2">
          <PersonName name={item.person.name} colour={item.person.colour} className="shrink-0 text-xs" />
          <span className={item.note === "" ? "text-faint" : ""}>
            {item.note === "" ? "gave no reason" : `“${item.note}”`}
          </span>
          <span className="shrink-0 text-faint text-xs">
            <Time at={item.at} />
          </span>
        </p>
        {item.suggestion === null ? null : (
          <p className="mt-1 flex items-center gap-1.5 text-accent-ink text-xs" data-testid="tray-suggestion">
            <Sparkle className="size-3 shrink-0" aria-hidden />
            Suggested: {byId.get(item.suggestion.classId)?.name}, {becauseText(item.suggestion, byId)}
          </p>
        )}
      </div>
      <div className="col-start-2 flex flex-wrap items-center gap-1.5 lg:col-start-3">
        {choice === undefined ? (
          <Button size="sm" disabled={busy} onClick={() => decide({ verdict: "keep" })}>
            Keep it
          </Button>
        ) : null}
        {options.map((id) => (
          <Button
            key={id}
            size="sm"
            className={item.suggestion?.classId === id ? "border-accent bg-accent-soft" : undefined}
            disabled={busy}
            onClick={() => decide({ verdict: "choose", classId: classId.parse(id) })}
          >
            {item.suggestion?.classId === id ? <Sparkle className="text-accent-ink" aria-label="Suggested" /> : null}
            <ClassName name={byId.get(id)?.name ?? id} colour={byId.get(id)?.colour ?? "#8b93a1"} />
          </Button>
        ))}
        <Button size="sm" variant="danger" disabled={busy} onClick={() => decide({ verdict: "delete" })}>
          Delete it
        </Button>
        {item.questionId === null ? (
          <Button size="sm" variant="ghost" disabled={busy} onClick={() => void ask()} data-testid="tray-ask">
            <MessageCircleQuestionMark aria-hidden /> Ask the guideline
          </Button>
        ) : null}
        <Button asChild size="sm" variant="ghost">
          <ViewerLink href={place}>
            Look <ArrowRight aria-hidden />
          </ViewerLink>
        </Button>
      </div>
      {asking === null ? null : (
        <SayAttributes
          title={`${givenName(asking.answer, item, byId)} needs`}
          asked={asking.asked}
          held={item.attributes}
          onDone={(said) => {
            setAsking(null);
            void send(withAttributes(asking.answer, said));
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </li>
  );
}

/** What is to be decided, to be seen without opening the slide; a press opens it there. */
function Picture(props: { readonly href: string; readonly slide: Slide | undefined; readonly item: TrayItem }) {
  const { slide, item } = props;
  if (slide === undefined) return <span className="row-span-2 lg:row-span-1" />;
  return (
    // The button beside it leads there from the keyboard.
    <ViewerLink href={props.href} tabIndex={-1} className="row-span-2 self-start lg:row-span-1">
      <SlideCrop slide={cropSlide(slide)} box={item.bbox} label={`The outline on ${slide.name}`} />
    </ViewerLink>
  );
}

/** The class that an outline has after a decision. */
function givenName(answer: Answer, item: TrayItem, byId: ReadonlyMap<string, ClassDefinition>): string {
  return byId.get(answer.verdict === "choose" ? answer.classId : item.classId)?.name ?? "This class";
}

/** Makes the doubt a question about the guideline, at the place where it arose. */
async function askGuideline(projectId: string, item: TrayItem, className: string): Promise<void> {
  const note = item.note.slice(0, 2_000);
  await api.questions.ask(projectId, {
    title: note === "" ? `${className}: what is this?` : `${className}: ${note}`.slice(0, 300),
    classId: classId.parse(item.classId),
    place: {
      kind: "outline",
      layerId: layerId.parse(item.layerId),
      annotationId: annotationId.parse(item.annotationId),
      taskId: taskId.parse(item.taskId),
      note,
    },
  });
}
