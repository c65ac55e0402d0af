"use client";

import "leaflet/dist/leaflet.css";
import "#app/viewer.css";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import type { Project, SlideView } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { KeyScopes } from "#client/key-scopes.ts";
import { layerToDrawIn } from "#client/layer-choice.ts";
import { listenToProject } from "#client/live-events.ts";
import { SlideSession } from "#client/slide-session.ts";
import { SlideTalk } from "#client/slide-talk.ts";
import { followInAddress, parseTarget, parseView, type ViewTarget } from "#client/view-link.ts";
import { openTarget } from "./open-target.ts";
import { OverSlide } from "./over-slide.tsx";
import { type Visit, VisitProvider } from "./session.tsx";
import { SidePanel } from "./side-panel.tsx";
import { TopBar } from "./top-bar.tsx";
import { useViewerKeys } from "./use-viewer-keys.ts";

/** The whole viewer: the slide with its tools in the middle, what is known about it around. */
export function Viewer({ project, answer }: { readonly project: Project; readonly answer: SlideView }) {
  const container = useRef<HTMLDivElement>(null);
  const [visit, setVisit] = useState<Visit | null>(null);
  const [target] = useState(() => parseTarget(window.location.search));
  const [first] = useState(answer);

  useEffect(() => {
    if (container.current === null) return;
    const opened = openVisit(container.current, first, project.id, target);
    setVisit(opened.visit);
    return opened.close;
  }, [first, project.id, target]);
  useDarkPage();

  return (
    <div
      data-theme="dark"
      className="viewer grid h-dvh grid-rows-[44px_minmax(0,1fr)] overflow-hidden bg-canvas text-ink"
    >
      <VisitProvider value={visit}>
        {visit === null ? <div className="border-b bg-panel" /> : <TopBar project={project} />}
        <div className="grid min-h-0 grid-cols-[minmax(0,1fr)_auto] max-md:grid-cols-1 max-md:grid-rows-2">
          <main className="relative min-w-0 select-none overflow-hidden bg-sunken">
            <div
              ref={container}
              role="application"
              aria-label={`Slide ${answer.slide.name}. The list of outlines beside it can be used from the keyboard.`}
              data-testid="slide"
              className="viewer-slide absolute inset-0 outline-none"
            />
            {visit === null ? null : <OverSlide />}
          </main>
          {visit === null ? (
            <div className="w-[300px] border-l bg-panel max-md:w-auto max-md:border-t max-md:border-l-0" />
          ) : (
            <SidePanel target={target} />
          )}
        </div>
        {visit === null ? null : <Keys />}
      </VisitProvider>
    </div>
  );
}

function Keys() {
  return useViewerKeys();
}

/** Menus and tooltips are drawn outside the viewer and follow the page: it is dark for as long as a slide is open. */
function useDarkPage(): void {
  useEffect(() => {
    const page = document.documentElement.dataset;
    const before = page["theme"];
    page["theme"] = "dark";
    return () => {
      if (before === undefined) delete page["theme"];
      else page["theme"] = before;
    };
  }, []);
}

function openVisit(
  container: HTMLElement,
  answer: SlideView,
  projectId: string,
  target: ViewTarget,
): { readonly visit: Visit; readonly close: () => void } {
  const session = new SlideSession(container, answer);
  const camera = parseView(window.location.hash);
  const { view } = session.workbench;
  if (camera !== null) view.setCamera(camera);
  else if (target.box !== null) view.setCamera(view.cameraFor(target.box));
  const mode =
    target.disputeKey !== null && target.roundId !== null
      ? "dispute"
      : target.taskId === null && target.dissolve === null
        ? "draw"
        : "task";
  const layer = mode === "dispute" ? null : layerToDrawIn(answer.layers, target);
  if (layer !== null) session.drawIn(layer.id);
  void openTarget(session, target);
  const askAgain = () =>
    api.slides.view(session.slideId).then(
      (now) => session.update(now),
      () => toast.error("What changed on the server could not be fetched."),
    );
  const stops = [
    followInAddress((watcher) => session.workbench.view.watch(watcher)),
    listenToProject(projectId, {
      onEvent: ({ kind }) => {
        if (kind === "guideline" || kind === "layers" || kind === "rounds") void askAgain();
      },
      onGap: () => void askAgain(),
    }),
    session.workbench.store.subscribe(({ message }, before) => {
      if (message !== null && message !== before.message) toast(message.text);
    }),
  ];
  const warn = (event: BeforeUnloadEvent) => {
    const { waiting, status } = session.state.getState();
    // What the browser keeps survives the page; only what it cannot keep is worth a question.
    if (waiting > 0 && status?.kept === false) event.preventDefault();
  };
  window.addEventListener("beforeunload", warn);
  const close = () => {
    window.removeEventListener("beforeunload", warn);
    for (const stop of stops) stop();
    session.close();
  };
  const talk = new SlideTalk(api.talk.ofLayer);
  return { visit: { session, keys: new KeyScopes(), talk, projectId, mode }, close };
}
