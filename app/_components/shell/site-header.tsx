import Link from "next/link";
import type { ReactNode } from "react";
import type { Me } from "#client/answers.ts";
import { Logo } from "./logo.tsx";
import { NotificationBell } from "./notification-bell.tsx";
import { UserMenu } from "./user-menu.tsx";

/** Head of the pages that belong to no project. */
export function SiteHeader({ me, children }: { readonly me: Me; readonly children?: ReactNode }) {
  return (
    <header className="sticky top-0 z-20 flex h-13 items-center gap-2 border-b bg-panel/95 px-6 backdrop-blur-sm">
      <Link href="/projects" className="flex items-center gap-2 rounded-md font-semibold tracking-tight">
        <Logo className="text-accent" /> Concord
      </Link>
      {children}
      <div className="ml-auto flex items-center gap-1">
        <NotificationBell projectId={null} />
        <UserMenu me={me} compact />
      </div>
    </header>
  );
}
