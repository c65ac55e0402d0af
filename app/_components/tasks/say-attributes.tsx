"use client";

import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { AttributeFields } from "#app/_components/viewer/attribute-fields.tsx";
import { type AskedAttribute, firstUnsaid } from "#client/asked-attributes.ts";

type Said = Readonly<Record<string, string>>;

/** What a decision needs to be said besides the class. */
export function SayAttributes(props: {
  readonly title: string;
  readonly asked: readonly AskedAttribute[];
  readonly held: Said;
  readonly onDone: (said: Said) => void;
  readonly onClose: () => void;
}) {
  const { asked } = props;
  const [said, setSaid] = useState<Said>({});
  return (
    <Dialog
      open
      onOpenChange={props.onClose}
      title={props.title}
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button variant="primary" disabled={firstUnsaid(asked, said) !== null} onClick={() => props.onDone(said)}>
            Decide
          </Button>
        </>
      }
    >
      <AttributeFields
        asked={asked}
        held={props.held}
        said={said}
        at={null}
        onSay={(index, value) => {
          const attribute = asked[index];
          if (attribute !== undefined) setSaid((before) => ({ ...before, [attribute.definition.id]: value }));
        }}
        onBack={null}
      />
    </Dialog>
  );
}
