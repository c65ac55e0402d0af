"use client";

import { useId, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Checkbox } from "#app/_components/ui/checkbox.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { retireClass } from "#client/guideline-draft.ts";
import type { ClassId } from "#domain/ids.ts";
import type { ClassEditorProps } from "./class-editor.tsx";

function consequence(successors: number, ignore: boolean): string {
  if (successors === 0 && ignore) return "Its outlines stay as regions that a release says to ignore.";
  if (successors === 0) return "Without a successor, what was drawn of it is set aside: kept, but in no release.";
  if (successors === 1) return "With one successor, everything drawn of it becomes that class by itself.";
  return "With several successors, its readers choose for each annotation.";
}

export function RetireDialog(props: ClassEditorProps & { readonly onClose: () => void }) {
  const { base, draft, definition, onChange, onGone, onClose } = props;
  const listId = useId();
  const [successors, setSuccessors] = useState<readonly ClassId[]>([]);
  const [wantsIgnored, setWantsIgnored] = useState(false);
  // Only where every tissue has a class does one that is gone leave a gap.
  const leavesGap = successors.length === 0 && draft.content.rules.exhaustive;
  const ignore = leavesGap && wantsIgnored;
  const isNew = !base.classes.some((each) => each.id === definition.id);
  const others = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  const flip = (id: ClassId) =>
    setSuccessors((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  const retire = () => {
    onChange((before) => retireClass(base, before, definition.id, successors, ignore));
    if (isNew) onGone();
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={isNew ? `Take ${definition.name} out of the draft?` : `Retire ${definition.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="danger" onClick={retire}>
            {isNew ? "Take out" : "Retire"}
          </Button>
        </>
      }
    >
      {isNew ? (
        <p className="text-muted">Nothing was drawn of it, so nothing else happens.</p>
      ) : (
        <div className="flex flex-col gap-3">
          <p className="text-muted">It can no longer be drawn. What becomes of what was drawn of it?</p>
          <div className="flex flex-col gap-2">
            {others.map((each) => (
              <label key={each.id} htmlFor={`${listId}-${each.id}`} className="flex items-center gap-2">
                <Checkbox
                  id={`${listId}-${each.id}`}
                  checked={successors.includes(each.id)}
                  onCheckedChange={() => flip(each.id)}
                />
                <ClassName name={each.name} colour={each.colour} />
              </label>
            ))}
          </div>
          {leavesGap ? (
            <label htmlFor={`${listId}-ignore`} className="flex items-start gap-2 border-t pt-3">
              <Checkbox
                id={`${listId}-ignore`}
                className="mt-0.5"
                checked={wantsIgnored}
                onCheckedChange={() => setWantsIgnored(!wantsIgnored)}
              />
              <span>
                <span className="font-medium">Ignore these regions</span>
                <span className="block text-muted text-xs">
                  Reading is exhaustive, so its tissue is left without a class: finished slides are looked through
                  again, or a release says to ignore what was outlined of it.
                </span>
              </span>
            </label>
          ) : null}
          <Callout kind={successors.length === 0 ? "warn" : "info"}>{consequence(successors.length, ignore)}</Callout>
        </div>
      )}
    </Dialog>
  );
}
