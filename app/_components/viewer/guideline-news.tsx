"use client";

import { BookOpenCheck, Sparkles } from "lucide-react";
import Link from "next/link";
import { useEffect, useMemo, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import type { Acknowledgement } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { ReadGuideline } from "./read-guideline.tsx";
import { useLive, useVisit } from "./session.tsx";

const banner =
  "flex min-h-10 items-center gap-2 rounded-lg border bg-panel/95 px-3 py-1 shadow-float backdrop-blur text-xs pointer-events-auto";

/**
 * That another version of the guideline came into force. Where words changed, drawing rests until they are read; a stroke
 * under way is finished first, and nothing covers the slide unasked.
 */
export function GuidelineNews() {
  const { session, projectId } = useVisit();
  const number = useLive((state) => state.newGuideline);
  const due = useDue();
  const [reading, setReading] = useState(false);
  const newest = due.toRead?.due.at(-1)?.version;
  if (due.toRead !== null && newest !== undefined) {
    return (
      <>
        <div data-over-slide role="status" className={`${banner} border-warn/50`} data-testid="guideline-news">
          <BookOpenCheck className="size-4 text-warn-ink" aria-hidden />
          <span>
            <strong className="font-semibold">Guideline version {newest}</strong> says some things in other words. Read
            them, then draw on.
          </span>
          <Button size="sm" variant="primary" data-testid="read-guideline" onClick={() => setReading(true)}>
            Read
          </Button>
        </div>
        {reading ? (
          <ReadGuideline
            toRead={due.toRead}
            onClose={() => setReading(false)}
            onRead={async () => {
              due.setToRead(await api.guideline.confirmRead(projectId, newest));
              session.state.setState({ newGuideline: null });
              setReading(false);
            }}
          />
        ) : null}
      </>
    );
  }
  if (number === null) return null;
  return (
    <div data-over-slide role="status" className={`${banner} border-accent/40`} data-testid="guideline-news">
      <Sparkles className="size-4 text-accent-ink" aria-hidden />
      <span>
        <strong className="font-semibold">Guideline version {number}</strong> is in force. What you draw from now on
        counts under it.
      </span>
      <Button asChild variant="link" size="sm">
        <Link href={`/projects/${projectId}/guideline`} target="_blank">
          What changed
        </Link>
      </Button>
      <Button variant="ghost" size="sm" onClick={() => session.state.setState({ newGuideline: null })}>
        Got it
      </Button>
    </div>
  );
}

/**
 * What this person has still to read of what is in force where they draw, asked again with every new version; drawing rests
 * as long as there is something.
 */
function useDue() {
  const { session, projectId } = useVisit();
  const number = useLive((state) => state.newGuideline);
  const drawing = useLive(({ layers }) => layers.length > 0);
  const inForce = useLive((state) => state.guidelineNumber);
  const [answer, setAnswer] = useState<Acknowledgement | null>(null);
  const toRead = useMemo(
    () => answer && { ...answer, due: answer.due.filter(({ version }) => version <= inForce) },
    [answer, inForce],
  );
  useEffect(() => session.workbench.setPaused((toRead?.due.length ?? 0) > 0), [session, toRead]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: a new version is a reason to ask again.
  useEffect(() => {
    if (!drawing) return;
    let isGone = false;
    // Where the server is away nothing is held back: what is drawn offline is taken with its stamp.
    api.guideline.toRead(projectId).then(
      (found) => isGone || setAnswer(found),
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [projectId, number, drawing]);
  return { toRead, setToRead: setAnswer };
}
