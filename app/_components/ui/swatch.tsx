import { cn } from "./class-names.ts";

/** The colour of a class. The name always stands beside it: colour alone says nothing. */
export function Swatch(props: { readonly colour: string; readonly className?: string }) {
  return (
    <span
      aria-hidden
      className={cn("inline-block size-3 shrink-0 rounded-[3px] ring-1 ring-black/15 ring-inset", props.className)}
      style={{ backgroundColor: props.colour }}
    />
  );
}

export function ClassName(props: {
  readonly name: string;
  readonly colour: string;
  readonly retired?: boolean;
  readonly className?: string;
}) {
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1.5", props.className)}>
      <Swatch colour={props.colour} />
      <span className={cn("truncate", props.retired && "text-faint line-through")}>{props.name}</span>
    </span>
  );
}
