"use client";

import { RotateCcw } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import type { Member } from "#client/answers.ts";
import type { CropSlide } from "#client/crop.ts";
import { editClass, restoreClass } from "#client/guideline-draft.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { AttributesEditor } from "./attributes-editor.tsx";
import { ClassConsensusEditor } from "./class-consensus-editor.tsx";
import { ClassEndActions } from "./class-end-actions.tsx";
import { TEXT_FIELDS } from "./class-fields.ts";
import { ClassIdentity } from "./class-identity.tsx";
import { ClassRulesEditor } from "./class-rules-editor.tsx";
import { ExamplesEditor } from "./examples-editor.tsx";
import { OntologyEditor } from "./ontology-editor.tsx";
import { TextChange } from "./text-change.tsx";

export type ClassPart = Partial<Omit<ClassDefinition, "id" | "retired">>;
export type ClassEditorProps = {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly definition: ClassDefinition;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
  /** The class was taken out of the draft. */
  readonly onGone: () => void;
};
export type ClassEndProps = ClassEditorProps & {
  /** Classes that were merged into it. */
  readonly formers: readonly ClassDefinition[];
};
type Props = ClassEndProps & {
  readonly projectId: string;
  readonly slides: ReadonlyMap<string, CropSlide>;
  readonly members: readonly Member[];
  /** It was added just now: its name is what is written first. */
  readonly isFresh: boolean;
};

/** Everything that the guideline says about one class, in the order in which a pathologist thinks about it. */
export function ClassEditor(props: Props) {
  const { base, draft, definition, onChange } = props;
  if (definition.retired) return <RetiredClass {...props} />;
  const edit = (part: ClassPart) => onChange((before) => editClass(base, before, definition.id, part));
  const former = base.classes.find((each) => each.id === definition.id);
  return (
    <>
      <Card title={definition.name} actions={<ClassEndActions {...props} />}>
        <div className="flex flex-col gap-4">
          <ClassIdentity draft={draft} definition={definition} isFresh={props.isFresh} edit={edit} />
          {TEXT_FIELDS.map((field) => (
            <Field key={field.key} label={field.label} className="group">
              {(control) => (
                <>
                  <Textarea
                    {...control}
                    rows={field.rows}
                    placeholder={field.hint}
                    maxLength={4_000}
                    value={definition[field.key]}
                    onChange={(event) => edit({ [field.key]: event.target.value })}
                  />
                  {former === undefined || former[field.key] === definition[field.key] ? null : (
                    <p className="rounded-md bg-sunken px-2.5 py-1.5 text-muted text-xs leading-5">
                      <TextChange before={former[field.key]} after={definition[field.key]} />
                    </p>
                  )}
                </>
              )}
            </Field>
          ))}
        </div>
      </Card>
      <ExamplesEditor projectId={props.projectId} definition={definition} slides={props.slides} edit={edit} />
      <AttributesEditor base={base} draft={draft} definition={definition} onChange={onChange} />
      <ClassRulesEditor definition={definition} content={draft.content} edit={edit} />
      <ClassConsensusEditor definition={definition} content={draft.content} members={props.members} edit={edit} />
      <OntologyEditor codes={definition.ontology} onChange={(ontology) => edit({ ontology })} />
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
