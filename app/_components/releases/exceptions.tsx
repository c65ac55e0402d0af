import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { plural } from "#app/_lib/format.ts";
import type { LeftOut, PrintedWaiver } from "#domain/release.ts";

/** What a release says about itself; releases of before these were printed have none. */
export type Printed = { readonly waivers: readonly PrintedWaiver[]; readonly leftOut: readonly LeftOut[] };

type Naming = {
  readonly className: (id: string) => string;
  readonly slideName: (id: string) => string;
  readonly personName: (id: string) => string;
};

/** What does not follow the guideline in this release, and why: each exception with the words that were written for it. */
export function ReleaseExceptions({ printed, naming }: { readonly printed: Printed; readonly naming: Naming }) {
  const { waivers, leftOut } = printed;
  if (waivers.length + leftOut.length === 0) return null;
  return (
    <Card
      title="Exceptions"
      description="What need not follow the guideline here, and why; it is part of the manifest"
      flush
    >
      <ul className="divide-y">
        {waivers.map((waiver) => (
          <li key={waiver.id} className="flex flex-col gap-0.5 px-4 py-2.5">
            <p className="flex flex-wrap items-center gap-x-2">
              <span className="font-medium">{scopeWords(waiver.scope, naming)}</span>
              <Badge tone="outline">up to guideline v{waiver.version}</Badge>
            </p>
            <p className="whitespace-pre-wrap text-muted">{waiver.reason}</p>
            <p className="text-faint text-xs">
              approved by {naming.personName(waiver.approvedBy)}, until <Time at={waiver.expiresAt} exact />
            </p>
          </li>
        ))}
        {leftOut.map(({ version, change, drop, reason }) => (
          <li key={`${version} ${change}`} className="flex flex-col gap-0.5 px-4 py-2.5">
            <p className="flex flex-wrap items-center gap-x-2">
              <span className="font-medium">Left out: {drop.join(", ")}</span>
              <Badge tone="outline">guideline v{version}</Badge>
              <span className="text-muted">{changeWords(change, naming)}</span>
            </p>
            <p className="whitespace-pre-wrap text-muted">{reason}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function scopeWords(scope: PrintedWaiver["scope"], { className, slideName }: Naming): string {
  switch (scope.kind) {
    case "annotations":
      return plural(scope.ids.length, "outline");
    case "class":
      return `All of ${className(scope.classId)}`;
    case "slide":
      return `All on ${slideName(scope.slideId)}`;
    default:
      return scope satisfies never;
  }
}

/** A change by its key: its kind, and the class that it is about. */
function changeWords(key: string, { className }: Naming): string {
  const [kind = "", about = ""] = key.split(":");
  const [id = ""] = about.split(".");
  return id === "" ? kind : `${kind} of ${className(id)}`;
}
