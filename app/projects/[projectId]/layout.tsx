import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ProjectShell } from "#app/_components/shell/project-shell.tsx";
import { load, loadMe, loadProject } from "#app/_lib/server-api.ts";

type Props = { readonly params: Promise<{ projectId: string }>; readonly children: ReactNode };

export async function generateMetadata({ params }: Omit<Props, "children">): Promise<Metadata> {
  const project = await loadProject((await params).projectId);
  return { title: { default: project.name, template: `%s · ${project.name}` } };
}

export default async function ProjectLayout({ params, children }: Props) {
  const { projectId } = await params;
  const here = `/projects/${projectId}`;
  const [me, project, projects] = await Promise.all([
    loadMe(here),
    loadProject(projectId),
    load(here, (api) => api.projects.list()),
  ]);
  return (
    <ProjectShell me={me} project={project} projects={projects}>
      {children}
    </ProjectShell>
  );
}
