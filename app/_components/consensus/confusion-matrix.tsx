import { Card } from "#app/_components/ui/card.tsx";
import { area, count } from "#app/_lib/format.ts";
import type { ConsensusView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { ConfusionTable } from "./confusion-table.tsx";
import { queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly consensus: ConsensusView;
  readonly classes: readonly ClassDefinition[];
};

/** What one reader of a slide called it against what another did, over all pairs. */
export function ConfusionMatrix({ projectId, consensus, classes }: Props) {
  const { roundId, slide, confusion } = consensus;
  return (
    <Card
      title="Confusion"
      description="Of the area that one reader gave the class of the row, the share that another gave the class of the column"
    >
      <ConfusionTable
        classIds={confusion.classIds}
        cells={confusion.cells}
        classes={classes}
        sizeText={(value) => (slide.mpp === null ? `${count(value)} px²` : area(value))}
        hrefOf={(x, y) => queuePath(projectId, { round: roundId, slide: slide.id, x, y, state: "all" })}
      />
    </Card>
  );
}
