import Link from "next/link";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { plural } from "#app/_lib/format.ts";
import type { BoardView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { targetOf } from "./board-classes.tsx";
import { EstimateValue } from "./estimate-value.tsx";
import { type BoardScope, boardPath, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly scope: BoardScope;
};

/** Whether a new wording helped: Krippendorff's alpha of each class by the version that its reads were opened under. */
export function BoardVersions({ projectId, board, classes, scope }: Props) {
  return (
    <Card
      title="By guideline version"
      description="Krippendorff α of the reads that were opened under each version; a version leads to the board of its reads alone"
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            {board.versions.map(({ guidelineNumber, slides }) => (
              <HeadCell key={guidelineNumber} className="text-right">
                <Link
                  prefetch={false}
                  href={boardPath(projectId, { ...scope, version: guidelineNumber }, board.of)}
                  className="text-accent-ink hover:underline"
                >
                  v{guidelineNumber}
                </Link>
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
                          href={queuePath(projectId, { ...scope, class: classId, version: version.guidelineNumber })}
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
