"use client";

import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { mergeClasses } from "#client/guideline-draft.ts";
import type { ClassEditorProps } from "./class-editor.tsx";

export function MergeDialog({
  base,
  draft,
  definition,
  onChange,
  onClose,
}: ClassEditorProps & { readonly onClose: () => void }) {
  const targets = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  const [into, setInto] = useState<string>(targets[0]?.id ?? "");
  const target = targets.find((each) => each.id === into);
  const merge = () => {
    if (target !== undefined) onChange((before) => mergeClasses(base, before, [definition.id], target.id));
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Merge ${definition.name} into another class`}
      description="Everything drawn as it counts as the other class from then on. Nothing is written into the annotations, so a later version can take the merge back exactly."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={target === undefined} onClick={merge}>
            Merge
          </Button>
        </>
      }
    >
      <Field label="Into">
        {({ id }) => (
          <Select
            id={id}
            value={into}
            onValueChange={setInto}
            options={targets.map((each) => ({
              value: each.id,
              label: each.name,
              icon: <Swatch colour={each.colour} />,
            }))}
          />
        )}
      </Field>
    </Dialog>
  );
}
