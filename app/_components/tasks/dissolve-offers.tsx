"use client";

import { ArrowRight, ChevronRight } from "lucide-react";
import { useId, useRef, useState } from "react";
import { useRowKeys } from "#app/_components/consensus/use-row-keys.ts";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { plural } from "#app/_lib/format.ts";
import type { DissolveLayer } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { DissolveGroupList } from "./dissolve-group-list.tsx";

/** Layers show their groups by themselves as long as so few outlines have to be looked at for it. */
const LOOKED_AT = 500;

type Props = {
  readonly projectId: string;
  readonly layers: readonly DissolveLayer[];
  readonly classes: readonly ClassDefinition[];
};

/**
 * Layers in which a merge made outlines alike, each with the groups that touch: joined or left here, or looked at on the
 * slide, by whoever they belong to, or not at all. J and K walk through the groups, Enter goes to the place.
 */
export function DissolveOffers({ projectId, layers, classes }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list, { arrows: false });
  if (layers.length === 0) return null;
  let outlines = 0;
  return (
    <Card
      title="After a merge"
      description="Outlines of merged classes that touch can be made one. Nothing is joined by itself. J and K walk through the groups, Enter opens one on the slide"
      className="mt-4"
      flush
    >
      <ul ref={list} className="divide-y" data-testid="dissolve-offers">
        {layers.map((offer) => {
          outlines += offer.outlines;
          const opens = outlines <= LOOKED_AT;
          return <Offer key={offer.layer.id} projectId={projectId} offer={offer} classes={classes} opens={opens} />;
        })}
      </ul>
    </Card>
  );
}

function Offer(props: {
  readonly projectId: string;
  readonly offer: DissolveLayer;
  readonly classes: readonly ClassDefinition[];
  readonly opens: boolean;
}) {
  const { projectId, offer, classes } = props;
  const { slide, layer, outlines } = offer;
  const [isOpen, setIsOpen] = useState(props.opens);
  const id = useId();
  return (
    <li>
      <div className="flex items-center gap-2 py-1.5 pr-3 pl-2">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setIsOpen(!isOpen)}
          className="flex min-w-0 flex-1 items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover"
        >
          <ChevronRight
            aria-hidden
            className={cn("size-4 shrink-0 text-faint transition-transform", isOpen && "rotate-90")}
          />
          <span className="min-w-0 truncate">
            {slide.name} <span className="text-muted">· {layer.name}</span>
          </span>
          <span className="tabular ml-auto shrink-0 text-faint text-xs">{plural(outlines, "merged outline")}</span>
        </button>
        <Button asChild size="sm" variant="ghost">
          <ViewerLink href={viewerPath(projectId, slide.id, { layer: layer.id, dissolve: "1" })}>
            On the slide <ArrowRight aria-hidden />
          </ViewerLink>
        </Button>
      </div>
      <div id={id}>{isOpen ? <DissolveGroupList projectId={projectId} offer={offer} classes={classes} /> : null}</div>
    </li>
  );
}
