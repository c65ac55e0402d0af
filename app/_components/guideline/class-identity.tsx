import { CLASS_SIGNS } from "#app/_components/ui/class-sign.tsx";
import { ColourPicker } from "#app/_components/ui/colour-picker.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import type { DraftState } from "#domain/draft-merge.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import type { ClassPart } from "./class-editor.tsx";
import { useFreshField } from "./use-fresh-field.ts";

const NO_KEY = "none";
const KEYS = [NO_KEY, "1", "2", "3", "4", "5", "6", "7", "8", "9"].map((value) => ({
  value,
  label: value === NO_KEY ? "no key" : value,
}));
const NO_PARENT = "none";
const NO_SIGN = "none";

/** How a class is called and shown, and where it stands among the others. */
export function ClassIdentity(props: {
  readonly draft: DraftState;
  readonly definition: ClassDefinition;
  readonly isFresh: boolean;
  readonly edit: (part: ClassPart) => void;
}) {
  const { draft, definition, edit } = props;
  const name = useFreshField(props.isFresh);
  const parents = draft.content.classes.filter((each) => !each.retired && each.id !== definition.id);
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,160px)_88px] gap-3">
        <Field label="Name" {...(definition.name.trim() === "" ? { error: "A class needs a name." } : {})}>
          {(control) => (
            <Input
              {...control}
              ref={name}
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
      <div className="flex flex-wrap items-start justify-between gap-4">
        <Field label="Colour">
          {() => (
            <ColourPicker
              label={`Colour of ${definition.name}`}
              value={definition.colour}
              onChange={(colour) => edit({ colour })}
            />
          )}
        </Field>
        <Field label="Sign">
          {({ id }) => (
            <Select
              id={id}
              className="w-36"
              value={definition.icon ?? NO_SIGN}
              onValueChange={(value) => edit({ icon: value === NO_SIGN ? null : value })}
              options={[
                { value: NO_SIGN, label: "no sign" },
                ...Object.keys(CLASS_SIGNS).map((icon) => ({
                  value: icon,
                  label: icon,
                  icon: <Swatch colour={definition.colour} icon={icon} />,
                })),
              ]}
            />
          )}
        </Field>
        <Field label="Holds others together" hint="Is not drawn itself, only its children.">
          {({ id }) => (
            <Switch id={id} checked={definition.abstract} onCheckedChange={(abstract) => edit({ abstract })} />
          )}
        </Field>
      </div>
    </>
  );
}
