import { Card } from "#app/_components/ui/card.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { area, count, percent } from "#app/_lib/format.ts";
import type { ConsensusView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { heat } from "./heat.ts";

type Props = { readonly consensus: ConsensusView; readonly classes: readonly ClassDefinition[] };

const NOT_MARKED = "not marked";

/** What one reader called it against what another did, over all pairs; each row adds up to the whole of its class. */
export function ConfusionMatrix({ consensus, classes }: Props) {
  const { classIds, cells } = consensus.confusion;
  const axis = [null, ...classIds].map((id) => classes.find((each) => each.id === id) ?? null);
  const size = (value: number) => (consensus.slide.mpp === null ? `${count(value)} px²` : area(value));
  return (
    <Card
      title="Confusion"
      description="Of the area that one reader gave the class of the row, the share that another gave the class of the column"
    >
      <div className="scroll-thin overflow-x-auto">
        <table className="border-separate border-spacing-0.5 text-center text-xs">
          <thead>
            <tr>
              <th aria-label="Class" />
              {axis.map((definition, column) => (
                <th
                  key={definition?.id ?? NOT_MARKED}
                  scope="col"
                  className="h-8 min-w-14 max-w-24 px-1 align-bottom font-medium"
                >
                  <span className="flex flex-col items-center gap-1">
                    {definition === null ? null : <Swatch colour={definition.colour} />}
                    <span className="line-clamp-2 leading-3.5">
                      {definition?.name ?? classIds[column - 1] ?? NOT_MARKED}
                    </span>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {axis.map((definition, row) => {
              const line = cells[row] ?? [];
              const total = line.reduce((sum, value) => sum + value, 0);
              return (
                <tr key={definition?.id ?? NOT_MARKED}>
                  <th scope="row" className="max-w-40 pr-2 text-right font-medium">
                    {definition === null ? NOT_MARKED : <ClassName name={definition.name} colour={definition.colour} />}
                  </th>
                  {axis.map((other, column) => {
                    const value = line[column] ?? 0;
                    const share = total === 0 ? 0 : value / total;
                    return (
                      <td
                        key={other?.id ?? NOT_MARKED}
                        title={size(value)}
                        className={`h-9 rounded tabular-nums ${row === column ? "font-semibold" : ""}`}
                        style={heat(share)}
                      >
                        {value === 0 ? <span className="text-faint">·</span> : percent(share)}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
