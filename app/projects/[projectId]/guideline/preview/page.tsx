import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { namingOf, refusalSentence } from "#app/_components/guideline/change-words.ts";
import { DiffTable } from "#app/_components/guideline/diff-table.tsx";
import { PreviewCounts } from "#app/_components/guideline/preview-counts.tsx";
import { PreviewDecisions } from "#app/_components/guideline/preview-decisions.tsx";
import { PreviewReview } from "#app/_components/guideline/preview-review.tsx";
import { PreviewTotals } from "#app/_components/guideline/preview-totals.tsx";
import { PreviewWarnings } from "#app/_components/guideline/preview-warnings.tsx";
import { PublishDraft } from "#app/_components/guideline/publish-draft.tsx";
import { RequalifyList } from "#app/_components/guideline/requalify-list.tsx";
import { RescreenList } from "#app/_components/guideline/rescreen-list.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { plural } from "#app/_lib/format.ts";
import { attempt, load } from "#app/_lib/server-api.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";

export const metadata: Metadata = { title: "Preview" };

export default async function PreviewPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/preview`;
  const draftPath = `/projects/${projectId}/guideline/draft`;
  const [preview, guideline, talked, waivers] = await Promise.all([
    attempt(here, (api) => api.guideline.preview(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
    attempt(here, (api) => api.guideline.talk(projectId)),
    attempt(here, (api) => api.guideline.waivers(projectId)),
  ]);
  if (!preview.ok) return <RefusedPage title="Preview" error={preview.error} />;
  const base = guideline.versions.at(-1)?.content ?? EMPTY_GUIDELINE;
  const draft = guideline.draft?.content ?? base;
  const name = namingOf(base, draft);
  const standing = waivers.ok ? waivers.value.filter(({ state }) => state === "holds") : [];
  const talk = talked.ok ? talked.value : null;
  const isApproved = talk === null || !talk.review.needed || talk.review.state === "approved";
  const { refusal, changes } = preview.value;
  return (
    <>
      <PageHeader
        title={`Preview of version ${preview.value.number}`}
        meta="what publishing will cause, counted now"
        actions={
          <>
            <Button asChild>
              <Link href={draftPath}>
                <ArrowLeft aria-hidden /> Back to the draft
              </Link>
            </Button>
            <PublishDraft
              projectId={projectId}
              preview={preview.value}
              draft={guideline.draft}
              isApproved={isApproved}
            />
          </>
        }
      />
      <PageBody wide>
        {refusal === null ? null : (
          <Callout kind="bad" title="It cannot be published as it is">
            {refusal.code === "guideline-refused"
              ? refusalSentence(String(refusal.detail["reason"] ?? ""), refusal.detail, name)
              : refusal.title}
          </Callout>
        )}
        {guideline.draft === null || talk === null || !talk.review.needed ? null : (
          <PreviewReview projectId={projectId} revision={guideline.draft.revision} talk={talk} />
        )}
        <PreviewWarnings preview={preview.value} name={name} />
        <PreviewTotals preview={preview.value} />
        {standing.length === 0 ? null : (
          <Callout
            kind="info"
            title={`${plural(standing.length, "waiver holds", "waivers hold")}`}
            action={
              <Button asChild size="sm">
                <Link href={`/projects/${projectId}/guideline/waivers`}>Waivers</Link>
              </Button>
            }
          >
            They excuse what versions up to {preview.value.parent} ask; what this version asks is asked anew. Once it is
            published, what need not follow it can be waived.
          </Callout>
        )}
        <PreviewCounts preview={preview.value} base={base} draft={draft} />
        <RescreenList preview={preview.value} draft={draft} />
        <Suspense
          fallback={
            <p role="status" className="text-faint">
              Looking which decisions would be reopened…
            </p>
          }
        >
          <Decisions projectId={projectId} here={here} />
        </Suspense>
        <RequalifyList projectId={projectId} preview={preview.value} draft={draft} />
        {refusal !== null && changes.length === 0 ? null : (
          <section aria-labelledby="differences" className="flex flex-col gap-3">
            <h2 id="differences" className="font-semibold text-base">
              What changes, and in which words
            </h2>
            <DiffTable changes={changes} before={base} after={draft} />
          </section>
        )}
      </PageBody>
    </>
  );
}

/** Consensus is computed under the draft for this, which may take longer than all else here. */
async function Decisions({ projectId, here }: { readonly projectId: string; readonly here: string }) {
  const found = await attempt(here, (api) => api.guideline.reconsidered(projectId));
  return found.ok ? <PreviewDecisions projectId={projectId} found={found.value} /> : null;
}
