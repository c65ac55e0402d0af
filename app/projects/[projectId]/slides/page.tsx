import { Images } from "lucide-react";
import type { Metadata } from "next";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { DroppedFiles } from "#app/_components/slides/dropped-files.tsx";
import { SlideTable } from "#app/_components/slides/slide-table.tsx";
import { UploadSlides } from "#app/_components/slides/upload-slides.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Slides" };

export default async function SlidesPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/slides`;
  const [project, slides] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.slides.list(projectId)),
  ]);
  const adds = offers(project.role, "slide.add");
  const dropped = adds ? await load(here, (api) => api.slides.dropped(projectId)) : [];
  const cases = new Set(slides.map((slide) => slide.caseId)).size;
  return (
    <>
      <PageHeader
        title="Slides"
        meta={`${plural(slides.length, "slide")} of ${plural(cases, "case")}`}
        actions={adds ? <UploadSlides projectId={projectId} /> : null}
      />
      <PageBody wide>
        {dropped.length === 0 ? null : <DroppedFiles projectId={projectId} files={dropped} />}
        {slides.length === 0 ? (
          <div className="rounded-lg border border-dashed bg-panel">
            <EmptyState
              icon={Images}
              title="No slides yet"
              action={adds ? <UploadSlides projectId={projectId} /> : null}
            >
              {adds
                ? "Upload slide files, or put them in the slides folder of the server's data folder and register them here."
                : "The lead of this project adds slides; you will find them here."}
            </EmptyState>
          </div>
        ) : (
          <SlideTable projectId={projectId} slides={slides} edits={offers(project.role, "slide.edit")} />
        )}
      </PageBody>
    </>
  );
}
