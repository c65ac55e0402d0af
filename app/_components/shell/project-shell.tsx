"use client";

import { useSelectedLayoutSegments } from "next/navigation";
import type { ReactNode } from "react";
import type { Me, Project } from "#client/answers.ts";
import { CommandPalette } from "./command-palette.tsx";
import { LiveRefresh } from "./live-refresh.tsx";
import { ProjectSidebar } from "./project-sidebar.tsx";

/** The frame of every page of a project. The viewer takes the whole window: a slide needs the room. */
export function ProjectShell(props: {
  readonly project: Project;
  readonly projects: readonly Project[];
  readonly me: Me;
  readonly children: ReactNode;
}) {
  const segments = useSelectedLayoutSegments();
  const inViewer = segments[0] === "slides" && segments.length > 1;
  return (
    <>
      <LiveRefresh projectId={props.project.id} refresh={!inViewer} />
      <CommandPalette project={props.project} projects={props.projects} />
      {inViewer ? (
        props.children
      ) : (
        <div className="grid min-h-dvh grid-cols-[212px_minmax(0,1fr)] max-md:grid-cols-[52px_minmax(0,1fr)]">
          <ProjectSidebar project={props.project} projects={props.projects} me={props.me} current={segments[0] ?? ""} />
          <main className="min-w-0">{props.children}</main>
        </div>
      )}
    </>
  );
}
