"use client";

import { Scale } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { percent } from "#app/_lib/format.ts";
import type { Layer } from "#client/answers.ts";
import { LiveAgreement, type LiveNumbers } from "#client/live-agreement.ts";
import { startTileRunner } from "#client/tile-runner.ts";
import { classRulesOf } from "#domain/consensus-rules.ts";
import { micronPerPx } from "#domain/units.ts";
import { useLive, useVisit } from "./session.tsx";

const LOOK_EVERY_MS = 500;

/** The reads of one open round that this person sees; agreement needs two. */
function openReads(layers: readonly Layer[]): readonly string[] {
  const open = layers.filter(({ kind, round }) => kind === "read" && round?.mode === "open");
  const [first] = open.filter(({ mine }) => mine).concat(open);
  const ofRound = open.filter(({ round }) => round?.id === first?.round?.id);
  const isDrawn = ofRound.some(({ state }) => state === "open");
  return ofRound.length < 2 || !isDrawn ? [] : ofRound.map(({ id }) => id).sort();
}

/** How well the reads of an open round fit while they are drawn. In a blind round there is nothing to compare here. */
export function LiveAgreementChip() {
  const { mode } = useVisit();
  const layers = useLive((state) => state.layers);
  const reads = useMemo(() => openReads(layers), [layers]);
  if (mode !== "draw" || reads.length === 0) return null;
  return <Chip key={reads.join()} reads={reads} />;
}

function Chip({ reads }: { readonly reads: readonly string[] }) {
  const numbers = useLiveNumbers(reads);
  const { byId } = useVisit().session.workbench.guideline;
  if (numbers?.agreed.defined !== true) return null;
  const shown = numbers.classes.filter(({ dice }) => dice.defined);
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button
          type="button"
          data-testid="live-agreement"
          className="pointer-events-auto flex h-8 items-center gap-2 rounded-lg border bg-panel/95 px-3 text-xs shadow-float backdrop-blur"
        >
          <Scale className="size-3.5 text-accent-ink" aria-hidden />
          <span className="tabular">{percent(numbers.agreed.value)} agreed</span>
        </button>
      </PopoverTrigger>
      <PopoverContent side="top">
        <p className="font-medium text-sm">Agreement while you draw</p>
        <p className="mt-0.5 mb-2 text-faint text-xs">
          Of what somebody marked, {percent(numbers.agreed.value)} is marked alike by all {reads.length}. Per class, the
          mean overlap of two readers.
        </p>
        <table className="w-full text-sm">
          <tbody>
            {shown.map(({ classId, basis, dice }) => (
              <tr key={classId}>
                <td className="py-0.5">
                  <ClassName
                    name={byId.get(classId)?.name ?? classId}
                    colour={byId.get(classId)?.colour ?? "#8b93a1"}
                  />
                </td>
                <td className="tabular py-0.5 text-right">
                  {dice.defined ? dice.value.toFixed(2) : ""}{" "}
                  <span className="text-2xs text-faint">{basis === "area" ? "Dice" : "F1"}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </PopoverContent>
    </Popover>
  );
}

function useLiveNumbers(reads: readonly string[]): LiveNumbers | null {
  const { session } = useVisit();
  const [numbers, setNumbers] = useState<LiveNumbers | null>(null);
  useEffect(() => {
    const { workbench, slide } = session;
    const content = session.versions.at(-1)?.content;
    if (content === undefined) return;
    const runner = startTileRunner();
    const classIds = content.classes.filter(({ retired }) => !retired).map(({ id }) => id);
    const mpp = slide.mpp === null ? null : micronPerPx(slide.mpp);
    const live = new LiveAgreement({
      scene: workbench.scene,
      readLayerIds: reads,
      settings: { classIds, rules: classRulesOf(content, []), mpp },
      classOf: (annotation) => workbench.standingOf(annotation).classId,
      run: runner.run,
    });
    const look = () =>
      void live.look().then(
        (found) => found !== null && setNumbers(found),
        () => setNumbers(null),
      );
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      runner.close();
    };
  }, [session, reads]);
  return numbers;
}
