import { ArrowRight, CircleCheck, OctagonAlert } from "lucide-react";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { count } from "#app/_lib/format.ts";
import type { Blocker } from "#client/answers.ts";

type Link = Blocker["links"][number];
type Group = { readonly label: string; readonly first: Link; readonly others: readonly Link[] };

/** So many numbered links of one label are shown; the page that they lead to has all. */
const OTHERS_SHOWN = 11;

/** Links that say the same stand together: the first with its words, the others as numbers. */
function groupsOf(links: readonly Link[]): Group[] {
  const groups = new Map<string, Group>();
  for (const link of links) {
    const group = groups.get(link.label);
    groups.set(
      link.label,
      group === undefined
        ? { label: link.label, first: link, others: [] }
        : { ...group, others: [...group.others, link] },
    );
  }
  return [...groups.values()];
}

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
                {groupsOf(blocker.links).map((group) => (
                  <LinkGroup key={group.label} group={group} />
                ))}
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

function LinkGroup({ group }: { readonly group: Group }) {
  const style = "text-accent-ink text-xs hover:underline";
  return (
    <li className="flex items-center gap-1.5">
      <ViewerLink href={group.first.href} className={`inline-flex items-center gap-1 ${style}`}>
        {group.label} <ArrowRight className="size-3" aria-hidden />
      </ViewerLink>
      {group.others.slice(0, OTHERS_SHOWN).map((link, index) => (
        <ViewerLink
          key={link.href}
          href={link.href}
          aria-label={`${group.label}, number ${index + 2}`}
          className={`tabular px-0.5 ${style}`}
        >
          {index + 2}
        </ViewerLink>
      ))}
      {group.others.length > OTHERS_SHOWN ? (
        <span className="text-faint text-xs">and {count(group.others.length - OTHERS_SHOWN)} more</span>
      ) : null}
    </li>
  );
}
