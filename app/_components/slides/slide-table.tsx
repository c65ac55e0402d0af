"use client";

import { MoreHorizontal, Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
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
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import { count } from "#app/_lib/format.ts";
import type { Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { EditSlide } from "./edit-slide.tsx";
import { StateMpp } from "./state-mpp.tsx";
import { Thumbnail } from "./thumbnail.tsx";

type Props = { readonly projectId: string; readonly slides: readonly Slide[]; readonly edits: boolean };
const FORMAT_WORDS: Readonly<Record<string, string>> = {
  aperio: "SVS",
  tiff: "tiled TIFF",
  "ome-tiff": "OME-TIFF",
  image: "image",
};

type RowProps = Props & {
  readonly slide: Slide;
  readonly onEdit: (slide: Slide) => void;
  readonly onRemove: (slide: Slide) => void;
};

export function SlideTable(props: Props) {
  const router = useRouter();
  const [editing, setEditing] = useState<Slide | null>(null);
  const [removing, setRemoving] = useState<Slide | null>(null);
  return (
    <Card flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell className="w-20">
              <span className="sr-only">Thumbnail</span>
            </HeadCell>
            <HeadCell>Slide</HeadCell>
            <HeadCell>Case</HeadCell>
            <HeadCell className="text-right">Pixels</HeadCell>
            <HeadCell>Scale</HeadCell>
            <HeadCell>Format</HeadCell>
            <HeadCell>Identifying data</HeadCell>
            <HeadCell>Added</HeadCell>
            <ActionsHead />
          </tr>
        </TableHead>
        <TableBody>
          {props.slides.map((slide) => (
            <SlideRow key={slide.id} {...props} slide={slide} onEdit={setEditing} onRemove={setRemoving} />
          ))}
        </TableBody>
      </Table>
      {editing === null ? null : <EditSlide slide={editing} onClose={() => setEditing(null)} />}
      <Confirm
        open={removing !== null}
        onOpenChange={(open) => (open ? null : setRemoving(null))}
        title={`Remove “${removing?.name ?? ""}”?`}
        confirm="Remove slide"
        danger
        action={async () => {
          if (removing === null) return;
          await api.slides.remove(removing.id);
          router.refresh();
        }}
      >
        The file is deleted from the server. A slide that has annotations cannot be removed.
      </Confirm>
    </Card>
  );
}

function SlideRow({ projectId, slide, edits, onEdit, onRemove }: RowProps) {
  const href = viewerPath(projectId, slide.id);
  return (
    <Row>
      <Cell className="py-2">
        <ViewerLink href={href} aria-label={`Open ${slide.name}`} tabIndex={-1}>
          <Thumbnail url={slide.thumbnailUrl} className="h-11 w-16" />
        </ViewerLink>
      </Cell>
      <Cell>
        <ViewerLink href={href} className="font-medium hover:text-accent-ink hover:underline">
          {slide.name}
        </ViewerLink>
        <span className="block text-faint text-xs">
          {[slide.stain, slide.site].filter((text) => text !== "").join(" · ")}
        </span>
      </Cell>
      <Cell className="text-muted">{slide.caseName}</Cell>
      <Cell className="whitespace-nowrap text-right text-muted">
        {count(slide.width)} × {count(slide.height)}
      </Cell>
      <Cell>
        {slide.mpp === null ? (
          <StateMpp slide={slide} edits={edits} />
        ) : (
          <span className="whitespace-nowrap text-muted">
            {slide.mpp.toFixed(4).replace(/0{1,2}$/, "")} µm/px
            {slide.objective === null ? "" : ` · ${slide.objective}×`}
          </span>
        )}
      </Cell>
      <Cell className="text-muted">
        {FORMAT_WORDS[slide.format] ?? slide.format}
        <span className="block text-faint text-xs">{slide.scanner}</span>
      </Cell>
      <Cell>
        <Stripped slide={slide} />
      </Cell>
      <Cell className="text-muted">
        <Time at={slide.createdAt} />
      </Cell>
      <ActionsCell>{edits ? <RowMenu slide={slide} onEdit={onEdit} onRemove={onRemove} /> : null}</ActionsCell>
    </Row>
  );
}

function Stripped({ slide }: { readonly slide: Slide }) {
  const stripped = [...slide.strippedFields, ...slide.strippedImages.map((name) => `${name} image`)];
  if (stripped.length === 0) return <span className="text-faint">none found</span>;
  return (
    <Tooltip text={`Left out and never served: ${stripped.join(", ")}`}>
      <Badge tone="outline" tabIndex={0}>
        {stripped.length} left out
      </Badge>
    </Tooltip>
  );
}

function RowMenu({ slide, onEdit, onRemove }: Pick<RowProps, "slide" | "onEdit" | "onRemove">) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={`More for ${slide.name}`}>
          <MoreHorizontal />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuItem onSelect={() => onEdit(slide)}>
          <Pencil aria-hidden /> Edit details
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem danger onSelect={() => onRemove(slide)}>
          <Trash2 aria-hidden /> Remove
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
