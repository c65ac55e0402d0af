import Link from "next/link";
import { Card } from "#app/_components/ui/card.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { count } from "#app/_lib/format.ts";
import type { RecordDifferences } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { queuePath } from "./queue-link.ts";
import { SaidClass } from "./said-class.tsx";

type Props = {
  readonly projectId: string;
  readonly found: RecordDifferences;
  readonly classes: readonly ClassDefinition[];
  /** Whose reads, as a sentence begins with it: "You", or a name. */
  readonly who: string;
};

/** How a reader's word stands beside the record, in disputed places of each class. */
export function RecordClasses({ projectId, found, classes, who }: Props) {
  const { compared, differing, undecided } = found;
  return (
    <Card
      title="By class"
      description={`In ${count(compared)} disputed places the record says something; in ${count(differing)} of them something else. ${count(undecided)} more are still to be decided`}
      flush
    >
      {found.classes.length === 0 ? null : (
        <Table>
          <TableHead>
            <tr>
              <HeadCell>Class</HeadCell>
              <HeadCell className="text-right">As the record says</HeadCell>
              <HeadCell className="text-right">{who} alone</HeadCell>
              <HeadCell className="text-right">The record alone</HeadCell>
            </tr>
          </TableHead>
          <TableBody>
            {found.classes.map(({ classId, same, onlyRead, onlyRecord }) => {
              const ask = { round: found.round.id, differs: found.reader.id, class: classId, state: "all" as const };
              const href = queuePath(projectId, ask);
              return (
                <Row key={classId}>
                  <Cell className="max-w-56">
                    <SaidClass classId={classId} classes={classes} />
                  </Cell>
                  <Places count={same} />
                  <Places count={onlyRead} href={href} />
                  <Places count={onlyRecord} href={href} />
                </Row>
              );
            })}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

/** @param href the places of the class at which the record says something else */
function Places({ count: places, href }: { readonly count: number; readonly href?: string }) {
  if (places === 0 || href === undefined) {
    return <Cell className={`tabular text-right ${places === 0 ? "text-faint" : ""}`}>{count(places)}</Cell>;
  }
  return (
    <Cell className="tabular text-right">
      <Link prefetch={false} href={href} className="-m-1 inline-block rounded-md p-1 hover:bg-pressed">
        {count(places)}
      </Link>
    </Cell>
  );
}
