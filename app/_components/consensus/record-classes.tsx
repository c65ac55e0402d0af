import { Card } from "#app/_components/ui/card.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { count } from "#app/_lib/format.ts";
import type { RecordDifferences } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { SaidClass } from "./said-class.tsx";

type Props = {
  readonly found: RecordDifferences;
  readonly classes: readonly ClassDefinition[];
  /** Whose reads, as a sentence begins with it: "You", or a name. */
  readonly who: string;
};

/** How a reader's word stands beside the record, in disputed places of each class. */
export function RecordClasses({ found, classes, who }: Props) {
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
            {found.classes.map(({ classId, same, onlyRead, onlyRecord }) => (
              <Row key={classId}>
                <Cell className="max-w-56">
                  <SaidClass classId={classId} classes={classes} />
                </Cell>
                {[same, onlyRead, onlyRecord].map((places, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: reason: three columns that never change places.
                  <Cell key={index} className={places === 0 ? "tabular text-right text-faint" : "tabular text-right"}>
                    {count(places)}
                  </Cell>
                ))}
              </Row>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}
