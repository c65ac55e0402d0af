"use client";

import { Grid3x3, Telescope } from "lucide-react";
import { useMemo } from "react";
import { useStore } from "zustand";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import { percent } from "#app/_lib/format.ts";
import type { Screening } from "#client/screening.ts";
import { seenWords } from "./seen-share.tsx";
import { useLive, useVisit } from "./session.tsx";
import { type Looking, useScreening } from "./use-screening.ts";

/** In one's own open read: how much of the slide one has had on screen at working magnification, and the way to the rest. */
export function ReadScreening() {
  const { session, mode } = useVisit();
  useLive((state) => state.layers);
  useLive((state) => state.status);
  const layer = mode === "draw" ? session.drawingLayer : null;
  const layerId = layer?.kind === "read" && layer.mine && layer.state === "open" ? layer.id : null;
  const looking = useMemo(
    (): Looking | null => (layerId === null ? null : { layerId, since: 0, classIds: [], visible: false }),
    [layerId],
  );
  const screening = useScreening(looking);
  return screening === null ? null : <Chip screening={screening} />;
}

function Chip({ screening }: { readonly screening: Screening }) {
  const { share, open, visible, isTissue } = useStore(screening.store);
  return (
    <div
      data-testid="read-screening"
      data-share={share}
      className="pointer-events-auto flex h-8 items-center gap-1 rounded-lg border bg-panel/95 pr-1 pl-3 text-xs shadow-float backdrop-blur"
    >
      <span className="tabular whitespace-nowrap">
        <strong className="font-semibold">{percent(share)}</strong> {seenWords(isTissue)} seen
      </span>
      <Tooltip text={visible ? "Hide the screening grid" : "Show what is not seen yet"} shortcut="H">
        <button
          type="button"
          aria-label={visible ? "Hide the screening grid" : "Show the screening grid"}
          aria-pressed={visible}
          onClick={() => screening.setVisible(!visible)}
          className="ml-1 grid size-6 place-items-center rounded hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:text-accent-ink"
        >
          <Grid3x3 className="size-3.5" aria-hidden />
        </button>
      </Tooltip>
      <Tooltip text="Next place to look at" shortcut="G">
        <button
          type="button"
          aria-label="Next place to look at"
          disabled={open === 0}
          onClick={() => screening.go(1)}
          className="grid size-6 place-items-center rounded hover:bg-hover disabled:opacity-40"
        >
          <Telescope className="size-3.5" aria-hidden />
        </button>
      </Tooltip>
    </div>
  );
}
