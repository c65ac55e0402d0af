import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { area, count } from "#app/_lib/format.ts";
import type { TrialDetail } from "#client/answers.ts";

/** How the draft's classes were used: a class that nobody drew, or that one person alone drew, says something of its words. */
export function TrialResults(props: {
  readonly trial: TrialDetail;
  readonly results: NonNullable<TrialDetail["results"]>;
}) {
  const { trial, results } = props;
  return (
    <Card title="How the classes were used" description="By everybody who drew in this trial" flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            <HeadCell className="text-right">Outlines</HeadCell>
            <HeadCell className="text-right">Area</HeadCell>
            <HeadCell className="text-right">Slides</HeadCell>
            {results.people.map((person) => (
              <HeadCell key={person.id} className="text-right">
                <Avatar name={person.name} colour={person.colour} size="sm" />
              </HeadCell>
            ))}
            <HeadCell />
          </tr>
        </TableHead>
        <TableBody>
          {results.classes.map((use) => {
            const definition = trial.content.classes.find(({ id }) => id === use.classId);
            return definition === undefined ? null : (
              <Row key={use.classId}>
                <Cell>
                  <ClassName name={definition.name} colour={definition.colour} />
                </Cell>
                <Cell className="text-right font-medium">{count(use.outlines)}</Cell>
                <Cell className="text-right text-muted">{use.areaUm2 === null ? "no scale" : area(use.areaUm2)}</Cell>
                <Cell className="text-right text-muted">{count(use.slides)}</Cell>
                {results.people.map((person) => (
                  <Cell key={person.id} className="text-right text-muted">
                    {count(person.counts[use.classId] ?? 0)}
                  </Cell>
                ))}
                <Cell>
                  <Remark outlines={use.outlines} people={use.people} of={results.people.length} />
                </Cell>
              </Row>
            );
          })}
        </TableBody>
      </Table>
    </Card>
  );
}

function Remark({ outlines, people, of }: { readonly outlines: number; readonly people: number; readonly of: number }) {
  if (outlines === 0) return <Badge tone="warn">nobody drew it</Badge>;
  return people < of ? <Badge>{`${people} of ${of} drew it`}</Badge> : null;
}
