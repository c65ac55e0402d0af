import { bandDash } from "#client/vote-bands.ts";
import type { Bands } from "./consensus-scene.ts";
import { useVisit } from "./session.tsx";

/** What the bands on the slide stand for: each with its line, and of which class they are. */
export function BandLegend(props: {
  readonly kind: "votes" | "staple";
  readonly shown: Bands;
  readonly reads: number;
  /** The dispute is about a single object, which is voted on as a whole. */
  readonly isObject: boolean;
}) {
  const { kind, shown, reads, isObject } = props;
  const { guideline } = useVisit().session.workbench;
  const { bands, classId, colour, probability } = shown;
  if (classId === null) return null;
  const levelText = (level: number) => (kind === "votes" ? `${level} of ${reads}` : `≥ ${level}`);
  return (
    <div data-testid="band-legend" className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="max-w-40 truncate font-medium text-ink">{guideline.byId.get(classId)?.name ?? classId}</span>
        {(bands ?? []).map(({ level }, place, all) => (
          <span key={level} className="tabular inline-flex items-center gap-1.5 whitespace-nowrap" data-level={level}>
            <BandLine colour={colour} dash={bandDash(place, all.length)} isLast={place === all.length - 1} />
            {levelText(level)}
          </span>
        ))}
      </p>
      <p className="text-faint text-2xs">{sentenceOf(kind, bands, isObject)}</p>
      {probability === null ? null : (
        <p className="text-2xs">
          At this place its probability is{" "}
          <strong className="tabular font-medium text-ink" data-testid="staple-probability">
            {probability.toFixed(2)}
          </strong>
          .
        </p>
      )}
    </div>
  );
}

function sentenceOf(kind: "votes" | "staple", bands: Bands["bands"], isObject: boolean): string {
  if (bands === null) return "Too many outlines meet here to be told apart as bands.";
  if (kind === "votes") return bands.length === 0 ? "No read marks it here." : "Where so many reads or more mark it.";
  if (bands.length === 0) {
    return isObject ? "No outline here is of an object as probable as 0.5." : "Nowhere here is it as probable as 0.5.";
  }
  if (isObject) {
    return "An object is voted on as a whole: each lies within the lines of what it is so probable as. A view, never the record.";
  }
  return "Where it is so probable, each reader weighed by how far they fit the others. A view, never the record.";
}

function BandLine(props: { readonly colour: string; readonly dash: readonly number[]; readonly isLast: boolean }) {
  return (
    <svg aria-hidden width="22" height="8" className="shrink-0">
      <line
        x1="0"
        y1="4"
        x2="22"
        y2="4"
        stroke={props.colour}
        strokeWidth={props.isLast ? 2.5 : 1.5}
        strokeDasharray={props.dash.join(" ")}
      />
    </svg>
  );
}
