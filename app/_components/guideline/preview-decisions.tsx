import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Card } from "#app/_components/ui/card.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { count, plural } from "#app/_lib/format.ts";
import type { Reconsidered } from "#client/answers.ts";

/** Decisions about disputes that publishing would bring back to the queue, slide by slide; nothing where it brings none. */
export function PreviewDecisions({ projectId, found }: { readonly projectId: string; readonly found: Reconsidered }) {
  if (!found.counted || found.slides.length === 0) return null;
  const reopened = found.slides.reduce((sum, slide) => sum + slide.reopened.length, 0);
  const settled = found.slides.reduce((sum, slide) => sum + slide.settled.length, 0);
  return (
    <Card
      title="Decisions about disputes"
      description={`${plural(reopened, "decision is", "decisions are")} reopened, ${count(settled)} no longer needed; all others stand`}
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Slide</HeadCell>
            <HeadCell>Round</HeadCell>
            <HeadCell className="text-right">Reopened</HeadCell>
            <HeadCell className="text-right">No longer needed</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {found.slides.map((slide) => (
            <Row key={`${slide.roundId}-${slide.slideId}`}>
              <Cell className="whitespace-nowrap">
                <Link
                  prefetch={false}
                  href={`${projectPath(projectId, "consensus")}/${slide.roundId}/${slide.slideId}`}
                  className="font-medium hover:text-accent-ink hover:underline"
                >
                  {slide.slideName}
                </Link>
              </Cell>
              <Cell className="min-w-32 text-muted">{slide.roundName}</Cell>
              <Cell className="tabular text-right">{count(slide.reopened.length)}</Cell>
              <Cell className="tabular text-right text-muted">{count(slide.settled.length)}</Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
