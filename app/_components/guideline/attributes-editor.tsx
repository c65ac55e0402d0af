"use client";

import { Plus, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { addAttribute, editAttribute } from "#client/draft-attributes.ts";
import { freshId } from "#client/fresh-id.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { type AttributeId, attributeId } from "#domain/ids.ts";
import { AttributeEditor } from "./attribute-editor.tsx";

/** What readers say about an outline besides its shape. */
export function AttributesEditor(props: {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly definition: ClassDefinition;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
}) {
  const { base, draft, definition, onChange } = props;
  const shown = definition.attributes.filter((each) => !each.retired);
  const former = base.classes.find(({ id }) => id === definition.id)?.attributes ?? [];
  const ended = definition.attributes.filter(
    (each) => each.retired && former.some(({ id, retired }) => id === each.id && !retired),
  );
  const [fresh, setFresh] = useState<AttributeId | null>(null);
  const add = () => {
    const id = freshId(attributeId);
    setFresh(id);
    onChange((before) => addAttribute(before, definition.id, id, `New attribute ${definition.attributes.length + 1}`));
  };
  return (
    <Card
      title="Attributes"
      description="What readers say about an outline besides its shape"
      actions={
        <Button size="sm" aria-label="Add an attribute" onClick={add} disabled={definition.attributes.length >= 30}>
          <Plus aria-hidden /> Add
        </Button>
      }
    >
      {shown.length + ended.length === 0 ? (
        <p className="text-muted">Nothing else is asked about its outlines.</p>
      ) : null}
      <ul className="flex flex-col gap-4">
        {shown.map((attribute) => (
          <li key={attribute.id} className="rounded-md border p-3">
            <AttributeEditor
              base={base}
              draft={draft}
              place={{ classId: definition.id, attributeId: attribute.id }}
              attribute={attribute}
              isFresh={attribute.id === fresh}
              onChange={onChange}
            />
          </li>
        ))}
        {ended.map((attribute) => (
          <li
            key={attribute.id}
            className="flex items-center gap-2 rounded-md border border-dashed px-3 py-2 text-muted"
          >
            <span className="flex-1 truncate line-through">{attribute.name}</span>
            <Badge tone="bad">ends</Badge>
            <Button
              size="sm"
              onClick={() => {
                const place = { classId: definition.id, attributeId: attribute.id };
                onChange((before) => editAttribute(base, before, place, { retired: false }));
              }}
            >
              <RotateCcw aria-hidden /> Keep it after all
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
