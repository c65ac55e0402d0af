import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Qualification } from "#client/answers.ts";

type OfClass = Qualification["classes"][number];
type Reader = OfClass["readers"][number];

const STATES: Readonly<Record<Reader["state"], { readonly label: string; readonly tone: Tone }>> = {
  passed: { label: "passed", tone: "good" },
  failed: { label: "not passed yet", tone: "bad" },
  trying: { label: "in the test", tone: "accent" },
  waiting: { label: "not tried", tone: "neutral" },
};

/** Who has shown that they can tell a class as it is now, and what the others drew of it meanwhile. */
export function ReaderList({ of }: { readonly of: OfClass }) {
  const passed = of.readers.filter(({ state }) => state === "passed").length;
  return (
    <Card
      title={<ClassName name={of.name} colour={of.colour} />}
      description={`Redefined in version ${of.version}: ${passed} of ${plural(of.readers.length, "reader")} passed`}
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Reader</HeadCell>
            <HeadCell>State</HeadCell>
            <HeadCell>Last attempt</HeadCell>
            <HeadCell>Drawn meanwhile</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {of.readers.map((reader) => (
            <Row key={reader.person.id} data-testid="qualified-reader">
              <Cell>
                <PersonName name={reader.person.name} colour={reader.person.colour} />
              </Cell>
              <Cell>
                <Badge tone={STATES[reader.state].tone}>
                  {reader.state === "waiting" && !reader.ready ? "nothing to ask yet" : STATES[reader.state].label}
                </Badge>
              </Cell>
              <Cell className="text-muted">
                {reader.last === null ? (
                  <span className="text-faint">–</span>
                ) : (
                  <>
                    {reader.last.right} of {reader.last.total} right, <Time at={reader.last.at} />
                  </>
                )}
              </Cell>
              <Cell>
                {reader.flagged === 0 ? (
                  <span className="text-faint">–</span>
                ) : (
                  <Badge tone="warn">{plural(reader.flagged, "outline")}</Badge>
                )}
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
