import { FolderPlus } from "lucide-react";
import type { Metadata } from "next";
import { CreateProject } from "#app/_components/projects/create-project.tsx";
import { ProjectCard } from "#app/_components/projects/project-card.tsx";
import { PageBody } from "#app/_components/shell/page.tsx";
import { SiteHeader } from "#app/_components/shell/site-header.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { load, loadMe } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Projects" };

export default async function ProjectsPage() {
  const [me, projects] = await Promise.all([loadMe("/projects"), load("/projects", (api) => api.projects.list())]);
  return (
    <>
      <SiteHeader me={me} />
      <main>
        <PageBody className="pt-8">
          <div className="flex items-center justify-between">
            <h1 className="font-semibold text-xl tracking-tight">Projects</h1>
            <CreateProject />
          </div>
          {projects.length === 0 ? (
            <div className="rounded-lg border border-dashed bg-panel">
              <EmptyState icon={FolderPlus} title="No projects yet" action={<CreateProject />}>
                A project holds the slides, the guideline and the people of one ground truth. Create one, or open the
                invitation link that a lead sent you.
              </EmptyState>
            </div>
          ) : (
            <ul className="grid grid-cols-1 gap-4 md:grid-cols-2 xl:grid-cols-3">
              {projects.map((project) => (
                <li key={project.id}>
                  <ProjectCard project={project} />
                </li>
              ))}
            </ul>
          )}
        </PageBody>
      </main>
    </>
  );
}
