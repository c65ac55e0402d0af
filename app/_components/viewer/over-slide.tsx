"use client";

import { LoaderCircle, Lock, MapPinOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { StateMpp } from "#app/_components/slides/state-mpp.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { offers } from "#app/_lib/abilities.ts";
import { api } from "#client/api.ts";
import { OverviewMap } from "#client/overview-map.ts";
import { otherViews } from "#client/presence.ts";
import { attachScaleBar } from "#client/scale-bar.ts";
import { GuidelineNews } from "./guideline-news.tsx";
import { LiveAgreementChip } from "./live-agreement-chip.tsx";
import { Magnifier } from "./magnifier.tsx";
import { ReadScreening } from "./read-screening.tsx";
import { useLive, useTools, useVisit } from "./session.tsx";
import { SlideTalk } from "./slide-talk.tsx";
import { TalkChip } from "./talk-pins.tsx";
import { ToolBar } from "./tool-bar.tsx";

/** What floats over the slide: tools, where one is, how large things are, and why nothing can be drawn. */
export function OverSlide() {
  return (
    <>
      <ToolBar />
      <SlideTalk />
      <div className="pointer-events-none absolute inset-x-0 top-3 z-10 flex flex-col items-center gap-2">
        <GuidelineNews />
        <LockNote />
      </div>
      <div className="pointer-events-none absolute bottom-3 left-3 z-10 flex max-w-[calc(100%-12.5rem)] flex-wrap items-end gap-2">
        <Magnifier />
        <Scale />
        <ReadScreening />
        <LiveAgreementChip />
        <TalkChip />
        <Loading />
      </div>
      <Overview />
    </>
  );
}

const LATE_MS = 700;
const chip =
  "flex items-center gap-2 rounded-lg border bg-panel/95 px-3 shadow-float backdrop-blur text-xs pointer-events-auto";

function Scale() {
  const { session } = useVisit();
  const element = useRef<HTMLDivElement>(null);
  const { mpp } = session.slide;
  useEffect(() => {
    if (element.current === null || mpp === null) return;
    return attachScaleBar(session.workbench.view, element.current, mpp);
  }, [session, mpp]);
  if (mpp === null) {
    return (
      <div className={`${chip} min-h-8 text-warn-ink`} data-testid="scale-unknown">
        <MapPinOff className="size-3.5" aria-hidden />
        Scale unknown: nobody has stated the µm per pixel
        {offers(session.me.role, "slide.edit") ? <StateMpp slide={session.slide} edits /> : null}
      </div>
    );
  }
  return (
    <div ref={element} className={`${chip} h-8`} data-testid="scale-bar">
      <span data-bar className="block h-1.5 border-ink border-x-2 border-b-2" />
      <span data-label className="tabular" />
    </div>
  );
}

/** Said only where tiles keep one waiting. */
function Loading() {
  const loading = useLive((state) => state.loading > 0);
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!loading) return;
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [loading]);
  if (!late) return null;
  return (
    <div role="status" className={`${chip} h-8 text-muted`}>
      <LoaderCircle className="size-3.5 animate-spin" aria-hidden />
      Fetching the slide
    </div>
  );
}

function Overview() {
  const { session } = useVisit();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current === null) return;
    const map = new OverviewMap(session.workbench.view, canvas.current, session.slide.thumbnailUrl);
    const stop = session.state.subscribe(({ peers }, before) => {
      if (peers !== before.peers) map.setOthers(otherViews(peers));
    });
    return () => {
      stop();
      map.close();
    };
  }, [session]);
  return (
    <div
      data-over-slide
      className="absolute right-3 bottom-3 z-10 overflow-hidden rounded-lg border border-line-strong bg-panel shadow-float"
    >
      <canvas
        ref={canvas}
        aria-label="The whole slide; press to go there"
        role="img"
        className="block cursor-pointer"
        data-testid="overview"
      />
    </div>
  );
}

/** Why nothing can be drawn here now. */
function LockNote() {
  const { session, mode } = useVisit();
  const writable = useTools((state) => state.drawingLayerId !== null);
  const text = useLive(({ status, layers }) =>
    lockText(session.workbench.guideline.number, layers.length, status, session.drawingLayer),
  );
  const layers = useLive((state) => state.layers.length);
  if (writable || text === null || mode !== "draw") return null;
  return (
    <div data-over-slide role="status" className={`${chip} min-h-8 py-1 text-muted`} data-testid="lock-note">
      <Lock className="size-3.5" aria-hidden />
      {text}
      {layers === 0 && offers(session.me.role, "layer.create") ? <TeamLayerButton /> : null}
    </div>
  );
}

/** The quickest way to begin: one layer in which everybody draws. */
function TeamLayerButton() {
  const { session } = useVisit();
  const { busy, error, run } = useSubmit();
  const open = () =>
    run(async () => {
      const layer = await api.slides.addTeamLayer(session.slideId);
      session.update(await api.slides.view(session.slideId));
      session.drawIn(layer.id);
    });
  return (
    <>
      <Button size="sm" busy={busy} onClick={() => void open()} data-testid="open-team-layer">
        Open a team layer
      </Button>
      {error === null ? null : <span className="text-bad-ink">{error}</span>}
    </>
  );
}

function lockText(
  guidelineNumber: number,
  layers: number,
  status: { readonly synced: boolean; readonly write: boolean | null } | null,
  layer: { readonly state: "open" | "submitted"; readonly write: boolean } | null,
): string | null {
  if (guidelineNumber === 0) return "Nothing can be drawn until the lead publishes a guideline.";
  if (layers === 0 || layer === null)
    return "There is nothing to draw in on this slide yet. A lead opens a team layer or a round.";
  if (layer.state === "submitted") return "This read is submitted and locked.";
  if (!(status?.write ?? layer.write)) return "You can look at this layer, not draw in it.";
  return status?.synced === true ? null : "Fetching the outlines…";
}
