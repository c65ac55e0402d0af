import { Images, UsersRound } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Project } from "#client/answers.ts";
import { ROLE_LABELS } from "#domain/permissions.ts";

export function ProjectCard({ project }: { readonly project: Project }) {
  return (
    <Link
      href={projectPath(project.id)}
      className="flex h-full min-h-32 flex-col rounded-lg border bg-panel p-4 shadow-soft transition-colors hover:border-line-strong hover:bg-hover/50"
    >
      <span className="flex items-start justify-between gap-2">
        <span className="font-semibold text-base">{project.name}</span>
        <Badge tone={project.role === "lead" ? "accent" : "neutral"}>{ROLE_LABELS[project.role]}</Badge>
      </span>
      <span className="mt-1 line-clamp-2 text-muted">{project.description}</span>
      <span className="mt-auto flex items-center gap-4 pt-3 text-faint text-xs">
        <span className="inline-flex items-center gap-1.5">
          <Images className="size-3.5" aria-hidden /> {plural(project.slideCount, "slide")}
        </span>
        <span className="inline-flex items-center gap-1.5">
          <UsersRound className="size-3.5" aria-hidden /> {plural(project.memberCount, "member")}
        </span>
        <span className="ml-auto">
          created <Time at={project.createdAt} />
        </span>
      </span>
    </Link>
  );
}
