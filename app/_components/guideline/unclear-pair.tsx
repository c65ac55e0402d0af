"use client";

import { CircleHelp } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { projectPath, viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { REASON_WORDS } from "#app/_components/viewer/reason-words.ts";
import { plural } from "#app/_lib/format.ts";
import type { UnclearPair, UnclearPlace } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { classId, roundId, slideId } from "#domain/ids.ts";
import type { PlaceInput } from "#domain/question.ts";
import { pairTitle } from "./question-words.tsx";
import { SlideCrop } from "./slide-crop.tsx";

type Props = {
  readonly projectId: string;
  readonly pair: UnclearPair;
  readonly classes: readonly ClassDefinition[];
  /** Whether the person may ask. */
  readonly asks: boolean;
};

/** All places at which two classes were found unclear; the chosen ones become a guideline question, or join the open one. */
export function UnclearPairCard({ projectId, pair, classes, asks }: Props) {
  const waiting = pair.places.filter(({ question }) => question === null);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = waiting.filter((place) => !left.has(placeKey(place)));
  const title = pairTitle(pair.classIds.map((id) => classes.find((each) => each.id === id)?.name ?? id));
  const toggle = (key: string) => {
    const next = new Set(left);
    if (!next.delete(key)) next.add(key);
    setLeft(next);
  };
  return (
    <Card
      title={title}
      description={`${plural(pair.places.length, "place")}, ${waiting.length === 0 ? "all asked about" : `${waiting.length} not asked about yet`}`}
    >
      <ul className="grid grid-cols-2 gap-4 md:grid-cols-3 xl:grid-cols-4" data-testid="unclear-places">
        {pair.places.map((place) => (
          <Place
            key={placeKey(place)}
            projectId={projectId}
            place={place}
            chosen={asks && place.question === null ? !left.has(placeKey(place)) : null}
            onToggle={() => toggle(placeKey(place))}
          />
        ))}
      </ul>
      {asks && waiting.length > 0 ? <Ask projectId={projectId} pair={pair} chosen={chosen} proposed={title} /> : null}
    </Card>
  );
}

function placeKey({ roundId: round, disputeKey }: UnclearPlace): string {
  return `${round}/${disputeKey}`;
}

function Place(props: {
  readonly projectId: string;
  readonly place: UnclearPlace;
  /** Null where it is not for choosing. */
  readonly chosen: boolean | null;
  readonly onToggle: () => void;
}) {
  const { projectId, place, chosen } = props;
  const id = useId();
  const href = viewerPath(projectId, place.slide.id, { round: place.roundId, dispute: place.disputeKey });
  return (
    <li className="flex min-w-0 flex-col gap-1.5">
      <ViewerLink href={href} className={chosen === false ? "block opacity-50" : "block"}>
        <SlideCrop slide={place.slide} box={place.box} label={`Place on ${place.slide.name}`} />
      </ViewerLink>
      <span className="flex min-w-0 items-center gap-2">
        {chosen === null ? null : <Checkbox id={id} checked={chosen} onCheckedChange={props.onToggle} />}
        <label htmlFor={id} className="min-w-0 flex-1 truncate">
          {place.slide.name}
        </label>
        <Badge>{REASON_WORDS[place.reason]}</Badge>
      </span>
      {place.note === "" ? null : <p className="whitespace-pre-wrap text-muted">“{place.note}”</p>}
      <p className="flex flex-wrap gap-x-2 text-faint text-xs">
        <Time at={place.at} />
        {place.question === null ? null : (
          <Link
            prefetch={false}
            href={`${projectPath(projectId, "guideline")}/questions/${place.question.id}`}
            className="text-accent-ink hover:underline"
          >
            {place.question.title}
          </Link>
        )}
      </p>
    </li>
  );
}

function Ask(props: {
  readonly projectId: string;
  readonly pair: UnclearPair;
  readonly chosen: readonly UnclearPlace[];
  readonly proposed: string;
}) {
  const { projectId, pair, chosen, proposed } = props;
  const router = useRouter();
  const [title, setTitle] = useState(proposed);
  const { busy, error, run } = useSubmit();
  const send = async () => {
    let made = pair.question?.id ?? "";
    const isDone = await run(async () => {
      if (pair.question !== null) {
        for (const place of chosen) await api.questions.addPlace(pair.question.id, toInput(place));
        return;
      }
      const [first, second] = pair.classIds.map((each) => classId.parse(each));
      const about = { classId: first ?? null, otherClassId: second ?? null };
      made = (await api.questions.ask(projectId, { title: title.trim(), ...about, places: chosen.map(toInput) })).id;
    });
    if (isDone) router.push(`${projectPath(projectId, "guideline")}/questions/${made}`);
  };
  return (
    <div className="mt-4 flex flex-col gap-3 border-t pt-4">
      <div className="flex flex-wrap items-center gap-2">
        {pair.question === null ? (
          <Input
            aria-label="The question"
            className="min-w-48 flex-1"
            value={title}
            maxLength={300}
            onChange={(event) => setTitle(event.target.value)}
          />
        ) : (
          <span className="min-w-0 flex-1 truncate text-muted">
            A question about it is open: <strong className="font-medium text-ink">{pair.question.title}</strong>
          </span>
        )}
        <Button
          variant="primary"
          busy={busy}
          disabled={chosen.length === 0 || title.trim().length < 3}
          onClick={() => void send()}
        >
          <CircleHelp aria-hidden />
          {pair.question === null
            ? `Ask with ${plural(chosen.length, "place")}`
            : `Add ${plural(chosen.length, "place")} to it`}
        </Button>
      </div>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
    </div>
  );
}

function toInput({ roundId: round, slide, disputeKey, box, reason, note }: UnclearPlace): PlaceInput {
  return {
    kind: "dispute",
    roundId: roundId.parse(round),
    slideId: slideId.parse(slide.id),
    disputeKey,
    box,
    reason,
    note,
  };
}
