"use client";

import { ChevronLeft, Keyboard } from "lucide-react";
import Link from "next/link";
import { UntestedFlag } from "#app/_components/qualification/untested-flag.tsx";
import { NotificationBell } from "#app/_components/shell/notification-bell.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import type { Project } from "#client/answers.ts";
import { ViewForGuideline } from "./guideline-actions.tsx";
import { LayerMenu } from "./layer-menu.tsx";
import { PresenceBar } from "./presence-bar.tsx";
import { SaveStatus } from "./save-status.tsx";
import { useLive, useVisit } from "./session.tsx";
import { openShortcuts } from "./shortcuts.ts";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { SubmitRead } from "./submit-read.tsx";
import { ViewOptions } from "./view-options.tsx";

/** Reads on this slide of people who have not shown that they can tell a redefined class; for leads. */
function UntestedReaders() {
  const { projectId } = useVisit();
  const layers = useLive((state) => state.layers);
  const readers = layers.map(({ reader, name, untested }) => ({ name: reader?.name ?? name, untested }));
  return <UntestedFlag projectId={projectId} readers={readers} />;
}

/** Where one is, in which layer one draws, whether it is saved, and who else is here. */
export function TopBar({ project }: { readonly project: Project }) {
  const { session, mode } = useVisit();
  const { slide } = session;
  return (
    <header className="flex min-w-0 items-center gap-2 border-b bg-panel px-2">
      <Tooltip text="Back to the slides" side="bottom">
        <Button asChild variant="ghost" size="icon" aria-label="Back to the slides">
          <Link href={`/projects/${project.id}/slides`}>
            <ChevronLeft />
          </Link>
        </Button>
      </Tooltip>
      <nav aria-label="Place" className="flex min-w-0 items-center gap-1.5">
        <Link href={`/projects/${project.id}`} className="hidden truncate text-muted hover:text-ink lg:inline">
          {project.name}
        </Link>
        <span className="hidden text-faint lg:inline" aria-hidden>
          /
        </span>
        <h1 className="truncate font-semibold">{slide.name}</h1>
        <span className="hidden truncate text-faint text-xs xl:inline">{slide.caseName}</span>
      </nav>
      <span className="mx-1 h-5 w-px shrink-0 bg-line" aria-hidden />
      {mode === "dispute" ? null : <LayerMenu />}
      <UntestedReaders />
      <ViewOptions />
      {mode === "draw" ? <ViewForGuideline /> : null}
      <div className="flex-1" />
      <SaveStatus />
      <PresenceBar />
      <SubmitRead />
      <NotificationBell projectId={project.id} />
      <Tooltip text="Keys" shortcut="?" side="bottom">
        <Button variant="ghost" size="icon" aria-label="Keys" onClick={openShortcuts}>
          <Keyboard />
        </Button>
      </Tooltip>
      <ShortcutsDialog />
    </header>
  );
}
