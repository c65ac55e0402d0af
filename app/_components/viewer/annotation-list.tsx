"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { Exception } from "#client/exceptions.ts";
import { saidWords, unsaidNames } from "#client/held-attributes.ts";
import type { Shape } from "#client/scene.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { areaText } from "#client/tools/outline.ts";
import type { Finding, FindingCode } from "#domain/quality.ts";
import { AnnotationSearch, isFound, NO_SEARCH, selectFound, useAuthors } from "./annotation-search.tsx";
import { exceptionText } from "./exception-text.ts";
import { FINDING_NAMES } from "./finding-words.ts";
import { useLive, useTools, useVisit } from "./session.tsx";

const ROW_PX = 28;
const UNSAID = "attribute-missing" satisfies FindingCode;

type Row = {
  readonly layerId: string;
  readonly shape: Shape;
  readonly name: string;
  readonly colour: string;
  readonly stale: boolean;
  /** What excuses it from being looked at again. */
  readonly exception: Exception | null;
};

/** Every outline of the layer, which is also how the slide is read without a mouse: arrows move, Enter zooms, keys act. */
export function AnnotationList() {
  const { session } = useVisit();
  const [search, setSearch] = useState(NO_SEARCH);
  const authors = useAuthors(session.drawingLayer?.id ?? null);
  const revision = useDeferredValue(useLive((state) => state.revision));
  const news = useLive((state) => state.newGuideline);
  const layers = useLive((state) => state.layers);
  const drawingLayerId = useTools((state) => state.drawingLayerId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: revision, layers and news stand for the outlines, which are no React state.
  const rows = useMemo(() => rowsOf(session), [session, drawingLayerId, revision, news, layers]);
  const { guideline } = session.workbench;
  const shown = rows.filter((row) =>
    isFound(
      {
        ...row,
        waived: row.exception !== null,
        said: () => saidWords(row.shape.annotation, guideline),
        isUnsaid: () => unsaidNames(row.shape.annotation, guideline).length > 0,
        hasFinding: () => session.findings(row.layerId, row.shape.annotation).length > 0,
      },
      search,
      (id) => authors.get(id)?.id,
    ),
  );
  const unreadable = session.unreadable();
  const names = [...new Set(rows.map(({ name }) => name))];
  return (
    <section aria-label="Outlines" className="flex min-h-36 flex-1 flex-col">
      <header className="flex h-9 shrink-0 items-center gap-2 px-3">
        <h2 className="font-semibold text-xs">Outlines</h2>
        <span className="tabular text-faint text-xs" data-testid="annotation-count">
          {rows.length}
        </span>
      </header>
      <AnnotationSearch search={search} onSearch={setSearch} names={names} authors={authors} shown={shown} />
      {shown.length === 0 ? (
        <Empty any={rows.length > 0} />
      ) : (
        <Rows rows={shown} onSelect={(row) => selectFound(session, [row], search, authors)} />
      )}
      {unreadable === 0 ? null : (
        <p className="shrink-0 border-t px-3 py-2 text-warn-ink text-xs">
          {unreadable === 1 ? "1 outline is" : `${unreadable} outlines are`} kept but cannot be shown: written by a
          newer version, or damaged.
        </p>
      )}
    </section>
  );
}

function Empty({ any }: { readonly any: boolean }) {
  const writable = useTools((state) => state.drawingLayerId !== null);
  const text = any
    ? "None of this kind."
    : writable
      ? "Nothing outlined yet. Press B for the brush or P for a polygon."
      : "Nothing outlined yet.";
  return <p className="px-3 py-2 text-faint text-xs">{text}</p>;
}

function Rows({ rows, onSelect }: { readonly rows: readonly Row[]; readonly onSelect: (row: Row) => void }) {
  const { session } = useVisit();
  const scroller = useRef<HTMLDivElement>(null);
  const selection = useTools((state) => state.selection);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const selectedId = selection.at(-1)?.id;
  const index = rows.findIndex(({ shape }) => shape.annotation.id === selectedId);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index);
  }, [index, virtual]);
  const go = (to: number, zoom: boolean) => {
    const row = rows[to];
    if (row === undefined) return;
    if (zoom) session.workbench.focus(row.layerId, row.shape.annotation.id);
    else onSelect(row);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step !== undefined) go(Math.max(0, Math.min(rows.length - 1, index + step)), false);
    else if (event.key === "Enter") go(index, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Outlines of this layer"
      aria-activedescendant={index < 0 ? undefined : `outline-${selectedId}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="scroll-thin min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
    >
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <ListRow
              key={row.shape.annotation.id}
              row={row}
              onSelect={() => onSelect(row)}
              top={item.start}
              selected={selection.some(({ id }) => id === row.shape.annotation.id)}
            />
          );
        })}
      </div>
    </div>
  );
}

function ListRow(props: {
  readonly row: Row;
  readonly top: number;
  readonly selected: boolean;
  readonly onSelect: () => void;
}) {
  const { row, top, selected, onSelect } = props;
  const { session } = useVisit();
  const { annotation, area } = row.shape;
  const [finding, ...others] = session.findings(row.layerId, annotation).toSorted(unsaidLast);
  const isUnsaid = [finding, ...others].some((each) => each?.code === UNSAID);
  return (
    <div
      id={`outline-${annotation.id}`}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      onClick={onSelect}
      onKeyDown={(event) => event.key === "Enter" && onSelect()}
      onDoubleClick={() => session.workbench.focus(row.layerId, annotation.id)}
      onPointerEnter={() => session.workbench.store.setState({ hovered: { layerId: row.layerId, id: annotation.id } })}
      onPointerLeave={() => session.workbench.store.setState({ hovered: null })}
      className={cn(
        "absolute inset-x-0 flex cursor-default items-center gap-2 px-3 hover:bg-hover",
        selected && "bg-accent-soft hover:bg-accent-soft",
      )}
      style={{ top, height: ROW_PX }}
    >
      <Swatch colour={row.colour} />
      <span className="min-w-0 flex-1 truncate">{row.name}</span>
      {row.stale ? <Badge tone="warn">look again</Badge> : null}
      {row.exception === null ? null : (
        <span className="shrink-0 text-2xs text-faint" data-testid="waived" title={exceptionText(row.exception)}>
          waived
        </span>
      )}
      {finding === undefined || finding.code === UNSAID ? null : (
        <Badge tone="outline">{FINDING_NAMES[finding.code]}</Badge>
      )}
      {isUnsaid ? <Badge tone="warn">{FINDING_NAMES[UNSAID]}</Badge> : null}
      <span className="tabular shrink-0 text-faint text-xs">
        {area > 0 ? areaText(area, session.slide.mpp) : annotation.geometry.type}
      </span>
    </div>
  );
}

/** What is not said is marked by itself, beside the first thing that is wrong with the shape. */
function unsaidLast(a: Finding, b: Finding): number {
  return Number(a.code === UNSAID) - Number(b.code === UNSAID);
}

/** The outlines of the layer at hand, by class in the guideline's order, the largest first; of all visible layers where none is at hand. */
function rowsOf(session: SlideSession): readonly Row[] {
  const { workbench } = session;
  const layer = workbench.scene.layer(session.drawingLayer?.id ?? "");
  const layers = layer === undefined ? workbench.scene.layers.filter(({ visible }) => visible) : [layer];
  const order = new Map(workbench.guideline.palette.map(({ id }, index) => [id, index]));
  return layers
    .flatMap(({ id: layerId, shapes }) =>
      [...shapes.values()].map((shape) => {
        const { classId, name, colour, state } = workbench.standingOf(shape.annotation);
        const exception = workbench.exceptionOf(layerId, shape.annotation);
        const stale = state === "stale" && exception === null;
        return { layerId, shape, name, colour, stale, exception, order: order.get(classId) ?? 999 };
      }),
    )
    .sort((a, b) => a.order - b.order || b.shape.area - a.shape.area);
}
