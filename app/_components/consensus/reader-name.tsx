import { Avatar } from "#app/_components/ui/avatar.tsx";
import type { BoardView } from "#client/answers.ts";

/** A reader by name, or by letter where the name is not for whoever asks. */
export function ReaderName(props: { readonly reader: BoardView["readers"][number]; readonly withName?: boolean }) {
  const { label, reader } = props.reader;
  if (reader === null) return <span>Reader {label}</span>;
  return (
    <span className="inline-flex max-w-full items-center gap-1.5">
      <Avatar name={reader.name} colour={reader.colour} size="sm" />
      {props.withName === true ? <span className="truncate">{reader.name}</span> : null}
    </span>
  );
}
