import { Lock } from "lucide-react";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { PageBody, PageHeader } from "./page.tsx";

/** A page that this person may not see now, with the API's own sentence. */
export function RefusedPage({ title, error }: { readonly title: string; readonly error: { readonly title: string } }) {
  return (
    <>
      <PageHeader title={title} />
      <PageBody>
        <div className="rounded-lg border border-dashed bg-panel">
          <EmptyState icon={Lock} title="Not for you to see now">
            {error.title}
          </EmptyState>
        </div>
      </PageBody>
    </>
  );
}
