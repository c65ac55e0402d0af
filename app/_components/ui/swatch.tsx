import { cn } from "./class-names.ts";
import { ClassSign } from "./class-sign.tsx";

/** The colour of a class, with its sign where it has one. The name always stands beside it: colour alone says nothing. */
export function Swatch(props: {
  readonly colour: string;
  readonly icon?: string | null | undefined;
  readonly className?: string;
}) {
  const { colour, icon = null } = props;
  return (
    <span
      aria-hidden
      className={cn(
        "inline-grid shrink-0 place-items-center rounded-[3px] ring-1 ring-ink/25 ring-inset",
        icon === null ? "size-3" : "size-4",
        props.className,
      )}
      style={{ backgroundColor: colour }}
    >
      {icon === null ? null : <ClassSign icon={icon} colour={colour} />}
    </span>
  );
}

export function ClassName(props: {
  readonly name: string;
  readonly colour: string;
  readonly icon?: string | null | undefined;
  readonly retired?: boolean;
  readonly className?: string;
}) {
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1.5", props.className)}>
      <Swatch colour={props.colour} icon={props.icon} />
      <span className={cn("truncate", props.retired && "text-faint line-through")}>{props.name}</span>
    </span>
  );
}
