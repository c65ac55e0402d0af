import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { type Naming, namingOf, refusalSentence } from "#app/_components/guideline/change-words.ts";
import { DiffTable } from "#app/_components/guideline/diff-table.tsx";
import { PreviewCounts } from "#app/_components/guideline/preview-counts.tsx";
import { PreviewDecisions } from "#app/_components/guideline/preview-decisions.tsx";
import { PreviewReview } from "#app/_components/guideline/preview-review.tsx";
import { PreviewTotals } from "#app/_components/guideline/preview-totals.tsx";
import { PreviewWaiting } from "#app/_components/guideline/preview-waiting.tsx";
import { PreviewWarnings } from "#app/_components/guideline/preview-warnings.tsx";
import { PublishDraft } from "#app/_components/guideline/publish-draft.tsx";
import { RequalifyList } from "#app/_components/guideline/requalify-list.tsx";
import { RescreenList } from "#app/_components/guideline/rescreen-list.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { attempt, attemptIfThere, load, loadProject } from "#app/_lib/server-api.ts";
import type { DraftTalk, GuidelineView, Preview, WaiverView } from "#client/answers.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";

export const metadata: Metadata = { title: "Preview" };

export default async function PreviewPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/preview`;
  const draftPath = `/projects/${projectId}/guideline/draft`;
  const guideline = await load(here, (api) => api.guideline.get(projectId));
  const project = await loadProject(projectId);
  const isGone = guideline.draft === null && offers(project.role, "guideline.publish");
  // Both in one place, so that a dialog that is open stays when the draft goes.
  return (
    <Suspense fallback={<Counting projectId={projectId} draftPath={draftPath} />}>
      {isGone ? (
        <NoDraft projectId={projectId} draftPath={draftPath} />
      ) : (
        <Counted projectId={projectId} here={here} draftPath={draftPath} guideline={guideline} />
      )}
    </Suspense>
  );
}

type Place = { readonly projectId: string; readonly draftPath: string };

/** While the preview is counted. */
function Counting({ projectId, draftPath }: Place) {
  return (
    <>
      <PageHeader title="Preview" meta="what publishing will cause" actions={<BackToDraft draftPath={draftPath} />} />
      <PageBody wide>
        <PreviewWaiting projectId={projectId} />
      </PageBody>
    </>
  );
}

function BackToDraft({ draftPath }: Pick<Place, "draftPath">) {
  return (
    <Button asChild>
      <Link href={draftPath}>
        <ArrowLeft aria-hidden /> Back to the draft
      </Link>
    </Button>
  );
}

async function Counted({
  projectId,
  here,
  draftPath,
  guideline,
}: Place & { readonly here: string; readonly guideline: GuidelineView }) {
  const [preview, talked, waivers] = await Promise.all([
    attemptIfThere(here, (api) => api.guideline.preview(projectId)),
    attemptIfThere(here, (api) => api.guideline.talk(projectId)),
    attempt(here, (api) => api.guideline.waivers(projectId)),
  ]);
  // Published between the two questions: a dialog that is open stays all the same.
  if (!preview.ok && preview.error.status === 404) return <NoDraft projectId={projectId} draftPath={draftPath} />;
  if (!preview.ok) return <RefusedPage title="Preview" error={preview.error} />;
  const base = guideline.versions.at(-1)?.content ?? EMPTY_GUIDELINE;
  const draft = guideline.draft?.content ?? base;
  const name = namingOf(base, draft);
  const talk = talked.ok ? talked.value : null;
  const { refusal, changes } = preview.value;
  return (
    <>
      <PageHeader
        title={`Preview of version ${preview.value.number}`}
        meta="what publishing will cause, counted now"
        actions={
          <>
            <BackToDraft draftPath={draftPath} />
            <PublishDraft
              projectId={projectId}
              preview={preview.value}
              draft={guideline.draft}
              isApproved={isApproved(talk)}
            />
          </>
        }
      />
      <PageBody wide>
        <Refused preview={preview.value} name={name} />
        {guideline.draft === null || talk === null || !talk.review.needed ? null : (
          <PreviewReview projectId={projectId} revision={guideline.draft.revision} talk={talk} />
        )}
        <PreviewWarnings preview={preview.value} name={name} />
        <PreviewTotals preview={preview.value} />
        <StandingWaivers
          projectId={projectId}
          waivers={waivers.ok ? waivers.value : []}
          parent={preview.value.parent}
        />
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
  const found = await attemptIfThere(here, (api) => api.guideline.reconsidered(projectId));
  return found.ok ? <PreviewDecisions projectId={projectId} found={found.value} /> : null;
}

/** In the place of the preview once the draft is gone; an open dialog stays, with what was about to be published. */
function NoDraft({ projectId, draftPath }: Place) {
  return (
    <>
      <PageHeader
        title="Preview"
        meta="there is no draft"
        actions={
          <>
            <BackToDraft draftPath={draftPath} />
            <PublishDraft projectId={projectId} preview={null} draft={null} isApproved={false} />
          </>
        }
      />
      <PageBody wide>
        <Callout kind="info" title="There is no draft to preview">
          It was published or thrown away. What another version says is read on the page of the guideline.
        </Callout>
      </PageBody>
    </>
  );
}

function StandingWaivers(props: {
  readonly projectId: string;
  readonly waivers: readonly WaiverView[];
  readonly parent: number;
}) {
  const holding = props.waivers.filter(({ state }) => state === "holds").length;
  if (holding === 0) return null;
  return (
    <Callout
      kind="info"
      title={plural(holding, "waiver holds", "waivers hold")}
      action={
        <Button asChild size="sm">
          <Link href={`/projects/${props.projectId}/guideline/waivers`}>Waivers</Link>
        </Button>
      }
    >
      What versions up to {props.parent} ask is excused there; what this version asks is asked anew. Once it is
      published, what need not follow it can be waived.
    </Callout>
  );
}

/** Nobody else has to approve the draft, or somebody has. */
function isApproved(talk: DraftTalk | null): boolean {
  return talk === null || !talk.review.needed || talk.review.state === "approved";
}

function Refused({ preview, name }: { readonly preview: Preview; readonly name: Naming }) {
  const { refusal } = preview;
  if (refusal === null) return null;
  return (
    <Callout kind="bad" title="It cannot be published as it is">
      {refusal.code === "guideline-refused"
        ? refusalSentence(String(refusal.detail["reason"] ?? ""), refusal.detail, name)
        : refusal.title}
    </Callout>
  );
}
