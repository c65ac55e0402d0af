"use client";

import { Check, X } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { type AskedAttribute, firstUnsaid } from "#client/asked-attributes.ts";
import { digitOf, isModified } from "#client/keymap.ts";
import { AttributeFields } from "./attribute-fields.tsx";
import { Key } from "./redraw-bar.tsx";
import { useKeys } from "./use-keys.ts";

type Said = Readonly<Record<string, string>>;
type Props = {
  readonly title: string;
  readonly asked: readonly AskedAttribute[];
  /** What is there already, by attribute. */
  readonly held: Said;
  /** Given with what was said; attributes that may stay and were left alone are not among it. */
  readonly onDone: (said: Said) => void;
  /** Goes back to the other answers; null where this is the question itself. */
  readonly onCancel: (() => void) | null;
  /** Hands it to a lead with what cannot be said either; null where it has to be said. */
  readonly onSkip?: (() => void) | null;
};

/** What has to be said about an outline besides its class: one after the other, by number keys or by typing. */
export function AttributeStep(props: Props) {
  const { title, asked, held, onCancel, onSkip = null } = props;
  const step = useSteps(props);
  return (
    <section
      aria-label={title}
      className="rounded-lg border border-accent/40 bg-accent-soft p-3"
      data-testid="attribute-step"
    >
      <h3 className="font-medium text-accent-ink text-sm">{title}</h3>
      <AttributeFields asked={asked} held={held} said={step.said} at={step.at} onSay={step.say} onBack={onCancel} />
      <div className="mt-3 flex flex-wrap gap-2">
        <Button variant="primary" size="sm" disabled={!step.isComplete} onClick={step.finish}>
          <Check aria-hidden /> Done <Key>Enter</Key>
        </Button>
        {onSkip === null ? null : (
          <Button variant="ghost" size="sm" onClick={onSkip}>
            Leave it to a lead <Key>U</Key>
          </Button>
        )}
        {onCancel === null ? null : (
          <Button variant="ghost" size="sm" onClick={onCancel}>
            <X aria-hidden /> Back <Key>Esc</Key>
          </Button>
        )}
      </div>
    </section>
  );
}

/** Goes on with the next attribute as soon as one is said, and is done with the last. */
function useSteps({ asked, onDone, onCancel, onSkip = null }: Props) {
  const [said, setSaid] = useState<Said>({});
  const [at, setAt] = useState(0);
  const isComplete = firstUnsaid(asked, said) === null;
  const say = (index: number, value: string) => {
    const attribute = asked[index];
    if (attribute === undefined) return;
    const next = { ...said, [attribute.definition.id]: value };
    setSaid(next);
    const unsaid = asked.findIndex(({ definition }) => next[definition.id] === undefined);
    if (unsaid === -1 && firstUnsaid(asked, next) === null) onDone(next);
    else setAt(unsaid === -1 ? index : unsaid);
  };
  const finish = () => {
    if (isComplete) onDone(said);
  };
  const move = (by: 1 | -1) => setAt(Math.max(0, Math.min(asked.length - 1, at + by)));
  useKeys((event) => {
    if (isModified(event)) return false;
    const value = asked[at]?.choices[(digitOf(event.code) ?? 0) - 1];
    if (value !== undefined) {
      say(at, value.id);
      return true;
    }
    const action: Record<string, (() => void) | null> = {
      enter: finish,
      k: finish,
      arrowdown: () => move(1),
      arrowup: () => move(-1),
      escape: onCancel,
      u: onSkip,
    };
    const found = action[event.key.toLowerCase()] ?? null;
    found?.();
    return found !== null;
  });
  return { said, at, isComplete, say, finish };
}
