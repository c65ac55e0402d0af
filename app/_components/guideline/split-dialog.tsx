"use client";

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, Label } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { splitClass } from "#client/guideline-draft.ts";
import { hintsOf, type SplitFilling, type SplitTarget } from "#client/split-hints.ts";
import type { ClassEndProps } from "./class-editor.tsx";
import { freshClassId, freshColours } from "./fresh-class.ts";
import { SplitHints } from "./split-hints.tsx";

const TRAY = "tray";

export function SplitDialog({
  base,
  draft,
  definition,
  formers,
  onChange,
  onClose,
}: ClassEndProps & { readonly onClose: () => void }) {
  const free = freshColours(draft.content);
  const target = (index: number, name: string): SplitTarget => ({
    id: freshClassId(),
    name,
    colour: index === 0 ? definition.colour : (free[index - 1] ?? "#6b7480"),
  });
  const [into, setInto] = useState<readonly SplitTarget[]>(() => [target(0, ""), target(1, "")]);
  const [fallback, setFallback] = useState(TRAY);
  const [guide, setGuide] = useState("");
  const [filling, setFilling] = useState<SplitFilling>({ attributeId: null, byValue: {} });
  const attributes = definition.attributes.filter(({ retired }) => !retired);
  const others = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  const named = into.filter((each) => each.name.trim() !== "");
  const rename = (id: string, name: string) =>
    setInto((before) => before.map((each) => (each.id === id ? { ...each, name } : each)));
  const split = () => {
    const choice = [...named, ...others].find((each) => each.id === fallback)?.id ?? null;
    onChange((before) =>
      splitClass(base, before, definition.id, {
        into: named,
        fallback: choice,
        guide: guide.trim(),
        hints: hintsOf(filling, named),
      }),
    );
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Split ${definition.name}`}
      description="Every annotation of it becomes a task: its reader chooses one of the new classes, with the old and the new words side by side."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={named.length < 2 || named.length < into.length} onClick={split}>
            Split into {Math.max(2, named.length)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-col gap-2">
          <Label>New classes</Label>
          {into.map((each, index) => (
            <div key={each.id} className="flex items-center gap-2">
              <Swatch colour={each.colour} className="size-4" />
              <Input
                aria-label={`Name of class ${index + 1}`}
                placeholder={index === 0 ? `${definition.name}, invasive` : `${definition.name}, in situ`}
                value={each.name}
                maxLength={80}
                onChange={(event) => rename(each.id, event.target.value)}
              />
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Leave out class ${index + 1}`}
                disabled={into.length < 3}
                onClick={() => setInto((before) => before.filter((other) => other.id !== each.id))}
              >
                <X />
              </Button>
            </div>
          ))}
          <div>
            <Button
              size="sm"
              variant="ghost"
              onClick={() => setInto((before) => [...before, target(before.length, "")])}
            >
              <Plus aria-hidden /> Another
            </Button>
          </div>
        </div>
        <Field label="How to choose" hint="Readers see this beside the choices.">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              maxLength={4_000}
              value={guide}
              onChange={(event) => setGuide(event.target.value)}
            />
          )}
        </Field>
        {attributes.length + formers.length === 0 || named.length < 2 ? null : (
          <SplitHints attributes={attributes} formers={formers} into={named} filling={filling} onChange={setFilling} />
        )}
        <Field label="Cannot tell goes to">
          {({ id }) => (
            <Select
              id={id}
              value={fallback}
              onValueChange={setFallback}
              options={[
                { value: TRAY, label: "the lead's tray, undecided" },
                ...[...named, ...others].map((each) => ({
                  value: each.id,
                  label: each.name,
                  icon: <Swatch colour={each.colour} />,
                })),
              ]}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
