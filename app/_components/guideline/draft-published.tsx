import { ArrowRight, BookCheck } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Time } from "#app/_components/time.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import type { PublishedVersion } from "#client/answers.ts";

/** In place of a draft that became a version while it was open; whoever had it open goes on from there. */
export function DraftPublished(props: {
  readonly projectId: string;
  readonly version: PublishedVersion;
  readonly onGoOn: () => void;
}) {
  const { number, note, publishedAt, publishedBy } = props.version;
  return (
    <>
      <PageHeader title="Guideline draft" meta={`published as version ${number}`} />
      <PageBody>
        <div className="rounded-lg border bg-panel" data-testid="draft-published">
          <EmptyState
            icon={BookCheck}
            title={`Published as version ${number} by ${publishedBy.name}`}
            action={
              <span className="flex flex-wrap justify-center gap-2">
                <Button onClick={props.onGoOn}>Write the next draft</Button>
                <Button asChild variant="primary">
                  <Link href={projectPath(props.projectId, "guideline")}>
                    Read version {number} <ArrowRight aria-hidden />
                  </Link>
                </Button>
              </span>
            }
          >
            <Time at={publishedAt} />
            {note === "" ? ". " : `, with the note “${note}”. `}
            Everything you wrote here was stored before it.
          </EmptyState>
        </div>
      </PageBody>
    </>
  );
}
