import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Card } from "#app/_components/ui/card.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { count, percent } from "#app/_lib/format.ts";
import type { BoardSlide, BoardView } from "#client/answers.ts";
import { MeasureValue } from "./measure-value.tsx";
import { queuePath } from "./queue-link.ts";

type Props = { readonly projectId: string; readonly board: BoardView };

/** Where the disagreement is: the slide that adds most to it first. */
export function BoardSlides({ projectId, board }: Props) {
  return (
    <Card
      title="By slide"
      description="The slide that adds most to the disagreement first, by area where there are classes of areas"
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Slide</HeadCell>
            <HeadCell className="w-44">Share of the disagreement</HeadCell>
            <HeadCell className="text-right">Agreement</HeadCell>
            <HeadCell className="text-right">α</HeadCell>
            <HeadCell className="text-right">AC1</HeadCell>
            <HeadCell className="text-right">Disputes to settle</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {board.slides.map((slide) => (
            <SlideLine key={`${slide.roundId}/${slide.slideId}`} projectId={projectId} slide={slide} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function SlideLine({ projectId, slide }: { readonly projectId: string; readonly slide: BoardSlide }) {
  const known = slide.overall.filter(({ percentAgreement }) => percentAgreement.value.defined);
  const shown = known.length > 0 ? known : slide.overall.slice(0, 1);
  const ask = { slide: slide.slideId, round: slide.roundId };
  const all = queuePath(projectId, { ...ask, state: "all" });
  return (
    <Row>
      <Cell className="min-w-40">
        <Link
          prefetch={false}
          href={`${projectPath(projectId, "consensus")}/${slide.roundId}/${slide.slideId}`}
          className="font-medium hover:text-accent-ink hover:underline"
        >
          {slide.slideName}
        </Link>
        <span className="block text-2xs text-faint">
          {slide.caseName} · {slide.roundName}
        </span>
      </Cell>
      <Cell>
        <Link prefetch={false} href={all} className="-m-1 flex items-center gap-2 rounded-md p-1 hover:bg-pressed">
          <Progress
            value={slide.disagreementShare}
            label={`Share of ${slide.slideName}`}
            tone="warn"
            className="flex-1"
          />
          <span className="tabular w-12 text-right text-xs">{percent(slide.disagreementShare)}</span>
        </Link>
      </Cell>
      {(["percentAgreement", "alpha", "ac1"] as const).map((metric) => (
        <Cell key={metric} className="text-right">
          {shown.map((of) => (
            <span key={of.basis} className="flex items-baseline justify-end gap-2">
              {shown.length > 1 ? (
                <span className="text-2xs text-faint">{of.basis === "regions" ? "area" : "object"}</span>
              ) : null}
              <MeasureValue
                measure={of[metric].value}
                as={metric === "percentAgreement" ? "percent" : "coefficient"}
                href={all}
              />
            </span>
          ))}
        </Cell>
      ))}
      <Cell className="text-right">
        <Link prefetch={false} href={queuePath(projectId, ask)} className="tabular text-accent-ink hover:underline">
          {count(slide.undecided)} of {count(slide.disputes)}
        </Link>
      </Cell>
    </Row>
  );
}
