import { MapPin } from "lucide-react";
import Link from "next/link";
import { type ViewerPlace, viewerPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { REASON_WORDS } from "#app/_components/viewer/reason-words.ts";
import type { GuidelineQuestion, QuestionPlace } from "#client/answers.ts";
import { SlideCrop } from "./slide-crop.tsx";

/** Where the question arose: a picture of each place, with what was said about it. */
export function QuestionPlaces({
  projectId,
  question,
}: {
  readonly projectId: string;
  readonly question: GuidelineQuestion;
}) {
  return (
    <Card title="Where it arose" description="A press on a picture opens the slide there">
      {question.isPartial ? (
        <Callout className="mb-4">
          You read blind on one of these slides: what others added is shown to you when that round is unblinded.
        </Callout>
      ) : null}
      {question.places.length === 0 ? (
        <EmptyState icon={MapPin} title="From nowhere in particular">
          Nobody has added a place to this question yet.
        </EmptyState>
      ) : (
        <ul className="grid grid-cols-2 gap-4 xl:grid-cols-3">
          {question.places.map((place) => (
            <li key={place.id} className="flex min-w-0 flex-col gap-1.5">
              <Link href={viewerPath(projectId, place.slide.id, placeOf(place))} className="block">
                <SlideCrop
                  slide={place.slide}
                  box={place.box}
                  size={640}
                  label={`Place on ${place.slide.name}${place.note === "" ? "" : `: ${place.note}`}`}
                />
              </Link>
              {place.note === "" ? null : <p className="whitespace-pre-wrap">{place.note}</p>}
              <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-faint text-xs">
                <span className="truncate">{place.slide.name}</span>
                {place.addedBy === null ? null : <PersonName name={place.addedBy.name} colour={place.addedBy.colour} />}
                <Time at={place.addedAt} />
                {place.reason === null ? null : <Badge>{REASON_WORDS[place.reason]}</Badge>}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function placeOf({ layerId, annotationId, roundId, disputeKey, box }: QuestionPlace): ViewerPlace {
  if (roundId !== null && disputeKey !== null) return { round: roundId, dispute: disputeKey };
  return { layer: layerId ?? undefined, annotation: annotationId ?? undefined, box };
}
