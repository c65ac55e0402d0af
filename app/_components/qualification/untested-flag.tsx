import { GraduationCap } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import type { Layer } from "#client/answers.ts";
import { untestedText } from "./untested-words.ts";

/** Says to a lead that what is here was read by somebody who has not shown that they can tell a redefined class. */
export function UntestedFlag(props: {
  readonly projectId: string;
  /** Readers by name, each with the classes. */
  readonly readers: readonly { readonly name: string; readonly untested: Layer["untested"] }[];
}) {
  const flagged = props.readers.filter(({ untested }) => untested.length > 0);
  const sentences = [...new Set(flagged.map(({ name, untested }) => untestedText(name, untested)))];
  if (sentences.length === 0) return null;
  const text = sentences.join(" ");
  return (
    <Tooltip text={text}>
      <Link
        href={projectPath(props.projectId, "guideline/qualification")}
        prefetch={false}
        aria-label={text}
        data-testid="untested"
        className="shrink-0 rounded"
      >
        <Badge tone="warn">
          <GraduationCap aria-hidden /> {sentences.length > 1 ? `${sentences.length} untested` : "untested"}
        </Badge>
      </Link>
    </Tooltip>
  );
}
