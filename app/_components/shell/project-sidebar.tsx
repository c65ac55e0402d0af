"use client";

import { Check, ChevronsUpDown, LayoutGrid, Search } from "lucide-react";
import Link from "next/link";
import { Badge } from "#app/_components/ui/badge.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import type { Me, Project } from "#client/answers.ts";
import { openCommandPalette } from "./command-palette.tsx";
import { LinkPending } from "./link-pending.tsx";
import { Logo } from "./logo.tsx";
import { pagesFor, projectPath } from "./navigation.ts";
import { NotificationBell } from "./notification-bell.tsx";
import { UserMenu } from "./user-menu.tsx";

/** The way through a project; on a narrow screen its icons alone. */
export function ProjectSidebar(props: {
  readonly project: Project;
  readonly projects: readonly Project[];
  readonly me: Me;
  readonly current: string;
}) {
  return (
    <aside className="sticky top-0 flex h-dvh flex-col gap-1 border-r bg-panel px-2 py-2.5 max-md:px-1.5">
      <ProjectSwitcher project={props.project} projects={props.projects} />
      <button
        type="button"
        onClick={openCommandPalette}
        title="Go to… (Ctrl K)"
        className="mx-0.5 mt-1.5 mb-2 flex h-7.5 items-center gap-2 rounded-md border bg-canvas px-2 text-faint text-xs hover:border-line-strong hover:text-muted"
      >
        <Search className="size-3.5" aria-hidden />
        <span className="flex-1 text-left max-md:sr-only">Go to…</span>
        <kbd className="font-sans text-2xs max-md:hidden">Ctrl K</kbd>
      </button>
      <nav aria-label="Project" className="scroll-thin flex flex-1 flex-col gap-px overflow-y-auto px-0.5 pt-0.5">
        {pagesFor(props.project.role).map(({ segment, label, icon: Icon }) => {
          const isCurrent = props.current === segment;
          return (
            <Link
              key={segment}
              title={label}
              href={projectPath(props.project.id, segment)}
              aria-current={isCurrent ? "page" : undefined}
              className={cn(
                "flex h-7.5 shrink-0 items-center gap-2.5 rounded-md px-2 font-medium text-muted transition-colors hover:bg-hover hover:text-ink",
                isCurrent && "bg-pressed text-ink hover:bg-pressed",
              )}
            >
              <Icon className={cn("size-4 text-faint", isCurrent && "text-accent")} strokeWidth={1.75} aria-hidden />
              <span className="max-md:sr-only">{label}</span>
              <LinkPending />
            </Link>
          );
        })}
      </nav>
      <div className="px-0.5">
        <NotificationBell projectId={props.project.id} labelled />
      </div>
      <UserMenu me={props.me} />
    </aside>
  );
}

function ProjectSwitcher({ project, projects }: { readonly project: Project; readonly projects: readonly Project[] }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="flex items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover data-[state=open]:bg-hover">
        <Logo className="size-5 shrink-0 text-accent" />
        <span className="min-w-0 flex-1 max-md:sr-only">
          <span className="block truncate font-semibold leading-4">{project.name}</span>
          <span className="block text-2xs text-faint capitalize leading-4">{project.role}</span>
        </span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-faint max-md:hidden" aria-hidden />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-64">
        <DropdownMenuLabel>Projects</DropdownMenuLabel>
        {projects.map((each) => (
          <DropdownMenuItem key={each.id} asChild>
            <Link href={projectPath(each.id)}>
              <span className="flex-1 truncate">{each.name}</span>
              <Badge>{each.role}</Badge>
              {each.id === project.id ? <Check aria-label="this one" /> : null}
            </Link>
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href="/projects">
            <LayoutGrid aria-hidden /> All projects
          </Link>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
