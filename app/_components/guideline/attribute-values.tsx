"use client";

import { Plus, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { addValue, attributeOf, endValue, keepValue, renameValue } from "#client/draft-attributes.ts";
import { freshId } from "#client/fresh-id.ts";
import type { AttributeValue } from "#domain/guideline.ts";
import { valueId } from "#domain/ids.ts";
import type { AttributeEditorProps } from "./attribute-editor.tsx";
import { EndValueDialog } from "./end-value-dialog.tsx";
import { useFreshField } from "./use-fresh-field.ts";

/** The answers of a choice. Ending one that readers may have given asks what becomes of what they said. */
export function AttributeValues(props: AttributeEditorProps) {
  const { base, place, attribute, onChange } = props;
  const [ending, setEnding] = useState<AttributeValue | null>(null);
  const former = attributeOf(base, place)?.values ?? [];
  const wasOpen = (id: string) => former.some((each) => each.id === id && !each.retired);
  const shown = attribute.values.filter((value) => !value.retired || wasOpen(value.id));
  const end = (value: AttributeValue) => {
    if (former.some(({ id }) => id === value.id)) setEnding(value);
    else onChange((before) => endValue(base, before, place, value.id, { kind: "retire", successors: [] }));
  };
  const [fresh, setFresh] = useState<string | null>(null);
  const add = () => {
    const id = freshId(valueId);
    setFresh(id);
    onChange((before) => addValue(before, place, id, `value ${attribute.values.length + 1}`));
  };
  return (
    <div>
      <p className="mb-1 font-medium text-xs">Values</p>
      <ul className="flex flex-col gap-1.5">
        {shown.map((value) => (
          <li key={value.id} className="flex items-center gap-2">
            <ValueName
              value={value}
              isFresh={value.id === fresh}
              onRename={(name) => onChange((before) => renameValue(before, place, value.id, name))}
              onNext={add}
            />
            {value.retired ? (
              <>
                <Badge tone="bad">ends</Badge>
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label={`Keep ${value.name} after all`}
                  onClick={() => onChange((before) => keepValue(before, place, value.id))}
                >
                  <RotateCcw />
                </Button>
              </>
            ) : (
              <Button variant="ghost" size="icon" aria-label={`End ${value.name}`} onClick={() => end(value)}>
                <Trash2 />
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Button variant="ghost" size="sm" className="mt-1.5" onClick={add} disabled={attribute.values.length >= 50}>
        <Plus aria-hidden /> Add a value
      </Button>
      {ending === null ? null : (
        <EndValueDialog
          value={ending}
          others={attribute.values.filter((each) => !each.retired && each.id !== ending.id)}
          onClose={() => setEnding(null)}
          onEnd={(how) => {
            onChange((before) => endValue(base, before, place, ending.id, how));
            setEnding(null);
          }}
        />
      )}
    </div>
  );
}

/** Enter goes on to the next value, so that a list is written without the mouse. */
function ValueName(props: {
  readonly value: AttributeValue;
  readonly isFresh: boolean;
  readonly onRename: (name: string) => void;
  readonly onNext: () => void;
}) {
  const { value } = props;
  return (
    <Input
      ref={useFreshField(props.isFresh)}
      aria-label="Name of the value"
      value={value.name}
      maxLength={80}
      disabled={value.retired}
      onChange={(event) => props.onRename(event.target.value)}
      onKeyDown={(event) => event.key === "Enter" && props.onNext()}
    />
  );
}
