"use client";

import { Scan, Trash2, TriangleAlert, X } from "lucide-react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import type { Exception } from "#client/exceptions.ts";
import { asksSomething, unsaidNames } from "#client/held-attributes.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { areaText, lengthText } from "#client/tools/outline.ts";
import { type Annotation, MAX_NOTE_LENGTH, polygonsOf } from "#domain/annotation.ts";
import { geometryArea, geometryPerimeter } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { exceptionText } from "./exception-text.ts";
import { findingText } from "./finding-words.ts";
import { GuidelineActions } from "./guideline-actions.tsx";
import { OutlineAttributes } from "./outline-attributes.tsx";
import { type Origin, ReworkButton } from "./rework-dialog.tsx";
import { useLive, useTools, useVisit } from "./session.tsx";
import { CommentButton } from "./talk-begin.tsx";
import { WaiveButton } from "./waive-button.tsx";

type Pick = { readonly layerId: string; readonly id: AnnotationId };
type Selected = { readonly layerId: string; readonly annotation: Annotation };

/**
 * What is selected: its class, attributes, size, findings and note, and what can be done with it. Where nothing is, the
 * outline that was just drawn offers what its class requires, for as long as no other is drawn.
 */
export function SelectionPanel() {
  const { session } = useVisit();
  useTools((state) => state.selection);
  useTools((state) => state.drawingLayerId);
  const drawn = useTools((state) => state.drawn);
  useLive((state) => state.revision);
  useLive((state) => state.newGuideline);
  const selected = session.workbench.selected();
  const [first] = selected;
  if (first === undefined) return drawn === null ? null : <JustDrawn key={drawn.id} {...drawn} />;
  return (
    <section
      aria-label="Selection"
      data-testid="selection"
      className="scroll-thin max-h-[50%] min-h-40 overflow-y-auto border-b px-3 py-2.5"
    >
      {selected.length === 1 ? <One key={first.annotation.id} {...first} /> : <Many selected={selected} />}
    </section>
  );
}

function JustDrawn({ layerId, id }: Pick) {
  const { session } = useVisit();
  const { workbench } = session;
  const annotation = workbench.scene.layer(layerId)?.shapes.get(id)?.annotation;
  const standing = annotation && workbench.standingOf(annotation);
  const definition = workbench.guideline.byId.get(standing?.classId ?? "");
  if (annotation === undefined || definition === undefined || !asksSomething(definition)) return null;
  return (
    <section
      aria-label="Just drawn"
      data-testid="just-drawn"
      className="scroll-thin max-h-[40%] min-h-28 overflow-y-auto border-b px-3 py-2.5"
    >
      <div className="flex items-center gap-2">
        <span className="text-faint text-xs">Just drawn</span>
        <Swatch colour={definition.colour} />
        <span className="min-w-0 flex-1 truncate font-medium">{definition.name}</span>
        <Button
          variant="ghost"
          size="icon"
          aria-label="Later"
          title="Later: it stays marked in the list"
          onClick={() => workbench.store.setState({ drawn: null })}
        >
          <X />
        </Button>
      </div>
      <OutlineAttributes outlines={[annotation]} editable />
    </section>
  );
}

function One({ layerId, annotation }: Selected) {
  const { session } = useVisit();
  const { workbench, slide } = session;
  const own = workbench.editing?.layerId === layerId;
  const layer = session.state.getState().layers.find(({ id }) => id === layerId);
  const standing = workbench.standingOf(annotation);
  const exception = workbench.exceptionOf(layerId, annotation);
  const area = geometryArea(annotation.geometry);
  const facts: readonly (readonly [string, string])[] = [
    ...(area > 0 ? [["Area", areaText(area, slide.mpp)] as const] : []),
    ...(annotation.geometry.type === "point"
      ? []
      : [["Perimeter", lengthText(geometryPerimeter(annotation.geometry), slide.mpp)] as const]),
    ["Shape", shapeText(annotation)],
    ["Drawn under", `guideline v${annotation.under}`],
    ...(own || layer === undefined ? [] : [["Layer", layer.reader?.name ?? layer.name] as const]),
  ];
  return (
    <>
      <div className="flex flex-wrap items-center gap-1">
        <ClassChoice classId={standing.classId} disabled={!own} onChoose={(id) => workbench.chooseClass(id)} />
        <SelectionActions selected={[{ layerId, annotation }]} />
      </div>
      <LeadActions selected={[{ layerId, annotation }]} />
      {standing.state === "current" ? null : <StandingNote state={standing.state} exception={exception} />}
      <OutlineAttributes outlines={[annotation]} editable={own} />
      <dl className="mt-2.5 grid grid-cols-[84px_1fr] gap-x-2 gap-y-0.5 text-xs">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-faint">{name}</dt>
            <dd className="tabular truncate" data-testid={`fact-${name.toLowerCase()}`}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <Findings selected={{ layerId, annotation }} />
      {own || annotation.note !== "" ? <Note annotation={annotation} editable={own} /> : null}
    </>
  );
}

function Many({ selected }: { readonly selected: readonly Selected[] }) {
  const { session } = useVisit();
  const total = selected.reduce((sum, { annotation }) => sum + geometryArea(annotation.geometry), 0);
  const mine = selected.filter(({ layerId }) => layerId === session.workbench.editing?.layerId);
  const own = mine.length > 0;
  const outlines = (own ? mine : selected).map(({ annotation }) => annotation);
  return (
    <>
      <div className="flex items-center gap-1">
        <p className="min-w-0 flex-1 font-medium">
          {selected.length} outlines{" "}
          <span className="tabular font-normal text-muted text-xs">{areaText(total, session.slide.mpp)}</span>
        </p>
        <SelectionActions selected={selected} />
      </div>
      <LeadActions selected={selected} />
      {own ? (
        <div className="mt-2">
          <ClassChoice classId={null} disabled={false} onChoose={(id) => session.workbench.chooseClass(id)} />
        </div>
      ) : null}
      <OutlineAttributes key={outlines.map(({ id }) => id).join()} outlines={outlines} editable={own} />
    </>
  );
}

function ClassChoice(props: {
  readonly classId: ClassId | null;
  readonly disabled: boolean;
  readonly onChoose: (id: ClassId) => void;
}) {
  const { guideline } = useVisit().session.workbench;
  const current = guideline.byId.get(props.classId ?? "");
  const retired = current !== undefined && !guideline.palette.some(({ id }) => id === current.id) ? [current] : [];
  const options = [...guideline.palette, ...retired];
  return (
    <Select
      aria-label="Class of the selection"
      className="min-w-0 flex-1 basis-full"
      value={props.classId ?? ""}
      placeholder="Change the class of all"
      disabled={props.disabled}
      onValueChange={(value) => {
        const chosen = guideline.palette.find(({ id }) => id === value);
        if (chosen !== undefined) props.onChoose(chosen.id);
      }}
      options={options.map(({ id, name, colour }) => ({ value: id, label: name, icon: <Swatch colour={colour} /> }))}
    />
  );
}

function SelectionActions({ selected }: { readonly selected: readonly Selected[] }) {
  const { session } = useVisit();
  const own = selected.some(({ layerId }) => layerId === session.workbench.editing?.layerId);
  const [only] = selected;
  return (
    <>
      {selected.length === 1 && only !== undefined ? (
        <Button
          variant="ghost"
          size="icon"
          aria-label="Zoom to it"
          title="Zoom to it (Shift Z)"
          onClick={() => session.workbench.focus(only.layerId, only.annotation.id, 1)}
        >
          <Scan />
        </Button>
      ) : null}
      {selected.length === 1 && only !== undefined ? <CommentButton {...only} /> : null}
      {selected.length === 1 && only !== undefined ? <GuidelineActions {...only} /> : null}
      {own ? (
        <Button
          variant="ghost"
          size="icon"
          aria-label="Delete"
          title="Delete"
          onClick={() => session.workbench.deleteSelection()}
        >
          <Trash2 />
        </Button>
      ) : null}
    </>
  );
}

/** What a lead can have done about the selection; empty for others. */
function LeadActions({ selected }: { readonly selected: readonly Selected[] }) {
  const { session } = useVisit();
  return (
    <div className="-ml-2 mt-1 flex flex-wrap gap-1 empty:hidden">
      <ReworkButton selected={selected} origin={originOf(session)} withLabel />
      <WaiveButton selected={selected} />
    </div>
  );
}

/** Where the selection comes from, as a lead is told later. */
function originOf({ workbench }: SlideSession): Origin {
  const { selection, searched } = workbench.store.getState();
  return searched?.selection === selection
    ? { from: "search", detail: searched.words }
    : { from: "outlines", detail: "" };
}

/** As the list of outlines and the overview call it. */
const STANDING_WORDS = { "carried-over": "carried over", stale: "look again", archived: "set aside" } as const;

function StandingNote(props: {
  readonly state: "carried-over" | "stale" | "archived";
  readonly exception: Exception | null;
}) {
  const { state, exception } = props;
  if (exception !== null) {
    return (
      <p className="mt-2 text-muted text-xs" data-testid="exception">
        {exceptionText(exception)}
      </p>
    );
  }
  const text = {
    "carried-over": "Drawn under an earlier version and carried over by itself.",
    stale: "Drawn under an earlier version: somebody has to look at it again.",
    archived: "Its class was retired. It is kept and counts no more.",
  }[state];
  return (
    <p className="mt-2 flex items-start gap-1.5 text-xs">
      <Badge tone={state === "stale" ? "warn" : "neutral"}>{STANDING_WORDS[state]}</Badge>
      <span className="text-muted">{text}</span>
    </p>
  );
}

function Findings({ selected: { layerId, annotation } }: { readonly selected: Selected }) {
  const { session } = useVisit();
  const findings = session.findings(layerId, annotation, { neighbours: true });
  if (findings.length === 0) return null;
  const unsaid = unsaidNames(annotation, session.workbench.guideline);
  return (
    <ul className="mt-2 flex flex-col gap-1" aria-label="Findings">
      {findings.map((finding) => (
        <li key={`${finding.code} ${finding.other ?? ""} ${finding.bbox.minX}`} className="flex items-start gap-1">
          <button
            type="button"
            onClick={() => session.workbench.view.flyToBox(finding.bbox, 1)}
            className="flex w-full items-start gap-1.5 rounded bg-warn-soft px-2 py-1 text-left text-warn-ink text-xs"
          >
            <TriangleAlert className="mt-0.5 size-3 shrink-0" aria-hidden />
            {findingText(finding, session.slide.mpp, unsaid)}
          </button>
          <ReworkButton
            selected={[{ layerId, annotation }]}
            origin={{ from: "finding", detail: finding.code }}
            reason={finding.code === "too-small" ? "too-small" : "slip"}
          />
        </li>
      ))}
    </ul>
  );
}

function Note({ annotation, editable }: { readonly annotation: Annotation; readonly editable: boolean }) {
  const { session } = useVisit();
  const save = (text: string) => {
    if (text !== annotation.note) session.workbench.editing?.setNote(annotation.id, text);
  };
  return (
    <Textarea
      aria-label="Note"
      placeholder="Note"
      className="mt-2 min-h-9 text-xs"
      rows={annotation.note === "" ? 1 : 3}
      maxLength={MAX_NOTE_LENGTH}
      readOnly={!editable}
      defaultValue={annotation.note}
      key={annotation.note}
      onBlur={(event) => save(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}

function shapeText({ geometry }: Annotation): string {
  if (geometry.type === "point") return "point";
  if (geometry.type === "line") return `line of ${geometry.points.length} vertices`;
  const polygons = polygonsOf(geometry);
  const vertices = polygons.flat().reduce((sum, ring) => sum + ring.length, 0);
  const holes = polygons.reduce((sum, polygon) => sum + polygon.length - 1, 0);
  const parts = polygons.length > 1 ? `${polygons.length} parts, ` : "";
  return `${parts}${vertices} vertices${holes === 0 ? "" : `, ${holes === 1 ? "1 hole" : `${holes} holes`}`}`;
}
