import { cn } from "#app/_components/ui/class-names.ts";
import { percent } from "#app/_lib/format.ts";
import type { Measure } from "#client/answers.ts";

/** A number between reads, or in words why there is none. */
export function MeasureValue(props: {
  readonly measure: Measure;
  readonly as?: "coefficient" | "percent";
  readonly className?: string;
}) {
  const { measure } = props;
  if (!measure.defined) {
    return (
      <span className={cn("text-faint text-xs", props.className)} title={measure.reason}>
        not defined
        <span className="block text-2xs">{measure.reason}</span>
      </span>
    );
  }
  return (
    <span className={cn("tabular", props.className)}>
      {props.as === "percent" ? percent(measure.value) : measure.value.toFixed(2)}
    </span>
  );
}
