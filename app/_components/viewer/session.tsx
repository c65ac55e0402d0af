"use client";

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { KeyScopes } from "#client/key-scopes.ts";
import type { SessionState, SlideSession } from "#client/slide-session.ts";
import type { SlideTalk } from "#client/slide-talk.ts";
import type { ToolState } from "#client/tool-state.ts";

export type Visit = {
  readonly session: SlideSession;
  readonly keys: KeyScopes;
  /** What is said about the slide; null where nothing is said, as in a trial. */
  readonly talk: SlideTalk | null;
  readonly projectId: string;
  /** What the address asked for: a plain visit, a task, or a dispute. */
  readonly mode: "draw" | "task" | "dispute";
};

const VisitContext = createContext<Visit | null>(null);
export const VisitProvider = VisitContext.Provider;

/** The visit to the slide that this page shows. */
export function useVisit(): Visit {
  const visit = useContext(VisitContext);
  if (visit === null) throw new Error("this part of the viewer needs a slide around it");
  return visit;
}

/** What the person has chosen: tool, class, selection. */
export function useTools<Value>(select: (state: ToolState) => Value): Value {
  return useStore(useVisit().session.workbench.store, select);
}

/** What changes by itself: layers, saving, people. */
export function useLive<Value>(select: (state: SessionState) => Value): Value {
  return useStore(useVisit().session.state, select);
}
