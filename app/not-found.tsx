import { SearchX } from "lucide-react";
import Link from "next/link";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";

export default function NotFoundPage() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <EmptyState
        icon={SearchX}
        title="There is no such page"
        action={
          <Button asChild variant="primary">
            <Link href="/projects">Go to your projects</Link>
          </Button>
        }
      >
        It was removed, or it is not yours to see. Ask the lead of the project if somebody sent you this link.
      </EmptyState>
    </main>
  );
}
