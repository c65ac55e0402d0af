import { cn } from "./class-names.ts";
import { inkOn } from "./ink.ts";

/** First letters of the first and the last word of a name. */
function initials(name: string): string {
  const words = name
    .replace(/^(dr|prof)\.?\s+/i, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  const first = words.at(0)?.at(0) ?? "?";
  const last = words.length > 1 ? (words.at(-1)?.at(0) ?? "") : "";
  return (first + last).toUpperCase();
}

export function Avatar(props: {
  readonly name: string;
  readonly colour: string;
  readonly size?: "sm" | "md" | "lg";
  readonly className?: string;
}) {
  const size = { sm: "size-5 text-[9px]", md: "size-6 text-[10px]", lg: "size-9 text-sm" }[props.size ?? "md"];
  return (
    <span
      role="img"
      aria-label={props.name}
      title={props.name}
      className={cn("inline-grid shrink-0 place-items-center rounded-full font-semibold", size, props.className)}
      style={{ backgroundColor: props.colour, color: inkOn(props.colour) }}
    >
      {initials(props.name)}
    </span>
  );
}

/** A person's mark and name on one line. */
export function PersonName(props: {
  readonly name: string;
  readonly colour: string;
  /** Said in place of the name, for oneself. */
  readonly label?: string;
  readonly className?: string;
}) {
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1.5", props.className)}>
      <Avatar name={props.name} colour={props.colour} size="sm" />
      <span className="truncate">{props.label ?? props.name}</span>
    </span>
  );
}
