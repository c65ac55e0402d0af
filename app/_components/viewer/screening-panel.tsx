"use client";

import { CircleCheck, Eye, Grid3x3 } from "lucide-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { Button } from "#app/_components/ui/button.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { percent, plural } from "#app/_lib/format.ts";
import type { TaskDetail } from "#client/answers.ts";
import type { Screening } from "#client/screening.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { seenWords } from "./seen-share.tsx";
import { useVisit } from "./session.tsx";
import { type Looking, useScreening } from "./use-screening.ts";
import type { TaskWalk } from "./use-task.ts";

type Props = { readonly walk: TaskWalk; readonly detail: TaskDetail; readonly mine: boolean };

/** Looking through a slide again for some classes: the grid says where one was, and each class is signed for by itself. */
export function ScreeningPanel({ walk, detail, mine }: Props) {
  const { session } = useVisit();
  const { task, screenClassIds, signedClassIds } = detail;
  const looking = useMemo(
    (): Looking | null =>
      mine && task.layerId !== null
        ? { layerId: task.layerId, since: task.guidelineNumber ?? 0, classIds: screenClassIds, visible: true }
        : null,
    [mine, task.layerId, task.guidelineNumber, screenClassIds],
  );
  const screening = useScreening(looking);
  const classes = screenClassIds.flatMap((id) => session.workbench.guideline.byId.get(id) ?? []);
  return (
    <div className="flex flex-col gap-3 p-3">
      <p className="text-muted">Look through the whole slide again for:</p>
      <ul className="flex flex-col gap-2">
        {classes.map((each) => (
          <ScreenedClass
            key={each.id}
            definition={each}
            signed={signedClassIds.includes(each.id)}
            screening={mine ? screening : null}
            walk={walk}
          />
        ))}
      </ul>
      {screening === null ? null : <Progressed screening={screening} />}
      {mine ? <Actions {...{ walk, detail, screening, classes }} /> : <HandedIn detail={detail} />}
    </div>
  );
}

function HandedIn({ detail }: Pick<Props, "detail">) {
  const { state } = detail.task;
  return state === "submitted" || state === "accepted" ? <p className="text-good-ink">Signed and handed in.</p> : null;
}

function ScreenedClass(props: {
  readonly definition: ClassDefinition;
  readonly signed: boolean;
  readonly screening: Screening | null;
  readonly walk: TaskWalk;
}) {
  const { definition, signed, screening, walk } = props;
  return (
    <li className="rounded-md border bg-sunken px-3 py-2">
      <div className="flex items-center gap-2">
        <ClassName name={definition.name} colour={definition.colour} className="min-w-0 flex-1 font-medium" />
        {signed ? (
          <span className="inline-flex items-center gap-1 text-good-ink text-xs">
            <CircleCheck className="size-3.5" aria-hidden /> signed
          </span>
        ) : screening === null ? null : (
          <Sign
            walk={walk}
            screening={screening}
            classIds={[definition.id]}
            label={`Sign for ${definition.name}`}
            text="Sign"
            testId={`screening-sign-${definition.id}`}
          />
        )}
      </div>
      <p className="mt-0.5 text-muted text-xs">{definition.definition}</p>
    </li>
  );
}

function Progressed({ screening }: { readonly screening: Screening }) {
  const { share, wantedShare, open, candidates, isTissue, visible } = useStore(screening.store);
  return (
    <div
      className="flex flex-col gap-1.5 rounded-md border px-3 py-2"
      data-testid="screening-progress"
      data-share={share}
      data-open={open}
      data-candidates={candidates}
    >
      <div className="flex items-baseline justify-between gap-2">
        <span>
          <strong className="tabular font-semibold">{percent(share)}</strong> {seenWords(isTissue)} seen
        </span>
        <span className="text-faint text-xs">wanted {percent(wantedShare)}</span>
      </div>
      <Progress value={share} label="Seen at working magnification" tone={share >= wantedShare ? "good" : "accent"} />
      <p className="text-muted text-xs">
        {open === 0 ? "Everything was in view." : `${plural(open, "place")} left`}
        {candidates === 0 ? "" : `, ${candidates} with look-alikes first`}
        {open === 0 ? "" : ". Veiled places were not yet on screen at working magnification."}
      </p>
      <div className="mt-0.5 flex gap-2">
        <Button size="sm" disabled={open === 0} onClick={() => screening.go(1)} data-testid="screening-next">
          <Eye aria-hidden /> Next place <kbd className="text-2xs text-faint">G</kbd>
        </Button>
        <Button variant="ghost" size="sm" aria-pressed={visible} onClick={() => screening.setVisible(!visible)}>
          <Grid3x3 aria-hidden /> {visible ? "Hide grid" : "Show grid"} <kbd className="text-2xs text-faint">H</kbd>
        </Button>
      </div>
    </div>
  );
}

function Actions(props: {
  readonly walk: TaskWalk;
  readonly detail: TaskDetail;
  readonly screening: Screening | null;
  readonly classes: readonly ClassDefinition[];
}) {
  const { walk, detail, screening, classes } = props;
  const { session } = useVisit();
  const unsigned = classes.filter(({ id }) => !detail.signedClassIds.includes(id));
  const start = async () => {
    await walk.move("in-progress");
    const [first] = classes;
    if (first !== undefined) session.workbench.store.setState({ classId: first.id });
  };
  const started = detail.task.state === "in-progress";
  return (
    <div className="flex flex-wrap gap-2">
      {started ? null : (
        <Button variant="primary" size="sm" busy={walk.busy} onClick={() => void start()} data-testid="screening-start">
          Start looking
        </Button>
      )}
      {screening === null || unsigned.length === 0 ? null : (
        <Sign
          walk={walk}
          screening={screening}
          classIds={unsigned.map(({ id }) => id)}
          label="I looked through it"
          text={unsigned.length === 1 ? "I looked through it" : `Sign for all ${unsigned.length} and hand in`}
          testId="screening-sign"
          strong={started}
        />
      )}
    </div>
  );
}

/** Signs at once where enough was seen; asks where it was not. */
function Sign(props: {
  readonly walk: TaskWalk;
  readonly screening: Screening;
  readonly classIds: readonly string[];
  readonly label: string;
  readonly text: string;
  readonly testId: string;
  readonly strong?: boolean;
}) {
  const { walk, screening, classIds, strong = false } = props;
  const { share, wantedShare, isTissue } = useStore(screening.store);
  const [asking, setAsking] = useState(false);
  const sign = async (confirmed: boolean) => {
    await screening.flush();
    await walk.sign({ classIds: [...classIds], confirmed });
  };
  return (
    <>
      <Button
        variant={strong ? "primary" : "secondary"}
        size="sm"
        busy={walk.busy}
        aria-label={props.label}
        data-testid={props.testId}
        onClick={() => (share < wantedShare ? setAsking(true) : void sign(false))}
      >
        <CircleCheck aria-hidden /> {props.text}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Sign although not everything was seen?"
        confirm="Sign all the same"
        action={() => sign(true)}
      >
        {percent(share)} {seenWords(isTissue)} was on screen at working magnification; the study asks for{" "}
        {percent(wantedShare)}. The share is kept with your signature.
      </Confirm>
    </>
  );
}
