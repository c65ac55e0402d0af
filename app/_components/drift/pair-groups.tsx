import { Badge } from "#app/_components/ui/badge.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { coefficient, plural } from "#app/_lib/format.ts";
import type { Drift, DriftEstimate, PairGroup } from "#client/answers.ts";
import { limitsText, versionsText } from "./drift-words.ts";

type Named = { readonly key: string; readonly who: string; readonly group: PairGroup };

/** Agreement of two reads of the same tissue, class by class, apart for every pair of guideline versions. */
export function PairGroups(props: {
  readonly groups: readonly Named[];
  readonly classes: Drift["classes"];
  readonly caption: string;
  readonly unit: string;
}) {
  const { groups, classes, caption, unit } = props;
  return (
    <div className="flex flex-col gap-5">
      {groups.map(({ key, who, group }) => (
        <section key={key}>
          <h3 className="mb-1 flex flex-wrap items-baseline gap-x-2 px-4 font-medium text-sm">
            {who}
            <span className="font-normal text-muted text-xs">
              {versionsText(group.from, group.to)} · {plural(group.pairs, unit)}
            </span>
          </h3>
          <Table aria-label={`${caption}, ${who}, ${versionsText(group.from, group.to)}`}>
            <TableHead>
              <tr>
                <HeadCell className="w-40 xl:w-56">Class</HeadCell>
                <HeadCell>Overlap (Dice)</HeadCell>
                <HeadCell>Beyond chance (kappa)</HeadCell>
              </tr>
            </TableHead>
            <TableBody>
              {group.classes.map(({ classId, comparable, dice, kappa }) => {
                const definition = classes.find(({ id }) => id === classId);
                return (
                  <Row key={classId}>
                    <Cell>
                      <span className="flex flex-wrap items-center gap-2">
                        <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#868e96"} />
                        {comparable ? null : <Badge tone="warn">changed in between</Badge>}
                      </span>
                    </Cell>
                    <Cell>
                      <EstimateBar estimate={dice} muted={!comparable} />
                    </Cell>
                    <Cell>
                      <EstimateBar estimate={kappa} muted={!comparable} />
                    </Cell>
                  </Row>
                );
              })}
              <Row>
                <Cell className="font-medium">All classes</Cell>
                <Cell />
                <Cell>
                  <EstimateBar estimate={group.overall} muted={group.classes.some(({ comparable }) => !comparable)} />
                </Cell>
              </Row>
            </TableBody>
          </Table>
          {group.classes.every(({ comparable }) => comparable) ? null : (
            <p className="mt-1 px-4 text-faint text-xs">
              Where a class changed between the two versions, the number measures the new wording and not only the
              reader.
            </p>
          )}
        </section>
      ))}
    </div>
  );
}

function EstimateBar({ estimate, muted }: { readonly estimate: DriftEstimate; readonly muted: boolean }) {
  const { value, limits } = estimate;
  if (!value.defined) return <span className="text-faint text-xs">{value.reason}</span>;
  const at = (share: number) => `${Math.max(0, Math.min(1, share)) * 100}%`;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <span aria-hidden className="relative h-2 w-28 shrink-0 rounded-full bg-pressed">
        <span
          className={`absolute inset-y-0 left-0 rounded-full ${muted ? "bg-faint" : "bg-accent"}`}
          style={{ width: at(value.value) }}
        />
        {limits.defined ? (
          <span
            className="absolute -inset-y-0.5 rounded border border-ink/50"
            style={{ left: at(limits.low), right: `calc(100% - ${at(limits.high)})` }}
          />
        ) : null}
      </span>
      <span>
        <span className="tabular font-medium">{coefficient(value.value)}</span>
        <span className="tabular block whitespace-nowrap text-faint text-xs">{limitsText(estimate, coefficient)}</span>
      </span>
    </span>
  );
}
