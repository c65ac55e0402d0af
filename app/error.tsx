"use client";

import { CircleAlert } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";

export default function ErrorPage({
  error,
  reset,
}: {
  readonly error: Error & { digest?: string };
  readonly reset: () => void;
}) {
  return (
    <main className="grid min-h-[60vh] place-items-center">
      <EmptyState
        icon={CircleAlert}
        title="This page could not be shown"
        action={
          <Button variant="primary" onClick={reset}>
            Try again
          </Button>
        }
      >
        The server did not answer as expected. Nothing that was shown as saved is lost.
        {error.digest === undefined ? null : (
          <span className="mt-1 block text-faint text-xs">Reference {error.digest}</span>
        )}
      </EmptyState>
    </main>
  );
}
