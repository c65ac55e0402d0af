"use client";

import { FileCheck2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath, viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import {
  ActionsCell,
  ActionsHead,
  Cell,
  HeadCell,
  Row,
  Table,
  TableBody,
  TableHead,
} from "#app/_components/ui/table.tsx";
import { count, plural } from "#app/_lib/format.ts";
import type { WaiverView } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition } from "#domain/guideline.ts";

type Props = {
  readonly projectId: string;
  readonly waivers: readonly WaiverView[];
  readonly classes: readonly ClassDefinition[];
  readonly slides: readonly { readonly id: string; readonly name: string }[];
};

const STATES: Readonly<Record<WaiverView["state"], { readonly label: string; readonly tone: Tone }>> = {
  holds: { label: "holds", tone: "good" },
  expired: { label: "expired", tone: "warn" },
  withdrawn: { label: "taken back", tone: "neutral" },
};
const ORDER: readonly WaiverView["state"][] = ["holds", "expired", "withdrawn"];

/** Those that hold first; those that ended stay as history. */
export function WaiverTable(props: Props) {
  const router = useRouter();
  const [ending, setEnding] = useState<WaiverView | null>(null);
  const rows = props.waivers.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  if (rows.length === 0) {
    return (
      <div className="rounded-lg border border-dashed bg-panel">
        <EmptyState icon={FileCheck2} title="No waivers">
          A waiver excuses outlines that cannot, or need not, follow the newest guideline. It has a reason, an approver
          and an end, is counted apart, and is printed in each release.
        </EmptyState>
      </div>
    );
  }
  return (
    <Card flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Excuses</HeadCell>
            <HeadCell>Why</HeadCell>
            <HeadCell className="max-lg:hidden">Approved by</HeadCell>
            <HeadCell>Until</HeadCell>
            <HeadCell className="text-right">Outlines</HeadCell>
            <ActionsHead />
          </tr>
        </TableHead>
        <TableBody>
          {rows.map((waiver) => (
            <WaiverRow key={waiver.id} {...props} waiver={waiver} onEnd={() => setEnding(waiver)} />
          ))}
        </TableBody>
      </Table>
      <Confirm
        open={ending !== null}
        onOpenChange={(open) => (open ? null : setEnding(null))}
        title="Take this waiver back?"
        confirm="Take it back"
        danger
        action={async () => {
          if (ending !== null) await api.guideline.withdrawWaiver(props.projectId, ending.id);
          router.refresh();
        }}
      >
        {ending === null || ending.covers === 0
          ? "It excuses nothing at the moment."
          : `${plural(ending.covers, "outline that it excuses becomes", "outlines that it excuses become")} work at once.`}
      </Confirm>
    </Card>
  );
}

function WaiverRow(props: Props & { readonly waiver: WaiverView; readonly onEnd: () => void }) {
  const { projectId, waiver, onEnd } = props;
  const { label, tone } = STATES[waiver.state];
  return (
    <Row>
      <Cell className="min-w-32 max-w-60 align-top">
        <span className="flex flex-col items-start gap-1">
          <Scope {...props} />
          <span className="text-faint text-xs">as asked up to version {waiver.version}</span>
        </span>
      </Cell>
      <Cell className="min-w-40 align-top text-muted lg:min-w-56">
        <p className="whitespace-pre-wrap">{waiver.reason}</p>
        <p className="mt-1 text-faint text-xs lg:hidden">
          approved by {waiver.approvedBy.name}, <Time at={waiver.at} />
        </p>
      </Cell>
      <Cell className="align-top max-lg:hidden">
        <PersonName name={waiver.approvedBy.name} colour={waiver.approvedBy.colour} />
        <p className="mt-0.5 text-faint text-xs">
          <Time at={waiver.at} />
        </p>
      </Cell>
      <Cell className="whitespace-nowrap align-top">
        <Badge tone={tone}>{label}</Badge>
        <p className="mt-1 text-faint text-xs">
          <Time at={waiver.expiresAt} exact />
        </p>
      </Cell>
      <Cell className="align-top text-right">
        <span className="tabular">{count(waiver.covers)}</span>
        <p className="text-faint text-xs">
          {waiver.covers > 0 && waiver.state !== "holds" ? (
            <Link
              href={`${projectPath(projectId, "tasks")}${tasksOf(waiver)}`}
              className="text-warn-ink hover:underline"
            >
              work again
            </Link>
          ) : (
            <span>{waiver.state === "holds" ? "excused now" : "nothing is left"}</span>
          )}
        </p>
      </Cell>
      <ActionsCell className="align-top">
        {waiver.state === "holds" ? (
          <Button size="sm" variant="ghost" onClick={onEnd}>
            Take back
          </Button>
        ) : null}
      </ActionsCell>
    </Row>
  );
}

function Scope({ projectId, waiver, classes, slides }: Props & { readonly waiver: WaiverView }) {
  const { scope } = waiver;
  switch (scope.kind) {
    case "class": {
      const found = classes.find(({ id }) => id === scope.classId);
      return <ClassName name={found?.name ?? scope.classId} colour={found?.colour ?? "#8b93a1"} icon={found?.icon} />;
    }
    case "slide":
      return <span>{slides.find(({ id }) => id === scope.slideId)?.name ?? "a slide that was removed"}</span>;
    case "annotations":
      return <Chosen projectId={projectId} count={scope.ids.length} place={waiver.place} />;
    default:
      return scope satisfies never;
  }
}

/** Outlines that were chosen on a slide, with the way to the first of them. */
function Chosen(props: { readonly projectId: string; readonly count: number; readonly place: WaiverView["place"] }) {
  const { projectId, place } = props;
  const words = plural(props.count, "chosen outline");
  if (place === null) return <span>{words}</span>;
  const { slide, layerId, annotationId } = place;
  return (
    <span>
      <ViewerLink
        href={viewerPath(projectId, slide.id, { layer: layerId, annotation: annotationId })}
        className="hover:underline"
      >
        {words}
      </ViewerLink>
      <span className="block text-muted text-xs">on {slide.name}</span>
    </span>
  );
}

/** The tasks that a waiver which ended became. */
function tasksOf({ scope }: WaiverView): string {
  if (scope.kind === "class") return `?view=board&class=${scope.classId}`;
  return scope.kind === "slide" ? `?view=board&slide=${scope.slideId}` : "?view=board";
}
