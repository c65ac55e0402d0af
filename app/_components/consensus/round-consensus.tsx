import { GitCompareArrows } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import {
  ActionsCell,
  ActionsHead,
  Cell,
  HeadCell,
  Row,
  Table,
  TableBody,
  TableHead,
} from "#app/_components/ui/table.tsx";
import { count, plural } from "#app/_lib/format.ts";
import type { ConsensusSlide } from "#client/answers.ts";
import { MeasureValue } from "./measure-value.tsx";
import { differencesPath, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly slides: readonly ConsensusSlide[];
  /** Whether there is a list of reads beside the record for whoever looks. */
  readonly beside: boolean;
};

const FEWEST_READS = 2;

/** The slides of one round with how well their readers agree and what is left to decide. */
export function RoundConsensus({ projectId, slides, beside }: Props) {
  const [first] = slides;
  const undecided = slides.reduce((sum, slide) => sum + (slide.undecided ?? 0), 0);
  return (
    <Card
      title={first?.roundName ?? ""}
      actions={
        beside && first !== undefined ? (
          <Button asChild size="sm">
            <Link prefetch={false} href={differencesPath(projectId, first.roundId)}>
              <GitCompareArrows aria-hidden /> Reads beside the record
            </Link>
          </Button>
        ) : null
      }
      description={undecided === 0 ? plural(slides.length, "slide") : `${plural(undecided, "dispute")} to settle`}
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Slide</HeadCell>
            <HeadCell>Reads submitted</HeadCell>
            <HeadCell className="text-right">Agreement</HeadCell>
            <HeadCell className="text-right">Krippendorff α</HeadCell>
            <HeadCell className="w-56">Disputes settled</HeadCell>
            <ActionsHead />
          </tr>
        </TableHead>
        <TableBody>
          {slides.map((slide) => (
            <SlideLine key={slide.slideId} projectId={projectId} slide={slide} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function SlideLine({ projectId, slide }: { readonly projectId: string; readonly slide: ConsensusSlide }) {
  const href = `${projectPath(projectId, "consensus")}/${slide.roundId}/${slide.slideId}`;
  const queue = queuePath(projectId, { round: slide.roundId, slide: slide.slideId, state: "all" });
  const isReady = slide.readsSubmitted >= FEWEST_READS;
  return (
    <Row>
      <Cell className="min-w-28 font-medium">
        {isReady ? (
          <Link prefetch={false} href={href} className="hover:text-accent-ink hover:underline">
            {slide.slideName}
          </Link>
        ) : (
          slide.slideName
        )}
      </Cell>
      <Cell className="text-muted tabular-nums">
        {count(slide.readsSubmitted)} of {count(slide.readsTotal)}
      </Cell>
      <Cell className="text-right">
        {slide.percentAgreement === null ? (
          <Dash />
        ) : (
          <MeasureValue measure={slide.percentAgreement} as="percent" href={queue} />
        )}
      </Cell>
      <Cell className="text-right">
        {slide.alpha === null ? <Dash /> : <MeasureValue measure={slide.alpha} href={queue} />}
      </Cell>
      <Cell>
        <Settled slide={slide} href={queue} />
      </Cell>
      <ActionsCell>
        {isReady ? (
          <Button asChild size="sm">
            <Link prefetch={false} href={href}>
              {slide.disputes === null ? "Compute" : "Open"}
            </Link>
          </Button>
        ) : (
          <span className="text-faint text-xs">needs two reads</span>
        )}
      </ActionsCell>
    </Row>
  );
}

function Settled({ slide, href }: { readonly slide: ConsensusSlide; readonly href: string }) {
  if (slide.disputes === null || slide.undecided === null)
    return <span className="text-faint text-xs">not computed yet</span>;
  if (slide.disputes === 0) return <Badge tone="good">no dispute</Badge>;
  return (
    <Link prefetch={false} href={href} className="-m-1 flex items-center gap-2 rounded-md p-1 hover:bg-pressed">
      <Progress
        value={(slide.disputes - slide.undecided) / slide.disputes}
        label={`Disputes of ${slide.slideName} settled`}
        tone={slide.undecided === 0 ? "good" : "warn"}
      />
      <span className="tabular whitespace-nowrap text-faint text-xs">
        {count(slide.disputes - slide.undecided)} / {count(slide.disputes)}
      </span>
    </Link>
  );
}

function Dash() {
  return <span className="text-faint">–</span>;
}
