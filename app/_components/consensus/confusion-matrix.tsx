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

/** What one reader of a slide called it against what another did, over all pairs: of areas, and of single objects. */
export function ConfusionMatrix({ projectId, consensus, classes }: Props) {
  const { roundId, slide, confusion, objects } = consensus;
  const shared = {
    classes,
    hrefOf: (x: string, y: string) => queuePath(projectId, { round: roundId, slide: slide.id, x, y, state: "all" }),
  };
  return (
    <Card
      title="Confusion"
      description="Of what one reader gave the class of the row, the share that another gave the class of the column"
    >
      <div className="flex flex-col gap-5">
        {confusion.classIds.length === 0 ? null : (
          <ConfusionTable
            {...shared}
            {...confusion}
            caption={objects === null ? null : "By area"}
            sizeText={(value) => (slide.mpp === null ? `${count(value)} px²` : area(value))}
          />
        )}
        {objects === null ? null : (
          <ConfusionTable
            {...shared}
            {...objects.confusion}
            caption={confusion.classIds.length === 0 ? null : "By object"}
            sizeText={(value) => `${value < 10 ? value.toFixed(1) : count(value)} objects on average`}
          />
        )}
      </div>
    </Card>
  );
}
