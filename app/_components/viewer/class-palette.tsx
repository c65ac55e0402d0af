"use client";

import { Search } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { cn } from "#app/_components/ui/class-names.ts";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { digitOf } from "#client/keymap.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { ClassCard } from "./class-card.tsx";
import { useLive, useTools, useVisit } from "./session.tsx";

/** More classes than this get a search field. */
const SEARCH_FROM = 8;

/** The classes that may be drawn, each with its key; what the guideline says about the one at hand stands below. */
export function ClassPalette() {
  const { session, keys } = useVisit();
  const [hovered, setHovered] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [searching, setSearching] = useState(false);
  useLayoutEffect(
    () =>
      keys.open((event) => {
        const asked = digitOf(event.code) === 0 && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
        if (asked) setSearching(true);
        return asked;
      }),
    [keys],
  );
  const active = useTools((state) => state.classId);
  const revision = useLive((state) => state.revision);
  const news = useLive((state) => state.newGuideline);
  const hasSelection = useTools((state) => state.selection.length > 0);
  const drawingLayerId = useTools((state) => state.drawingLayerId);
  const { guideline } = session.workbench;
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: the revision stands for the outlines, which are no React state.
  const counts = useMemo(() => countsByClass(session, drawingLayerId), [session, drawingLayerId, revision, news]);
  const shown = guideline.palette.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  const card = guideline.byId.get(hovered ?? active ?? "");
  const pick = (each: ClassDefinition) => session.workbench.chooseClass(each.id);
  return (
    <section
      aria-label="Classes"
      className={cn("flex shrink-0 flex-col border-b", hasSelection ? "max-h-[34%]" : "max-h-[62%]")}
    >
      <header className="flex h-9 shrink-0 items-center justify-between px-3">
        <h2 className="font-semibold text-xs">Classes</h2>
        <span className="text-2xs text-faint">
          {guideline.number === 0 ? "no guideline yet" : `guideline v${guideline.number}`}
        </span>
      </header>
      {searching || guideline.palette.length > SEARCH_FROM ? (
        <ClassSearch
          text={text}
          autoFocus={searching}
          onChange={setText}
          onPick={() => shown[0] !== undefined && pick(shown[0])}
          onClose={() => {
            setText("");
            setSearching(false);
          }}
        />
      ) : null}
      <ul className="scroll-thin min-h-24 overflow-y-auto px-1.5 pb-1.5" onPointerLeave={() => setHovered(null)}>
        {shown.map((each) => (
          <ClassRow
            key={each.id}
            definition={each}
            active={each.id === active}
            count={counts.get(each.id) ?? 0}
            onPick={() => pick(each)}
            onHover={() => setHovered(each.id)}
          />
        ))}
      </ul>
      {card === undefined ? null : (
        <ClassCard definition={card} guideline={guideline} isLow={hasSelection && hovered === null} />
      )}
    </section>
  );
}

function ClassSearch(props: {
  readonly text: string;
  readonly autoFocus: boolean;
  readonly onChange: (text: string) => void;
  readonly onPick: () => void;
  readonly onClose: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.autoFocus) field.current?.focus();
  }, [props.autoFocus]);
  return (
    <label className="mx-2 mb-1 flex h-7 shrink-0 items-center gap-2 rounded-md border bg-sunken px-2">
      <Search className="size-3.5 text-faint" aria-hidden />
      <input
        ref={field}
        value={props.text}
        onChange={(event) => props.onChange(event.target.value)}
        onBlur={props.onClose}
        onKeyDown={(event) => {
          if (event.key === "Enter") props.onPick();
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
        placeholder="Find a class (0)"
        aria-label="Find a class"
        className="min-w-0 flex-1 bg-transparent text-xs outline-none placeholder:text-faint"
      />
    </label>
  );
}

function ClassRow(props: {
  readonly definition: ClassDefinition;
  readonly active: boolean;
  readonly count: number;
  readonly onPick: () => void;
  readonly onHover: () => void;
}) {
  const { id, name, colour, icon, hotkey } = props.definition;
  return (
    <li>
      <button
        type="button"
        aria-pressed={props.active}
        data-testid={`class-${hotkey ?? id}`}
        onClick={props.onPick}
        onPointerEnter={props.onHover}
        onFocus={props.onHover}
        className={cn(
          "flex h-7 w-full items-center gap-2 rounded-md px-1.5 text-left hover:bg-hover",
          props.active && "bg-pressed hover:bg-pressed",
        )}
      >
        <kbd
          className={cn(
            "grid size-[18px] shrink-0 place-items-center rounded border font-sans text-2xs text-faint",
            hotkey === null && "invisible",
          )}
        >
          {hotkey ?? ""}
        </kbd>
        <Swatch colour={colour} icon={icon} className={props.active ? "ring-2 ring-white/80" : ""} />
        <span className={cn("min-w-0 flex-1 truncate", props.active && "font-medium")}>{name}</span>
        <span className="tabular text-faint text-xs">{props.count === 0 ? "" : props.count}</span>
      </button>
    </li>
  );
}

function countsByClass(
  session: ReturnType<typeof useVisit>["session"],
  layerId: string | null,
): ReadonlyMap<string, number> {
  const { scene } = session.workbench;
  const layer = scene.layer(layerId ?? session.drawingLayer?.id ?? "");
  const counts = new Map<string, number>();
  for (const { annotation } of layer?.shapes.values() ?? []) {
    const { classId } = session.workbench.standingOf(annotation);
    counts.set(classId, (counts.get(classId) ?? 0) + 1);
  }
  return counts;
}
