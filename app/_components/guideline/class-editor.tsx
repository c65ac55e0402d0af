"use client";

import { RotateCcw } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ColourPicker } from "#app/_components/ui/colour-picker.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input, Textarea } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { editClass, restoreClass } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { ClassEndActions } from "./class-end-actions.tsx";
import { TEXT_FIELDS } from "./class-fields.ts";
import { ClassRulesEditor } from "./class-rules-editor.tsx";

export type ClassEditorProps = {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly definition: ClassDefinition;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
  /** The class was taken out of the draft. */
  readonly onGone: () => void;
};

const NO_KEY = "none";
const KEYS = [NO_KEY, "1", "2", "3", "4", "5", "6", "7", "8", "9"].map((value) => ({
  value,
  label: value === NO_KEY ? "no key" : value,
}));
const NO_PARENT = "none";

export function ClassEditor(props: ClassEditorProps) {
  const { base, draft, definition, onChange } = props;
  if (definition.retired) return <RetiredClass {...props} />;
  const edit = (part: Parameters<typeof editClass>[3]) =>
    onChange((before) => editClass(base, before, definition.id, part));
  return (
    <>
      <Card title={definition.name} actions={<ClassEndActions {...props} />}>
        <div className="flex flex-col gap-4">
          <ClassIdentity {...props} edit={edit} />
          {TEXT_FIELDS.map((field) => (
            <Field key={field.key} label={field.label}>
              {(control) => (
                <Textarea
                  {...control}
                  rows={field.rows}
                  placeholder={field.hint}
                  maxLength={4_000}
                  value={definition[field.key]}
                  onChange={(event) => edit({ [field.key]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      </Card>
      <ClassRulesEditor definition={definition} content={draft.content} edit={edit} />
    </>
  );
}

function ClassIdentity({
  draft,
  definition,
  edit,
}: ClassEditorProps & { readonly edit: (part: Parameters<typeof editClass>[3]) => void }) {
  const parents = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,160px)_88px] gap-3">
        <Field label="Name" {...(definition.name.trim() === "" ? { error: "A class needs a name." } : {})}>
          {(control) => (
            <Input
              {...control}
              value={definition.name}
              maxLength={80}
              required
              onChange={(event) => edit({ name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Belongs under">
          {({ id }) => (
            <Select
              id={id}
              value={definition.parentId ?? NO_PARENT}
              onValueChange={(value) => edit({ parentId: parents.find((each) => each.id === value)?.id ?? null })}
              options={[
                { value: NO_PARENT, label: "nothing" },
                ...parents.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          )}
        </Field>
        <Field label="Key">
          {({ id }) => (
            <Select
              id={id}
              value={definition.hotkey === null ? NO_KEY : String(definition.hotkey)}
              onValueChange={(value) => edit({ hotkey: value === NO_KEY ? null : Number(value) })}
              options={KEYS}
            />
          )}
        </Field>
      </div>
      <Field label="Colour">
        {() => (
          <ColourPicker
            label={`Colour of ${definition.name}`}
            value={definition.colour}
            onChange={(colour) => edit({ colour })}
          />
        )}
      </Field>
    </>
  );
}

function RetiredClass({ base, definition, onChange }: ClassEditorProps) {
  return (
    <Card title={definition.name}>
      <Callout
        action={
          <Button size="sm" onClick={() => onChange((before) => restoreClass(base, before, definition.id))}>
            <RotateCcw aria-hidden />{" "}
            {base.classes.some((each) => each.id === definition.id && !each.retired)
              ? "Keep it after all"
              : "Bring it back"}
          </Button>
        }
      >
        This class can no longer be drawn. Its words are kept for what was drawn under them.
      </Callout>
      <p className="mt-3 whitespace-pre-wrap text-muted">{definition.definition}</p>
    </Card>
  );
}
