"use client";

import { Command } from "cmdk";
import { FolderOpen, Images, Search, SunMoon, UserRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog as RadixDialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import type { Project, Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { pagesFor, projectPath, viewerPath } from "./navigation.ts";
import { useTheme } from "./theme.tsx";

const OPEN_EVENT = "concord:open-command-palette";

/** Opens the palette from anywhere on the page. */
export function openCommandPalette(): void {
  window.dispatchEvent(new Event(OPEN_EVENT));
}

function usePaletteOpen(onOpen: () => void) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const show = () => {
      onOpen();
      setOpen(true);
    };
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      show();
    };
    window.addEventListener(OPEN_EVENT, show);
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener(OPEN_EVENT, show);
      window.removeEventListener("keydown", onKey);
    };
  }, [onOpen]);
  return { open, setOpen };
}

const itemStyle =
  "flex h-8 cursor-default select-none items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-pressed [&_svg]:size-4 [&_svg]:text-faint";
const groupStyle =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-faint";

/** Ctrl+K: every page, slide and project by name. */
export function CommandPalette(props: { readonly project: Project; readonly projects: readonly Project[] }) {
  const router = useRouter();
  const { toggle } = useTheme();
  const [slides, setSlides] = useState<readonly Slide[]>([]);
  const projectId = props.project.id;
  const [load] = useState(() => () => {
    api.slides.list(projectId).then(setSlides, () => setSlides([]));
  });
  const { open, setOpen } = usePaletteOpen(load);
  const run = (action: () => void) => () => {
    setOpen(false);
    action();
  };
  const item = (key: string, label: string, icon: ReactNode, action: () => void) => (
    <Command.Item key={key} value={`${label} ${key}`} onSelect={run(action)} className={itemStyle}>
      {icon}
      <span className="truncate">{label}</span>
    </Command.Item>
  );
  return (
    <RadixDialog.Root open={open} onOpenChange={setOpen}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="scrim-in fixed inset-0 z-40 bg-scrim" />
        <RadixDialog.Content
          aria-describedby={undefined}
          className="surface-in -translate-x-1/2 fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl overflow-hidden rounded-xl border bg-panel shadow-float outline-none"
        >
          <RadixDialog.Title className="sr-only">Go to</RadixDialog.Title>
          <Command loop label="Go to">
            <div className="flex items-center gap-2.5 border-b px-4">
              <Search className="size-4 text-faint" aria-hidden />
              <Command.Input
                placeholder="Go to a page, slide or project"
                className="h-11 w-full bg-transparent text-base outline-none placeholder:text-faint"
              />
            </div>
            <Command.List className="scroll-thin max-h-[50vh] overflow-y-auto p-2">
              <Command.Empty className="py-8 text-center text-faint">Nothing has this name.</Command.Empty>
              <Command.Group heading={props.project.name} className={groupStyle}>
                {pagesFor(props.project.role).map(({ segment, label, icon: Icon }) =>
                  item(`page-${segment}`, label, <Icon aria-hidden />, () =>
                    router.push(projectPath(projectId, segment)),
                  ),
                )}
              </Command.Group>
              <Command.Group heading="Slides" className={groupStyle}>
                {slides.map((slide) =>
                  item(slide.id, slide.name, <Images aria-hidden />, () =>
                    window.location.assign(viewerPath(projectId, slide.id)),
                  ),
                )}
              </Command.Group>
              <Command.Group heading="Elsewhere" className={groupStyle}>
                {props.projects
                  .filter((each) => each.id !== projectId)
                  .map((each) =>
                    item(each.id, each.name, <FolderOpen aria-hidden />, () => router.push(projectPath(each.id))),
                  )}
                {item("profile", "Profile and tokens", <UserRound aria-hidden />, () => router.push("/profile"))}
                {item("theme", "Switch theme", <SunMoon aria-hidden />, toggle)}
              </Command.Group>
            </Command.List>
          </Command>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
