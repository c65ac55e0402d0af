import Link from "next/link";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { percent } from "#app/_lib/format.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { heat } from "./heat.ts";

type Props = {
  /** Row and column 0 are "not marked", then these. */
  readonly classIds: readonly string[];
  readonly cells: readonly (readonly number[])[];
  readonly classes: readonly ClassDefinition[];
  /** How much a cell holds, in words. */
  readonly sizeText: (value: number) => string;
  /** Where a cell in which two differ leads to; `none` is "not marked". */
  readonly hrefOf: (row: string, column: string) => string;
  /** What is counted, where there are several tables; null where that is clear. */
  readonly caption?: string | null;
};
/** A row and a column; the colour is null for what a reader did not mark. */
type Axis = { readonly index: number; readonly id: string; readonly name: string; readonly colour: string | null };

function axesOf({ classIds, cells, classes }: Props): {
  readonly shown: readonly Axis[];
  readonly empty: readonly Axis[];
} {
  const named = classIds.map((id, at): Axis => {
    const definition = classes.find((each) => each.id === id);
    return { index: at + 1, id, name: definition?.name ?? id, colour: definition?.colour ?? "#888888" };
  });
  const isMarked = ({ index }: Axis) =>
    (cells[index] ?? []).some((value) => value > 0) || cells.some((row) => (row[index] ?? 0) > 0);
  return {
    shown: [{ index: 0, id: "none", name: "not marked", colour: null }, ...named.filter(isMarked)],
    empty: named.filter((axis) => !isMarked(axis)),
  };
}

/** Of what the row says, the share that the column says: each row adds up to the whole of its class. */
export function ConfusionTable(props: Props) {
  const { shown, empty } = axesOf(props);
  return (
    <div>
      {props.caption == null ? null : <p className="mb-1 font-medium text-muted text-xs">{props.caption}</p>}
      <div className="scroll-thin scroll-more relative overflow-x-auto">
        <table className="border-separate border-spacing-0.5 text-center text-xs" data-testid="confusion">
          <thead>
            <tr>
              <th>
                <span className="sr-only">Class</span>
              </th>
              {shown.map((column) => (
                <th key={column.id} scope="col" className="h-8 min-w-14 max-w-24 px-1 align-bottom font-medium">
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
              <ConfusionRow key={row.id} {...props} row={row} columns={shown} />
            ))}
          </tbody>
        </table>
      </div>
      {empty.length === 0 ? null : (
        <p className="mt-3 text-faint text-xs">No reader marked {empty.map(({ name }) => name).join(", ")}.</p>
      )}
    </div>
  );
}

function ConfusionRow(props: Props & { readonly row: Axis; readonly columns: readonly Axis[] }) {
  const { row, cells } = props;
  const line = cells[row.index] ?? [];
  const total = line.reduce((sum, value) => sum + value, 0);
  return (
    <tr>
      <th scope="row" className="max-w-44 pr-2 text-right font-medium">
        {row.colour === null ? row.name : <ClassName name={row.name} colour={row.colour} />}
      </th>
      {props.columns.map((column) => {
        const value = line[column.index] ?? 0;
        const share = total === 0 ? 0 : value / total;
        const text = value === 0 ? "·" : percent(share);
        return (
          <td
            key={column.id}
            title={props.sizeText(value)}
            className={`h-9 min-w-14 rounded tabular-nums ${row.index === column.index ? "font-semibold" : ""}`}
            style={heat(share)}
          >
            {row.index !== column.index && value > 0 ? (
              <Link
                prefetch={false}
                href={props.hrefOf(row.id, column.id)}
                aria-label={`${row.name} against ${column.name}: ${text}`}
                className="flex size-full items-center justify-center rounded hover:outline hover:outline-2 hover:outline-accent"
              >
                {text}
              </Link>
            ) : (
              <span className={value === 0 ? "text-faint" : ""}>{text}</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
