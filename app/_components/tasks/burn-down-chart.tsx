import { count, hours } from "#app/_lib/format.ts";
import type { Board } from "#client/answers.ts";

const WIDTH = 560;
const HEIGHT = 150;
const MARGIN = { top: 10, right: 8, bottom: 20, left: 40 };
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const DAY_MS = 86_400_000;

/** What was left to do over time, and when the end is foreseen. */
export function BurnDownChart({ board }: { readonly board: Board }) {
  const points = board.burnDown.map(({ at, left }) => ({ at: Date.parse(at), left }));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const top = Math.max(1, ...points.map(({ left }) => left));
  const span = Math.max(1, last.at - first.at);
  const x = (at: number) => MARGIN.left + ((at - first.at) / span) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (left: number) => MARGIN.top + (1 - left / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const line = points
    .map(({ at, left }, index) => `${index === 0 ? "M" : "L"}${round(x(at))} ${round(y(left))}`)
    .join("");
  const base = round(y(0));
  const text = span > 2 * DAY_MS ? day : clock;
  return (
    <figure className="min-w-0">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="w-full"
        role="img"
        aria-label={`From ${count(first.left)} to ${count(last.left)} items left`}
      >
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line
              x1={MARGIN.left}
              x2={WIDTH - MARGIN.right}
              y1={y(top * share)}
              y2={y(top * share)}
              className="stroke-line"
              strokeDasharray={share === 0 ? undefined : "2 4"}
            />
            <text x={MARGIN.left - 8} y={y(top * share) + 3} textAnchor="end" className="fill-faint text-[10px]">
              {count(Math.round(top * share))}
            </text>
          </g>
        ))}
        <path d={`${line}L${round(x(last.at))} ${base}L${round(x(first.at))} ${base}Z`} className="fill-accent/15" />
        <path d={line} className="fill-none stroke-accent" strokeWidth={1.75} strokeLinejoin="round" />
        <circle cx={x(last.at)} cy={y(last.left)} r={3} className="fill-accent" />
        <text x={MARGIN.left} y={HEIGHT - 5} className="fill-faint text-[10px]">
          {text.format(first.at)}
        </text>
        <text x={WIDTH - MARGIN.right} y={HEIGHT - 5} textAnchor="end" className="fill-faint text-[10px]">
          now
        </text>
      </svg>
      <figcaption className="flex flex-wrap gap-x-4 gap-y-0.5 text-muted text-xs">
        <span>
          <span className="tabular font-medium text-ink">{count(board.left)}</span> left
          {board.left === 0 ? "" : `, ${hours(board.hoursLeft)}`}
        </span>
        <Foreseen board={board} />
      </figcaption>
    </figure>
  );
}

/** The end at the pace of the last week, or how much is still missing before there is one. */
function Foreseen({ board: { left, doneBy, pace } }: { readonly board: Board }) {
  if (left === 0) return null;
  if (doneBy !== null) return <span>at this pace done by {day.format(new Date(doneBy))}</span>;
  return (
    <span className="text-faint" title="An end is foreseen from the work of the last seven days">
      {pace.lately === 0
        ? "nothing was answered in the last week"
        : `too few answers yet to foresee the end: ${count(pace.lately)} of ${count(pace.least)} in a week`}
    </span>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
