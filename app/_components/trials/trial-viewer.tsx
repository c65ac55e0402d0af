"use client";

import "leaflet/dist/leaflet.css";
import "#app/viewer.css";
import { FlaskConical } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { AnnotationList } from "#app/_components/viewer/annotation-list.tsx";
import { ClassPalette } from "#app/_components/viewer/class-palette.tsx";
import { OverSlide } from "#app/_components/viewer/over-slide.tsx";
import { SelectionPanel } from "#app/_components/viewer/selection-panel.tsx";
import { type Visit, VisitProvider } from "#app/_components/viewer/session.tsx";
import { useViewerKeys } from "#app/_components/viewer/use-viewer-keys.ts";
import type { SlideView, TrialDetail, TrialSheet } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { KeyScopes } from "#client/key-scopes.ts";
import { SlideSession } from "#client/slide-session.ts";
import { type TrialSave, TrialSession } from "#client/trial-session.ts";
import { annotationId } from "#domain/ids.ts";

type Props = {
  readonly projectId: string;
  readonly trial: TrialDetail;
  readonly sheet: TrialSheet;
  readonly view: SlideView;
};

/** The viewer with a draft's classes and no layers: what is drawn is kept with the trial and nowhere else. */
export function TrialViewer(props: Props) {
  const container = useRef<HTMLDivElement>(null);
  const [visit, setVisit] = useState<Visit | null>(null);
  const [save, setSave] = useState<TrialSave>({ state: "saved" });
  const [first] = useState(props);
  const { trial, view, projectId } = props;

  useEffect(() => {
    if (container.current === null) return;
    const opened = openTrialVisit(container.current, first, setSave);
    setVisit(opened.visit);
    return opened.close;
  }, [first]);

  return (
    <div
      data-theme="dark"
      className="viewer grid h-dvh grid-rows-[44px_minmax(0,1fr)] overflow-hidden bg-canvas text-ink"
    >
      <header className="flex min-w-0 items-center gap-3 border-b bg-panel px-4">
        <FlaskConical className="size-4 text-accent" aria-hidden />
        <h1 className="truncate font-semibold">{trial.name}</h1>
        <span className="truncate text-muted">{view.slide.name}</span>
        <Badge tone="warn">trial: not part of the data</Badge>
        <span role="status" data-testid="trial-save" className="ml-auto text-faint text-xs">
          {save.state === "failed" ? save.sentence : save.state === "saved" ? "Kept with the trial" : "Keeping"}
        </span>
        <Button asChild size="sm">
          <Link href={`${projectPath(projectId, "guideline/trials")}/${trial.id}`}>Back to the trial</Link>
        </Button>
      </header>
      <VisitProvider value={visit}>
        <div className="grid min-h-0 grid-cols-[minmax(0,1fr)_auto]">
          <div className="relative min-w-0 select-none overflow-hidden bg-sunken">
            <div
              ref={container}
              role="application"
              aria-label={`Slide ${view.slide.name}, in a trial of a guideline draft.`}
              data-testid="slide"
              className="viewer-slide absolute inset-0 outline-none"
            />
            {visit === null ? null : <OverSlide />}
          </div>
          <aside aria-label="Classes and outlines" className="flex min-h-0 w-[300px] flex-col border-l bg-panel">
            {visit === null ? null : (
              <>
                <ClassPalette />
                <SelectionPanel />
                <AnnotationList />
                <Keys />
              </>
            )}
          </aside>
        </div>
      </VisitProvider>
    </div>
  );
}

function Keys() {
  return useViewerKeys();
}

function openTrialVisit(
  container: HTMLElement,
  { projectId, trial, sheet, view }: Props,
  onSave: (save: TrialSave) => void,
): { readonly visit: Visit; readonly close: () => void } {
  const draft = { number: trial.parent + 1, content: trial.content, changes: [], note: "" };
  const session = new SlideSession(container, { ...view, layers: [], guideline: [draft] });
  const start = sheet.outlines.map((each) => ({
    ...each,
    id: annotationId.parse(each.id),
    under: draft.number,
    attributes: {},
  }));
  const slideId = view.slide.id;
  const keeping = new TrialSession(
    start,
    {
      put: ({ id, classId, geometry, note }) => api.trials.put(trial.id, slideId, id, { classId, geometry, note }),
      remove: (id) => api.trials.remove(trial.id, slideId, id),
    },
    onSave,
  );
  if (trial.endedAt === null) session.openTrial(start, (outlines) => keeping.take(outlines));
  return {
    visit: { session, keys: new KeyScopes(), talk: null, projectId, mode: "draw" },
    close: () => {
      keeping.close();
      session.close();
    },
  };
}
