import Link from "next/link";
import { Card } from "#app/_components/ui/card.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { REASON_WORDS } from "#app/_components/viewer/reason-words.ts";
import { count } from "#app/_lib/format.ts";
import type { ClassReasons } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { reasonCodeSchema } from "#domain/task.ts";
import { queuePath } from "./queue-link.ts";
import { SaidClass } from "./said-class.tsx";

/** Why disputes of each class had to be decided. */
export function ReasonCounts(props: {
  readonly projectId: string;
  readonly found: readonly ClassReasons[];
  readonly classes: readonly ClassDefinition[];
}) {
  const { projectId, found, classes } = props;
  if (found.length === 0) return null;
  const named = new Set(found.flatMap(({ reasons }) => reasons.map(({ reason }) => reason)));
  const codes = reasonCodeSchema.options.filter((code) => named.has(code));
  return (
    <Card
      title="Reasons of decisions, class by class"
      description="What adjudicators gave as the reason, for each class that a reader named at the dispute; a dispute between two classes counts for both"
      flush
    >
      <Table data-testid="reason-counts">
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            {codes.map((code) => (
              <HeadCell key={code} className="text-right">
                {REASON_WORDS[code]}
              </HeadCell>
            ))}
            <HeadCell className="text-right">Decisions</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {found.map(({ classId, decisions, reasons }) => (
            <Row key={classId}>
              <Cell className="max-w-56">
                <Link prefetch={false} href={queuePath(projectId, { class: classId, state: "all" })}>
                  <SaidClass classId={classId} classes={classes} />
                </Link>
              </Cell>
              {codes.map((code) => (
                <ReasonCell key={code} decisions={reasons.find(({ reason }) => reason === code)?.decisions ?? 0} />
              ))}
              <Cell className="tabular text-right font-medium">{count(decisions)}</Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function ReasonCell({ decisions }: { readonly decisions: number }) {
  return <Cell className={`tabular text-right ${decisions === 0 ? "text-faint" : ""}`}>{count(decisions)}</Cell>;
}
