"use client";

import { ArrowRight, Combine, X } from "lucide-react";
import { toast } from "sonner";
import { PlaceCrop } from "#app/_components/qualification/place-crop.tsx";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { area, count, plural } from "#app/_lib/format.ts";
import type { DissolveGroup, DissolveLayer } from "#client/answers.ts";
import { geometryArea } from "#domain/geometry.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { type Decision, useDissolveGroups } from "./use-dissolve-groups.ts";

/** The others are looked through on the slide. */
const MOST_SHOWN = 20;

type Props = {
  readonly projectId: string;
  readonly offer: DissolveLayer;
  readonly classes: readonly ClassDefinition[];
};

/** The groups of a layer that touch: what is in each, where it is, and what is to become of it. */
export function DissolveGroupList({ projectId, offer, classes }: Props) {
  const { slide, layer } = offer;
  const { groups, busy, decide, undo } = useDissolveGroups(layer.id);
  const take = async (group: DissolveGroup, decision: Decision) => {
    const made = await decide(group, decision);
    if (made === null) return;
    const words = plural(group.items.length, "outline");
    toast.success(decision === "dissolved" ? `${words} are one now.` : `${words} stay apart.`, {
      action: { label: "Take back", onClick: () => void undo(made) },
    });
  };
  if (groups === null || groups.length === 0) {
    return (
      <p className="px-10 pb-3 text-muted text-sm" role="status" data-testid="dissolve-none">
        {groups === null ? "Looking for outlines that touch…" : "None of them touch, or all is decided."}
      </p>
    );
  }
  const more = groups.length - MOST_SHOWN;
  return (
    <>
      <ul className="divide-y border-t bg-sunken/40">
        {groups.slice(0, MOST_SHOWN).map((group) => (
          <li
            key={group.key}
            data-testid="dissolve-row"
            className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5 pr-3 pl-9"
          >
            <ViewerLink
              data-row
              href={viewerPath(projectId, slide.id, { layer: layer.id, dissolve: group.key })}
              className="flex min-w-0 flex-1 items-center gap-3 rounded-md py-1 pr-2 pl-1 hover:bg-hover focus-visible:bg-hover"
            >
              <PlaceCrop
                place={{ slide, box: group.bbox, outline: group.geometry }}
                label={`Place on ${slide.name}`}
                className="size-14 shrink-0"
              />
              <What group={group} classes={classes} mpp={slide.mpp} />
            </ViewerLink>
            <span className="flex gap-1.5">
              <Button size="sm" disabled={busy} onClick={() => void take(group, "dissolved")}>
                <Combine aria-hidden /> Join
              </Button>
              <Button size="sm" variant="ghost" disabled={busy} onClick={() => void take(group, "left")}>
                <X aria-hidden /> Leave
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {more <= 0 ? null : (
        <p className="border-t bg-sunken/40 py-2 pl-10 text-muted text-xs">
          And {plural(more, "more group")}, on the slide.
        </p>
      )}
    </>
  );
}

function What(props: {
  readonly group: DissolveGroup;
  readonly classes: readonly ClassDefinition[];
  readonly mpp: number | null;
}) {
  const { group, classes, mpp } = props;
  const byId = new Map(classes.map((each) => [each.id as string, each]));
  const named = (id: string) => ({ name: byId.get(id)?.name ?? id, colour: byId.get(id)?.colour ?? "#8b93a1" });
  const counts = new Map<string, number>();
  for (const { classId } of group.items) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  const areaPx = geometryArea(group.geometry);
  return (
    <span className="flex min-w-0 flex-col gap-1">
      <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        {[...counts].map(([id, number]) => (
          <span key={id} className="inline-flex min-w-0 items-center gap-1">
            <span className="tabular text-faint text-xs">{count(number)}</span>
            <ClassName {...named(id)} />
          </span>
        ))}
        <ArrowRight className="size-3.5 shrink-0 text-faint" aria-label="become one" />
        <ClassName {...named(group.classId)} className="font-medium" />
      </span>
      <span className="tabular flex flex-wrap gap-x-3 text-faint text-xs">
        <span>{plural(group.items.length, "outline")}</span>
        <span>{mpp === null ? `${count(areaPx)} px²` : area(areaPx * mpp * mpp)}</span>
        <span>{placeText(group.bbox, mpp)}</span>
      </span>
    </span>
  );
}

/** The middle of a box, from the upper left corner of the slide. */
function placeText([minX, minY, maxX, maxY]: DissolveGroup["bbox"], mpp: number | null): string {
  const [x, y] = [(minX + maxX) / 2, (minY + maxY) / 2];
  if (mpp === null) return `at ${count(x)}, ${count(y)} px`;
  const mm = (px: number) => ((px * mpp) / 1_000).toFixed(2);
  return `at ${mm(x)}, ${mm(y)} mm`;
}
