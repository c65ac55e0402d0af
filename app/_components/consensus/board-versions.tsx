import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { plural } from "#app/_lib/format.ts";
import type { BoardView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { targetOf } from "./board-classes.tsx";
import { EstimateValue } from "./estimate-value.tsx";
import { queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly round: string | undefined;
};

/** Whether a new wording helped: Krippendorff's alpha of each class by the version that its reads were opened under. */
export function BoardVersions({ projectId, board, classes, round }: Props) {
  return (
    <Card
      title="By guideline version"
      description="Krippendorff α of the reads that were opened under each version"
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            {board.versions.map(({ guidelineNumber, slides }) => (
              <HeadCell key={guidelineNumber} className="text-right">
                v{guidelineNumber}
                <span className="block font-normal text-2xs text-faint">{plural(slides, "slide")}</span>
              </HeadCell>
            ))}
          </tr>
        </TableHead>
        <TableBody>
          {board.classes.map(({ classId }) => {
            const definition = classes.find((each) => each.id === classId);
            return (
              <Row key={classId}>
                <Cell className="max-w-56">
                  <ClassName name={definition?.name ?? classId} colour={definition?.colour ?? "#888888"} />
                </Cell>
                {board.versions.map((version) => {
                  const own = version.classes.find((each) => each.classId === classId);
                  return (
                    <Cell key={version.guidelineNumber} className="text-right">
                      {own === undefined ? (
                        "–"
                      ) : (
                        <EstimateValue
                          estimate={own.alpha}
                          target={targetOf(board, "alpha")}
                          bar
                          href={queuePath(projectId, { class: classId, version: version.guidelineNumber, round })}
                        />
                      )}
                    </Cell>
                  );
                })}
              </Row>
            );
          })}
        </TableBody>
      </Table>
    </Card>
  );
}
