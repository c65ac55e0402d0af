import Link from "next/link";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { Preview } from "#client/answers.ts";
import type { GuidelineContent } from "#domain/guideline.ts";

/** Readers who have to show again that they can tell a redefined class, and whether there is anything to ask them. */
export function RequalifyList(props: {
  readonly projectId: string;
  readonly preview: Preview;
  readonly draft: GuidelineContent;
}) {
  const { preview, draft } = props;
  const classes = draft.classes.filter(({ id }) => preview.requalify.some(({ classId }) => classId === id));
  if (classes.length === 0) return null;
  const isReady = preview.requalify.every(({ ready }) => ready);
  return (
    <Card title="Readers to show that they can tell" description="One task each, for every redefined class" flush>
      <ul className="divide-y divide-line">
        {classes.map((definition) => (
          <li key={definition.id} className="flex flex-wrap items-center gap-x-5 gap-y-1.5 px-4 py-2.5">
            <ClassName name={definition.name} colour={definition.colour} icon={definition.icon} className="w-44" />
            {preview.requalify
              .filter(({ classId }) => classId === definition.id)
              .map(({ personId, ready }) => {
                const person = preview.people.find(({ id }) => id === personId);
                return person === undefined ? null : (
                  <span key={personId} className={ready ? "" : "opacity-60"}>
                    <PersonName name={person.name} colour={person.colour} />
                  </span>
                );
              })}
          </li>
        ))}
      </ul>
      {isReady ? null : (
        <Callout
          kind="warn"
          className="m-3"
          action={
            <Link href={`/projects/${props.projectId}/guideline/qualification`} className="font-medium underline">
              Choose references
            </Link>
          }
        >
          No reference of it holds under this draft, so nobody can be asked yet: their tasks are made once you say of a
          place what it is by the new definition.
        </Callout>
      )}
    </Card>
  );
}
