import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { ChangeList } from "#app/_components/guideline/change-list.tsx";
import { namingOf, refusalSentence } from "#app/_components/guideline/change-words.ts";
import { PreviewCounts } from "#app/_components/guideline/preview-counts.tsx";
import { PreviewTotals } from "#app/_components/guideline/preview-totals.tsx";
import { PreviewWarnings } from "#app/_components/guideline/preview-warnings.tsx";
import { PublishDraft } from "#app/_components/guideline/publish-draft.tsx";
import { RescreenList } from "#app/_components/guideline/rescreen-list.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { attempt, load } from "#app/_lib/server-api.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";

export const metadata: Metadata = { title: "Preview" };

export default async function PreviewPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/preview`;
  const draftPath = `/projects/${projectId}/guideline/draft`;
  const [preview, guideline] = await Promise.all([
    attempt(here, (api) => api.guideline.preview(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  if (!preview.ok) return <RefusedPage title="Preview" error={preview.error} />;
  const base = guideline.versions.at(-1)?.content ?? EMPTY_GUIDELINE;
  const draft = guideline.draft?.content ?? base;
  const name = namingOf(base, draft);
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
            <PublishDraft projectId={projectId} preview={preview.value} />
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
        <PreviewWarnings preview={preview.value} name={name} />
        <PreviewTotals preview={preview.value} />
        <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_300px] 2xl:grid-cols-[minmax(0,1fr)_440px]">
          <div className="flex min-w-0 flex-col gap-5">
            <PreviewCounts preview={preview.value} base={base} draft={draft} />
            <RescreenList preview={preview.value} draft={draft} />
          </div>
          <Card title="Changes" description={changes.length === 0 ? "None" : "As they will be published"}>
            <ChangeList changes={changes} before={base} after={draft} />
          </Card>
        </div>
      </PageBody>
    </>
  );
}
