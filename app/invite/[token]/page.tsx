import { LinkIcon } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { AcceptInvitation } from "#app/_components/people/accept-invitation.tsx";
import { ROLE_WORDS } from "#app/_components/people/role-words.ts";
import { Logo } from "#app/_components/shell/logo.tsx";
import { Time } from "#app/_components/time.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { currentPerson, invitation } from "#app/_lib/server-api.ts";
import { ROLE_LABELS } from "#domain/permissions.ts";

export const metadata: Metadata = { title: "Invitation" };

export default async function InvitationPage({ params }: { readonly params: Promise<{ token: string }> }) {
  const { token } = await params;
  const [view, me] = await Promise.all([invitation(token), currentPerson()]);
  if (!view.ok) {
    return (
      <main className="grid min-h-dvh place-items-center">
        <EmptyState
          icon={LinkIcon}
          title="This invitation cannot be used"
          action={
            <Button asChild>
              <Link href="/sign-in">Go to sign-in</Link>
            </Button>
          }
        >
          {view.error.code === "not-found" ? "This link is incomplete or was withdrawn." : view.error.title} Links work
          once and for a limited time; the lead of the project can make a new one.
        </EmptyState>
      </main>
    );
  }
  return (
    <main className="grid min-h-dvh place-items-center px-4 pb-20">
      <div className="w-full max-w-100">
        <div className="mb-6 flex flex-col items-center gap-2 text-center">
          <Logo className="size-9 text-accent" />
          <h1 className="font-semibold text-xl tracking-tight">Join {view.value.projectName}</h1>
          <p className="text-muted">
            as <b className="font-semibold text-ink">{ROLE_LABELS[view.value.role].toLowerCase()}</b>:{" "}
            {ROLE_WORDS[view.value.role]}
          </p>
          <p className="text-faint text-xs">
            This link works until <Time at={view.value.expiresAt} exact />.
          </p>
        </div>
        <AcceptInvitation token={token} me={me} />
      </div>
    </main>
  );
}
