"use client";

import { useState } from "react";
import { Card } from "#app/_components/ui/card.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { BoardView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { EstimateValue } from "./estimate-value.tsx";
import { type BoardScope, queuePath } from "./queue-link.ts";
import { ReaderName } from "./reader-name.tsx";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly scope: BoardScope;
};
type Which = "f1" | "precision" | "recall";

const WHICH = [
  { value: "f1", label: "F1" },
  { value: "precision", label: "Precision" },
  { value: "recall", label: "Recall" },
] as const;
const MEANS: Readonly<Record<Which, string>> = {
  f1: "F1 of each reader and class, the consensus being the truth",
  precision: "Of what the reader says, the share that the consensus says too",
  recall: "Of what the consensus says, the share that the reader says too",
};

/** How each reader does where the consensus is the truth; a number leads to where the reader says something else. */
export function BoardAgainst({ projectId, board, classes, scope }: Props) {
  const [which, setWhich] = useState<Which>("f1");
  const shown = board.classes.filter(({ against }) => against.some(({ f1 }) => f1.value.defined));
  return (
    <Card
      title="Readers against the consensus"
      description={`${MEANS[which]}. The reader's own vote is in the consensus, so this flatters`}
      actions={<Segmented label="Number" value={which} onValueChange={setWhich} options={WHICH} />}
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            {board.readers.map((reader) => (
              <HeadCell key={reader.label} className="text-right">
                <ReaderName reader={reader} withName />
              </HeadCell>
            ))}
          </tr>
        </TableHead>
        <TableBody>
          {shown.map(({ classId, against }) => {
            const definition = classes.find((each) => each.id === classId);
            return (
              <Row key={classId}>
                <Cell className="max-w-56">
                  <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#888888"} />
                </Cell>
                {board.readers.map((reader, b) => (
                  <Cell key={reader.label} className="text-right">
                    <Against
                      numbers={against[b]}
                      which={which}
                      href={queuePath(projectId, { b, class: classId, ...scope, state: "all" })}
                    />
                  </Cell>
                ))}
              </Row>
            );
          })}
        </TableBody>
      </Table>
    </Card>
  );
}

function Against(props: {
  readonly numbers: BoardView["classes"][number]["against"][number] | undefined;
  readonly which: Which;
  readonly href: string;
}) {
  const { numbers, which, href } = props;
  return numbers === undefined ? "–" : <EstimateValue estimate={numbers[which]} bar href={href} />;
}
