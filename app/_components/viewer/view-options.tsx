"use client";

import { Blend, Eye, EyeOff } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import { useTools, useVisit } from "./session.tsx";

/** How outlines are shown. */
export function ViewOptions() {
  const { session } = useVisit();
  const { store } = session.workbench;
  const visible = useTools((state) => state.outlinesVisible);
  const filled = useTools((state) => state.filled);
  const opacity = useTools((state) => state.fillOpacity);
  return (
    <>
      <Tooltip text={visible ? "Hide all outlines" : "Show all outlines"} shortcut="A" side="bottom">
        <Button
          variant="ghost"
          size="icon"
          aria-label={visible ? "Hide all outlines" : "Show all outlines"}
          aria-pressed={visible}
          onClick={() => store.setState({ outlinesVisible: !visible })}
        >
          {visible ? <Eye /> : <EyeOff className="text-warn-ink" />}
        </Button>
      </Tooltip>
      <Popover>
        <Tooltip text="How outlines are filled" side="bottom">
          <PopoverTrigger asChild>
            <Button variant="ghost" size="icon" aria-label="How outlines are filled">
              <Blend />
            </Button>
          </PopoverTrigger>
        </Tooltip>
        <PopoverContent className="w-60">
          <label htmlFor="fill-outlines" className="flex items-center justify-between">
            <span>
              Fill outlines <kbd className="ml-1 rounded border px-1 font-sans text-2xs text-faint">F</kbd>
            </span>
            <Switch id="fill-outlines" checked={filled} onCheckedChange={(on) => store.setState({ filled: on })} />
          </label>
          <label className="mt-3 flex items-center gap-3 text-muted text-xs">
            Opacity
            <input
              type="range"
              min={0}
              max={0.7}
              step={0.02}
              value={opacity}
              disabled={!filled}
              onChange={(event) => store.setState({ fillOpacity: Number(event.target.value) })}
              className="min-w-0 flex-1 accent-(--accent)"
              aria-label="Opacity of the fill"
            />
            <span className="tabular w-9 text-right text-ink">{Math.round(opacity * 100)} %</span>
          </label>
        </PopoverContent>
      </Popover>
    </>
  );
}
