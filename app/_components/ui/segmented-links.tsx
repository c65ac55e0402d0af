import Link from "next/link";
import { cn } from "./class-names.ts";

/** A few views of a page of which one is on; each has an address of its own. */
export function SegmentedLinks<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly href: string }[];
}) {
  return (
    <nav
      aria-label={props.label}
      className="inline-flex h-8 shrink-0 items-center gap-0.5 rounded-md border bg-sunken p-0.5"
    >
      {props.options.map(({ value, label, href }) => (
        <Link
          key={value}
          href={href}
          prefetch={false}
          scroll={false}
          aria-current={props.value === value ? "true" : undefined}
          className={cn(
            "flex h-full items-center whitespace-nowrap rounded-[5px] border border-transparent px-2.5 font-medium text-xs",
            props.value === value ? "border-line bg-panel text-ink shadow-soft" : "text-muted hover:text-ink",
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
