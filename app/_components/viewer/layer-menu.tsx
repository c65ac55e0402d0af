"use client";

import { ChevronDown, Eye, EyeOff, Layers, Lock, Pencil } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import type { Layer } from "#client/answers.ts";
import { useLive, useTools, useVisit } from "./session.tsx";

/** Which layer one draws in, and which of the others are shown. */
export function LayerMenu() {
  const { session } = useVisit();
  const layers = useLive((state) => state.layers);
  useTools((state) => state.drawingLayerId);
  const current = session.drawingLayer;
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button variant="ghost" size="sm" className="min-w-0 shrink" data-testid="layer-menu">
          <Layers aria-hidden />
          <span className="max-w-44 truncate text-ink">{current?.name ?? "No layer"}</span>
          {current !== null && !current.write ? <Lock className="text-faint" aria-label="locked" /> : null}
          <ChevronDown className="text-faint" aria-hidden />
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-80 p-1.5">
        <p className="px-2 pt-1 pb-1.5 text-2xs text-faint">Layers on this slide</p>
        {layers.length === 0 ? <p className="px-2 pb-2 text-muted">None that you may see.</p> : null}
        <ul>
          {layers.map((layer) => (
            <LayerRow key={layer.id} layer={layer} current={layer.id === current?.id} />
          ))}
        </ul>
      </PopoverContent>
    </Popover>
  );
}

function LayerRow({ layer, current }: { readonly layer: Layer; readonly current: boolean }) {
  const { session } = useVisit();
  const { store } = session.workbench;
  const hidden = useTools((state) => state.hiddenLayerIds.has(layer.id));
  useLive((state) => state.revision);
  const count = session.workbench.scene.layer(layer.id)?.shapes.size ?? 0;
  const toggle = () =>
    store.setState(({ hiddenLayerIds }) => {
      const next = new Set(hiddenLayerIds);
      if (!next.delete(layer.id)) next.add(layer.id);
      return { hiddenLayerIds: next };
    });
  return (
    <li className="flex items-center gap-1">
      <button
        type="button"
        aria-pressed={current}
        data-testid={`layer-${layer.id}`}
        onClick={() => session.drawIn(layer.id)}
        className={cn(
          "flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left hover:bg-hover",
          current && "bg-accent-soft",
        )}
      >
        {layer.write ? (
          <Pencil className="size-3.5 shrink-0 text-faint" aria-label="may be drawn in" />
        ) : (
          <Lock className="size-3.5 shrink-0 text-faint" aria-label="locked" />
        )}
        <span className="min-w-0 flex-1">
          <span className="block truncate leading-4">{layer.name}</span>
          <span className="block truncate text-2xs text-faint leading-4">{describe(layer)}</span>
        </span>
        <span className="tabular text-faint text-xs">{count}</span>
      </button>
      <Button
        variant="ghost"
        size="icon"
        onClick={toggle}
        aria-pressed={!hidden}
        aria-label={hidden ? `Show ${layer.name}` : `Hide ${layer.name}`}
      >
        {hidden ? <EyeOff /> : <Eye />}
      </Button>
    </li>
  );
}

function describe({ kind, mine, state, round }: Layer): string {
  const what = {
    team: "Everybody draws here",
    read: mine ? "Your read" : "Another reader",
    "ground-truth": "Ground truth",
  }[kind];
  const where = round === null ? "" : ` · ${round.name}${round.mode === "blind" && !round.unblinded ? ", blind" : ""}`;
  return `${what}${where}${state === "submitted" ? " · submitted" : ""}`;
}
