import Link from "next/link";
import { cn } from "#app/_components/ui/class-names.ts";
import { coefficient, percent } from "#app/_lib/format.ts";
import type { Estimate } from "#client/answers.ts";

type Unit = "coefficient" | "percent" | "um";

function textOf(value: number, unit: Unit): string {
  if (unit === "percent") return percent(value);
  return unit === "um" ? `${value.toFixed(1)} µm` : coefficient(value);
}

/** Its limits; where there are none a dash whose title says why, so that a small study does not say it in every cell. */
function Interval({ limits, unit }: { readonly limits: Estimate["limits"]; readonly unit: Unit }) {
  const style = "tabular whitespace-nowrap text-2xs text-faint";
  if (limits.defined)
    return <span className={style}>{`${textOf(limits.low, unit)} – ${textOf(limits.high, unit)}`}</span>;
  return (
    <span className={style} title={`No interval: ${limits.reason}`}>
      –
    </span>
  );
}

/** A number over several slides with its 95 % interval, or in words why the number is not defined. */
export function EstimateValue(props: {
  readonly estimate: Estimate;
  readonly as?: Unit;
  /** A tick at what is aimed at; below it the number is shown as too low. */
  readonly target?: number | null;
  readonly bar?: boolean;
  /** The queue of disputes behind the number. */
  readonly href?: string;
  readonly className?: string;
}) {
  const { estimate, as = "coefficient", target = null } = props;
  const { value } = estimate;
  if (!value.defined) {
    return <span className={cn("text-faint text-xs", props.className)}>{value.reason}</span>;
  }
  const isLow = target !== null && value.value < target;
  const shown = (
    <>
      <span className={cn("tabular font-medium", isLow && "text-bad-ink")}>
        {textOf(value.value, as)}
        {isLow ? <span className="sr-only"> (below the target of {target.toFixed(2)})</span> : null}
      </span>
      {props.bar === true && as !== "um" ? <IntervalBar estimate={estimate} target={target} /> : null}
      <Interval limits={estimate.limits} unit={as} />
    </>
  );
  const style = cn("inline-flex flex-col items-end gap-0.5", props.className);
  if (props.href === undefined) return <span className={style}>{shown}</span>;
  return (
    <Link prefetch={false} href={props.href} className={cn(style, "-m-1 rounded-md p-1 hover:bg-pressed")}>
      {shown}
    </Link>
  );
}

/** From 0 to 1: the interval as a band, the number as a dot, the target as a tick. */
function IntervalBar({ estimate, target }: { readonly estimate: Estimate; readonly target: number | null }) {
  const { value, limits } = estimate;
  const at = (share: number) => `${Math.min(100, Math.max(0, share * 100))}%`;
  return (
    <span aria-hidden className="relative block h-1.5 w-24 rounded-full bg-pressed">
      {limits.defined ? (
        <span
          className="absolute inset-y-0 rounded-full bg-heat"
          style={{ left: at(limits.low), right: at(1 - limits.high), backgroundColor: "var(--heat)" }}
        />
      ) : null}
      {value.defined ? (
        <span
          className="absolute top-1/2 size-2 -translate-x-1/2 -translate-y-1/2 rounded-full border border-panel bg-accent"
          style={{ left: at(value.value) }}
        />
      ) : null}
      {target === null ? null : <span className="absolute -inset-y-0.5 w-px bg-ink" style={{ left: at(target) }} />}
    </span>
  );
}
