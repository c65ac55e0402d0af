import { percent } from "#app/_lib/format.ts";
import { type ChartPoint, changeSentences, versionMarks } from "./use-series.ts";

const WIDTH = 320;
const HEIGHT = 112;
const LEFT = 34;
const RIGHT = 8;
const TOP = 14;
const BOTTOM = 16;

/** The share of one class, point by point: the reader as a line, the others as a dashed one, changes and versions marked. */
export function UseChart(props: {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly ChartPoint[];
}) {
  const { name, colour, points } = props;
  const top = niceTop(Math.max(...points.flatMap(({ share, others }) => [share, others ?? 0]), 0.01));
  const x = (place: number) =>
    LEFT + (points.length === 1 ? 0.5 : place / (points.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share / top) * (HEIGHT - TOP - BOTTOM);
  const sentences = changeSentences(points, name);
  const last = points.at(-1);
  const label = `${name}: ${percent(last?.share ?? 0)} in the last of ${points.length}. ${sentences.join(" ") || "No change found."}`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className="w-full">
      <title>{label}</title>
      {[0, top / 2, top].map((share) => (
        <g key={share}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} className="stroke-line" strokeWidth={1} />
          <text x={LEFT - 5} y={y(share) + 3} textAnchor="end" className="fill-faint" fontSize={9}>
            {Math.round(share * 100)} %
          </text>
        </g>
      ))}
      {versionMarks(points).map(({ place, number }) => {
        const at = (x(place) + x(place - 1)) / 2;
        return (
          <g key={place}>
            <line
              x1={at}
              x2={at}
              y1={TOP - 4}
              y2={HEIGHT - BOTTOM}
              className="stroke-line-strong"
              strokeWidth={1}
              strokeDasharray="2 2"
            />
            <text x={at + 3} y={TOP - 5} className="fill-muted" fontSize={9}>
              v{number}
            </text>
          </g>
        );
      })}
      {othersPaths(points, x, y).map((path) => (
        <path key={path} d={path} fill="none" className="stroke-faint" strokeWidth={1.25} strokeDasharray="4 3" />
      ))}
      <path
        d={points.map(({ share }, place) => `${place === 0 ? "M" : "L"}${x(place)} ${y(share)}`).join("")}
        fill="none"
        stroke={colour}
        strokeWidth={1.75}
      />
      {points.map(({ share, label: at, change }, place) => (
        <g key={`${at}-${x(place)}`}>
          {change === null ? null : (
            <circle cx={x(place)} cy={y(share)} r={7} fill="none" className="stroke-warn" strokeWidth={1.75} />
          )}
          <circle cx={x(place)} cy={y(share)} r={2.6} fill={colour} className="stroke-panel" strokeWidth={1}>
            <title>{`${at}: ${percent(share)}`}</title>
          </circle>
        </g>
      ))}
    </svg>
  );
}

/** Where nobody else read a slide, the dashed line has a gap. */
function othersPaths(
  points: readonly ChartPoint[],
  x: (place: number) => number,
  y: (share: number) => number,
): string[] {
  const paths: string[] = [];
  let path = "";
  for (const [place, { others }] of points.entries()) {
    if (others === null) {
      if (path !== "") paths.push(path);
      path = "";
    } else path += `${path === "" ? "M" : "L"}${x(place)} ${y(others)}`;
  }
  return path === "" ? paths : [...paths, path];
}

function niceTop(share: number): number {
  return [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1].find((step) => share <= step) ?? 1;
}
