import { ChartNoAxesColumn } from "lucide-react";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { area, count, percent } from "#app/_lib/format.ts";
import type { BalanceRow } from "#client/answers.ts";

type Props = { readonly rows: readonly BalanceRow[]; readonly effectiveClasses: number | null };

/** Share of the annotated area of each class against what is aimed at: rare classes are to be over-annotated. */
export function BalanceChart({ rows, effectiveClasses }: Props) {
  const top = Math.max(0.05, ...rows.map((row) => Math.max(row.share ?? 0, row.targetShare ?? 0)));
  return (
    <Card
      title="Class balance"
      description={
        effectiveClasses === null
          ? "Share of the annotated area, against the target of the guideline"
          : `Share of the annotated area against the target. As balanced as ${effectiveClasses.toFixed(1)} classes of one size, of ${rows.length}`
      }
      flush
    >
      {rows.length === 0 ? (
        <EmptyState icon={ChartNoAxesColumn} title="No classes yet">
          Publish a guideline; what is annotated of each class is compared with its target here.
        </EmptyState>
      ) : (
        <Table>
          <TableHead>
            <tr>
              <HeadCell>Class</HeadCell>
              <HeadCell className="w-[26%] min-w-28">Share of area</HeadCell>
              <HeadCell className="text-right">Share</HeadCell>
              <HeadCell className="text-right">Target</HeadCell>
              <HeadCell className="text-right">Count</HeadCell>
              <HeadCell className="text-right">Area</HeadCell>
              <HeadCell className="text-right">Slides</HeadCell>
            </tr>
          </TableHead>
          <TableBody>
            {rows.map((row) => (
              <BalanceLine key={row.classId} row={row} top={top} />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

function BalanceLine({ row, top }: { readonly row: BalanceRow; readonly top: number }) {
  const isShort = row.targetShare !== null && (row.share ?? 0) < row.targetShare;
  return (
    <Row>
      <Cell className="max-w-44">
        <ClassName name={row.name} colour={row.colour} />
      </Cell>
      <Cell>
        <ShareBar share={row.share} target={row.targetShare} colour={row.colour} top={top} />
      </Cell>
      <Cell className={`text-right ${isShort ? "font-medium text-warn-ink" : ""}`}>
        {row.share === null ? "–" : percent(row.share)}
      </Cell>
      <Cell className="text-right text-faint">{row.targetShare === null ? "–" : percent(row.targetShare)}</Cell>
      <Cell className="text-right text-muted">{count(row.count)}</Cell>
      <Cell className="whitespace-nowrap text-right text-muted">{area(row.areaUm2)}</Cell>
      <Cell className="text-right text-muted">{count(row.slides)}</Cell>
    </Row>
  );
}

function ShareBar(props: {
  readonly share: number | null;
  readonly target: number | null;
  readonly colour: string;
  readonly top: number;
}) {
  const width = (share: number) => `${(share / props.top) * 100}%`;
  return (
    <svg className="block h-4 w-full" role="img" aria-label="Share against target" preserveAspectRatio="none">
      <title>
        {`${props.share === null ? "nothing annotated" : percent(props.share)}, ${props.target === null ? "no target" : `target ${percent(props.target)}`}`}
      </title>
      <rect x="0" y="3" width="100%" height="10" rx="2" className="fill-pressed" />
      <rect x="0" y="3" width={width(props.share ?? 0)} height="10" rx="2" fill={props.colour} />
      {props.target === null ? null : (
        <line x1={width(props.target)} x2={width(props.target)} y1="0" y2="16" strokeWidth="2" className="stroke-ink" />
      )}
    </svg>
  );
}
