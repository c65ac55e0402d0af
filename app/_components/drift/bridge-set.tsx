import { Frame } from "lucide-react";
import Link from "next/link";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Drift, Member, Slide } from "#client/answers.ts";
import { BridgeEditor } from "./bridge-editor.tsx";
import { PairGroups } from "./pair-groups.tsx";

/** Fixed regions that the same people read again under each guideline version: what a new wording really changes. */
export function BridgeSet(props: {
  readonly projectId: string;
  readonly drift: Drift;
  readonly slides: readonly Slide[];
  readonly readers: readonly Member[];
}) {
  const { drift, projectId } = props;
  const { bridge } = drift;
  const names = bridge.readerIds.flatMap((id) => props.readers.find((reader) => reader.id === id)?.name ?? []);
  return (
    <Card
      flush
      title="Bridge set"
      description="The same regions, read again by the same people under each guideline version. It tells a change of wording from a change of mind."
      actions={<BridgeEditor {...props} />}
    >
      {bridge.regions.length === 0 ? (
        <EmptyState icon={Frame} title="No regions chosen yet">
          Choose a few regions that show the hard cases, and who reads them. They are asked for now, and again each time
          a version is published.
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-4 py-3">
          <div className="flex flex-wrap items-center gap-2 px-4 text-sm">
            {bridge.regions.map((region) => (
              <Link
                key={region.id}
                href={viewerPath(projectId, region.slideId, { box: region.box })}
                className="rounded-md border px-2 py-0.5 hover:border-line-strong"
              >
                {region.name} <span className="text-faint text-xs">{region.slideName}</span>
              </Link>
            ))}
            <span className="text-muted text-xs">read by {names.length === 0 ? "nobody yet" : names.join(", ")}</span>
          </div>
          <ul className="flex flex-wrap gap-2 px-4" aria-label="Rounds of the bridge set">
            {bridge.rounds.map(({ roundId, version, submitted, total }) => (
              <li key={roundId}>
                <Badge tone={submitted === total ? "good" : "neutral"}>
                  guideline v{version}: {submitted} of {plural(total, "read")} in
                </Badge>
              </li>
            ))}
          </ul>
          {bridge.versions.length === 0 ? (
            <p className="px-4 text-muted text-sm">
              The first comparison appears when the regions were read under two versions.
            </p>
          ) : (
            <PairGroups
              groups={bridge.versions.map((group) => ({
                key: `v${group.from}-${group.to}`,
                who: "The same reader, before and after",
                group,
              }))}
              classes={drift.classes}
              caption="Bridge set between versions"
              unit="pair"
            />
          )}
          {bridge.readers.length === 0 ? null : (
            <PairGroups
              groups={bridge.readers.map((group) => ({ key: `r${group.from}`, who: "Readers with each other", group }))}
              classes={drift.classes}
              caption="Bridge set between readers"
              unit="pair"
            />
          )}
        </div>
      )}
    </Card>
  );
}
