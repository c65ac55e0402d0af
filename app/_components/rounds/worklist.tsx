import { ArrowRight, CircleCheck } from "lucide-react";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Thumbnail } from "#app/_components/slides/thumbnail.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { count, plural } from "#app/_lib/format.ts";
import type { WorklistItem } from "#client/answers.ts";
import { MODE_WORDS } from "./round-words.ts";

/** A reader's own slides in their own order, what is still open first; the first is the next to read. */
export function Worklist({
  projectId,
  items,
}: {
  readonly projectId: string;
  readonly items: readonly WorklistItem[];
}) {
  const done = items.filter((item) => item.state === "submitted").length;
  const next = items.find((item) => item.state === "open");
  return (
    <Card
      title="Your worklist"
      description={`${count(done)} of ${plural(items.length, "read")} submitted`}
      actions={
        <>
          <Progress value={done / items.length} label="Reads submitted" className="w-32" tone="good" />
          {next === undefined ? null : (
            <Button asChild variant="primary" size="sm">
              <ViewerLink href={hrefOf(projectId, next)}>
                {next.annotations === 0 ? "Start reading" : "Go on reading"} <ArrowRight aria-hidden />
              </ViewerLink>
            </Button>
          )}
        </>
      }
      flush
    >
      <ol className="divide-y">
        {[...items.filter((item) => item.state === "open"), ...items.filter((item) => item.state !== "open")].map(
          (item) => (
            <WorklistRow key={item.layerId} projectId={projectId} item={item} isNext={item === next} />
          ),
        )}
      </ol>
    </Card>
  );
}

function hrefOf(projectId: string, item: WorklistItem): string {
  return viewerPath(projectId, item.slideId, { layer: item.layerId, round: item.round.id });
}

function WorklistRow(props: { readonly projectId: string; readonly item: WorklistItem; readonly isNext: boolean }) {
  const { item } = props;
  return (
    <li>
      <ViewerLink
        href={hrefOf(props.projectId, item)}
        className="flex items-center gap-3 px-4 py-2 transition-colors hover:bg-hover/60"
      >
        <Thumbnail url={item.thumbnailUrl} className="h-10 w-14" />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{item.slideName}</span>
          <span className="block truncate text-faint text-xs">
            {item.caseName} · {item.round.name}, {MODE_WORDS[item.round.mode].label.toLowerCase()}
          </span>
        </span>
        <span className="tabular text-muted text-xs">{plural(item.annotations, "annotation")}</span>
        {item.state === "submitted" ? (
          <Badge tone="good" className="w-22 justify-center">
            <CircleCheck aria-hidden /> submitted
          </Badge>
        ) : (
          <Badge tone={props.isNext ? "accent" : "neutral"} className="w-22 justify-center">
            {props.isNext ? "next" : item.annotations === 0 ? "to read" : "in progress"}
          </Badge>
        )}
      </ViewerLink>
    </li>
  );
}
