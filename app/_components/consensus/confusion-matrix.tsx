import { Card } from "#app/_components/ui/card.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { area, count, percent } from "#app/_lib/format.ts";
import type { ConsensusView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { heat } from "./heat.ts";

type Props = { readonly consensus: ConsensusView; readonly classes: readonly ClassDefinition[] };
/** A row and a column of the matrix; the colour is null for what a reader did not mark. */
type Axis = { readonly index: number; readonly key: string; readonly name: string; readonly colour: string | null };

const NOT_MARKED = "not marked";

function axesOf({ consensus, classes }: Props): { readonly shown: readonly Axis[]; readonly empty: readonly Axis[] } {
  const { classIds, cells } = consensus.confusion;
  const named = classIds.map((id, at): Axis => {
    const definition = classes.find((each) => each.id === id);
    return { index: at + 1, key: id, name: definition?.name ?? id, colour: definition?.colour ?? "#888888" };
  });
  const isMarked = ({ index }: Axis) =>
    (cells[index] ?? []).some((value) => value > 0) || cells.some((row) => (row[index] ?? 0) > 0);
  return {
    shown: [{ index: 0, key: NOT_MARKED, name: NOT_MARKED, colour: null }, ...named.filter(isMarked)],
    empty: named.filter((axis) => !isMarked(axis)),
  };
}

/** What one reader called it against what another did, over all pairs; each row adds up to the whole of its class. */
export function ConfusionMatrix(props: Props) {
  const { shown, empty } = axesOf(props);
  return (
    <Card
      title="Confusion"
      description="Of the area that one reader gave the class of the row, the share that another gave the class of the column"
    >
      <div className="scroll-thin overflow-x-auto">
        <table className="border-separate border-spacing-0.5 text-center text-xs">
          <thead>
            <tr>
              <th>
                <span className="sr-only">Class</span>
              </th>
              {shown.map((column) => (
                <th key={column.key} scope="col" className="h-8 min-w-14 max-w-24 px-1 align-bottom font-medium">
                  <span className="flex flex-col items-center gap-1">
                    {column.colour === null ? null : <Swatch colour={column.colour} />}
                    <span className="line-clamp-2 leading-3.5">{column.name}</span>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <ConfusionRow key={row.key} row={row} columns={shown} consensus={props.consensus} />
            ))}
          </tbody>
        </table>
      </div>
      {empty.length === 0 ? null : (
        <p className="mt-3 text-faint text-xs">No reader marked {empty.map((axis) => axis.name).join(", ")}.</p>
      )}
    </Card>
  );
}

function ConfusionRow(props: {
  readonly row: Axis;
  readonly columns: readonly Axis[];
  readonly consensus: ConsensusView;
}) {
  const { row, consensus } = props;
  const line = consensus.confusion.cells[row.index] ?? [];
  const total = line.reduce((sum, value) => sum + value, 0);
  const size = (value: number) => (consensus.slide.mpp === null ? `${count(value)} px²` : area(value));
  return (
    <tr>
      <th scope="row" className="max-w-44 pr-2 text-right font-medium">
        {row.colour === null ? row.name : <ClassName name={row.name} colour={row.colour} />}
      </th>
      {props.columns.map((column) => {
        const value = line[column.index] ?? 0;
        const share = total === 0 ? 0 : value / total;
        return (
          <td
            key={column.key}
            title={size(value)}
            className={`h-9 min-w-14 rounded tabular-nums ${row.index === column.index ? "font-semibold" : ""}`}
            style={heat(share)}
          >
            {value === 0 ? <span className="text-faint">·</span> : percent(share)}
          </td>
        );
      })}
    </tr>
  );
}
