import { Combine } from "lucide-react";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { plural } from "#app/_lib/format.ts";
import type { DissolveLayer } from "#client/answers.ts";

/** Layers in which a merge made outlines alike that may touch: looked through by whoever they belong to, or not at all. */
export function DissolveOffers({
  projectId,
  layers,
}: {
  readonly projectId: string;
  readonly layers: readonly DissolveLayer[];
}) {
  if (layers.length === 0) return null;
  return (
    <Card
      title="After a merge"
      description="Outlines of merged classes that touch can be made one. Nothing is joined by itself."
      className="mt-4"
      flush
    >
      <ul className="divide-y" data-testid="dissolve-offers">
        {layers.map(({ slide, layer, outlines }) => (
          <li key={layer.id}>
            <ViewerLink
              href={viewerPath(projectId, slide.id, { layer: layer.id, dissolve: "1" })}
              className="flex items-center gap-3 px-4 py-2.5 hover:bg-hover"
            >
              <Combine className="size-4 shrink-0 text-faint" aria-hidden />
              <span className="min-w-0 flex-1 truncate">
                {slide.name} <span className="text-muted">· {layer.name}</span>
              </span>
              <span className="tabular shrink-0 text-faint text-xs">{plural(outlines, "merged outline")}</span>
            </ViewerLink>
          </li>
        ))}
      </ul>
    </Card>
  );
}
