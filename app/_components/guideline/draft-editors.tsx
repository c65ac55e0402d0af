import { Avatar } from "#app/_components/ui/avatar.tsx";
import type { DraftTalk } from "#client/answers.ts";
import type { GuidelineContent } from "#domain/guideline.ts";

/** The other leads who have the draft open now. */
export function DraftEditors(props: { readonly editors: DraftTalk["editors"]; readonly content: GuidelineContent }) {
  if (props.editors.length === 0) return null;
  return (
    <ul aria-label="Also in this draft" className="flex items-center -space-x-1">
      {props.editors.map((editor) => {
        const at = props.content.classes.find(({ id }) => id === editor.place)?.name ?? "the rules";
        return (
          <li key={editor.id} title={`${editor.name} is at ${at}`} className="rounded-full ring-2 ring-panel">
            <Avatar name={editor.name} colour={editor.colour} />
          </li>
        );
      })}
    </ul>
  );
}
