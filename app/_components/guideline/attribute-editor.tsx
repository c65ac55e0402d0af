"use client";

import { Trash2 } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import {
  type AttributePlace,
  attributeOf,
  convertUnit,
  editAttribute,
  endAttribute,
  isConverted,
} from "#client/draft-attributes.ts";
import type { DraftState } from "#domain/draft-merge.ts";
import type { AttributeDefinition, GuidelineContent } from "#domain/guideline.ts";
import { AttributeValues } from "./attribute-values.tsx";
import { NumberField } from "./number-field.tsx";
import { useFreshField } from "./use-fresh-field.ts";

export type AttributeEditorProps = {
  readonly base: GuidelineContent;
  readonly draft: DraftState;
  readonly place: AttributePlace;
  readonly attribute: AttributeDefinition;
  /** It was added just now. */
  readonly isFresh: boolean;
  readonly onChange: (edit: (before: DraftState) => DraftState) => void;
};

const KINDS = [
  { value: "choice", label: "one of several" },
  { value: "number", label: "a number" },
  { value: "text", label: "words" },
] as const;
const NOTHING = "nothing";

/** One attribute: what it is called, how it is answered, and whether it has to be. */
export function AttributeEditor(props: AttributeEditorProps) {
  const { base, draft, place, attribute, onChange } = props;
  const edit = (part: Parameters<typeof editAttribute>[3]) =>
    onChange((before) => editAttribute(base, before, place, part));
  const before = attributeOf(base, place);
  const name = useFreshField(props.isFresh);
  const convert = draft.declarations.find(
    (each) => each.kind === "attribute-convert" && each.attributeId === place.attributeId,
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-[minmax(0,1fr)_150px_auto] items-end gap-3">
        <Field label="Attribute">
          {(control) => (
            <Input
              {...control}
              ref={name}
              value={attribute.name}
              maxLength={80}
              required
              onChange={(event) => edit({ name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Answered by">
          {({ id }) => (
            <Select
              id={id}
              value={attribute.kind}
              onValueChange={(value) => {
                const kind = KINDS.find((each) => each.value === value)?.value;
                if (kind !== undefined) edit({ kind, assumed: null });
              }}
              options={KINDS}
            />
          )}
        </Field>
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Ask no more for ${attribute.name}`}
          title="Ask no more; what was said is kept"
          onClick={() => onChange((state) => endAttribute(base, state, place))}
        >
          <Trash2 />
        </Button>
      </div>
      <Field label="Help">
        {(control) => (
          <Input
            {...control}
            value={attribute.help}
            maxLength={2_000}
            placeholder="How to tell"
            onChange={(event) => edit({ help: event.target.value })}
          />
        )}
      </Field>
      {attribute.kind === "choice" ? <AttributeValues {...props} /> : null}
      {attribute.kind === "number" ? (
        <div className="grid grid-cols-2 gap-3">
          <Field label="Unit">
            {(control) => (
              <Input
                {...control}
                value={attribute.unit ?? ""}
                maxLength={20}
                placeholder="none"
                onChange={(event) => edit({ unit: event.target.value === "" ? null : event.target.value })}
              />
            )}
          </Field>
          {before !== null && isConverted(before, attribute) ? (
            <NumberField
              label={`New number for each ${before.unit ?? "1"}`}
              hint="Left out, every number is asked for again."
              none="ask again"
              value={convert?.kind === "attribute-convert" ? convert.factor : null}
              onChange={(factor) => onChange((state) => convertUnit(state, place, factor))}
            />
          ) : null}
        </div>
      ) : null}
      <Demand attribute={attribute} edit={edit} />
    </div>
  );
}

function Demand({
  attribute,
  edit,
}: {
  readonly attribute: AttributeDefinition;
  readonly edit: (part: Partial<AttributeDefinition>) => void;
}) {
  const values = attribute.values.filter((value) => !value.retired);
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label="Has to be given">
        {({ id }) => <Switch id={id} checked={attribute.required} onCheckedChange={(required) => edit({ required })} />}
      </Field>
      {attribute.required ? (
        <Field
          label="Holds where nothing was said"
          hint={
            attribute.assumed === null
              ? "Readers are asked about everything that is drawn already."
              : "Nobody is asked about what is drawn already."
          }
        >
          {(control) =>
            attribute.kind === "choice" ? (
              <Select
                id={control.id}
                value={attribute.assumed ?? NOTHING}
                onValueChange={(value) => edit({ assumed: value === NOTHING ? null : value })}
                options={[
                  { value: NOTHING, label: "nothing: ask" },
                  ...values.map(({ id, name }) => ({ value: id, label: name })),
                ]}
              />
            ) : (
              <Input
                {...control}
                value={attribute.assumed ?? ""}
                maxLength={256}
                placeholder="nothing: ask"
                onChange={(event) => edit({ assumed: event.target.value === "" ? null : event.target.value })}
              />
            )
          }
        </Field>
      ) : null}
    </div>
  );
}
