import { ArrowRight, CircleCheck, OctagonAlert } from "lucide-react";
import Link from "next/link";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { count } from "#app/_lib/format.ts";
import type { Blocker } from "#client/answers.ts";

/** So many links of one blocker are shown; the page they lead to has all. */
const LINKS_SHOWN = 8;

/** What stands between the project and a consistent ground truth, each with the place where it is dealt with. */
export function BlockerList({ blockers }: { readonly blockers: readonly Blocker[] }) {
  if (blockers.length === 0) {
    return (
      <Callout kind="good" title="The ground truth is consistent">
        Every annotation obeys the guideline in force, every dispute is decided, no task is open. It can be frozen.
      </Callout>
    );
  }
  return (
    <Card
      title={
        <span className="inline-flex items-center gap-2">
          <OctagonAlert className="size-4 text-bad" aria-hidden /> Not ready to freeze
        </span>
      }
      description="A release is refused while any of these remain"
      flush
    >
      <ul className="divide-y">
        {blockers.map((blocker) => (
          <li key={blocker.code} className="flex items-start gap-3 px-4 py-3">
            <Badge tone="bad" className="mt-0.5 min-w-8 justify-center">
              {count(blocker.count)}
            </Badge>
            <div className="min-w-0 flex-1">
              <p className="font-medium">{blocker.title}</p>
              <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
                {blocker.links.slice(0, LINKS_SHOWN).map((link) => (
                  <li key={`${link.href}-${link.label}`}>
                    <Link
                      href={link.href}
                      className="inline-flex items-center gap-1 text-accent-ink text-xs hover:underline"
                    >
                      {link.label} <ArrowRight className="size-3" aria-hidden />
                    </Link>
                  </li>
                ))}
                {blocker.links.length > LINKS_SHOWN ? (
                  <li className="text-faint text-xs">and {count(blocker.links.length - LINKS_SHOWN)} more</li>
                ) : null}
              </ul>
            </div>
          </li>
        ))}
      </ul>
      <p className="flex items-center gap-2 border-t bg-canvas px-4 py-2 text-faint text-xs">
        <CircleCheck className="size-3.5" aria-hidden /> This list is computed now; it empties as the work is done.
      </p>
    </Card>
  );
}
