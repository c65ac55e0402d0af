"use client";

import type { ViewTarget } from "#client/view-link.ts";
import { AnnotationList } from "./annotation-list.tsx";
import { ClassPalette } from "./class-palette.tsx";
import { SelectionPanel } from "./selection-panel.tsx";

/** Beside the slide: the work at hand if there is any, the classes, what is selected, and everything that is outlined. */
export function SidePanel(_props: { readonly target: ViewTarget }) {
  return (
    <aside aria-label="Classes and outlines" className="flex min-h-0 flex-col border-l bg-panel">
      <ClassPalette />
      <SelectionPanel />
      <AnnotationList />
    </aside>
  );
}
