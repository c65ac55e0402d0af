import Link from "next/link";
import { cn } from "#app/_components/ui/class-names.ts";
import { coefficient, percent } from "#app/_lib/format.ts";
import type { Measure } from "#client/answers.ts";

/** A number between reads, or in words why there is none. */
export function MeasureValue(props: {
  readonly measure: Measure;
  readonly as?: "coefficient" | "percent";
  /** The queue of disputes behind the number. */
  readonly href?: string;
  readonly className?: string;
}) {
  const { measure, href } = props;
  if (!measure.defined) {
    return (
      <span className={cn("text-faint text-xs", props.className)} title={measure.reason}>
        not defined
        <span className="block text-2xs">{measure.reason}</span>
      </span>
    );
  }
  const text = props.as === "percent" ? percent(measure.value) : coefficient(measure.value);
  if (href === undefined) return <span className={cn("tabular", props.className)}>{text}</span>;
  return (
    <Link
      prefetch={false}
      href={href}
      className={cn("tabular -m-1 inline-block rounded-md p-1 hover:bg-pressed", props.className)}
    >
      {text}
    </Link>
  );
}
