import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { area, percent, plural } from "#app/_lib/format.ts";
import type { BoardBasis, BoardView } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { BoardAgainst } from "./board-against.tsx";
import { EstimateValue } from "./estimate-value.tsx";
import { type BoardScope, queuePath } from "./queue-link.ts";
import { ReaderName } from "./reader-name.tsx";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly scope: BoardScope;
};

/** How each reader does, by three views that flatter in different ways; none of them is the record. */
export function BoardReaders(props: Props) {
  const { board } = props;
  return (
    <>
      {board.bases.map((basis) => (
        <ReaderTable key={basis.basis} {...props} basis={basis} />
      ))}
      <BoardAgainst {...props} />
    </>
  );
}

function ReaderTable({ projectId, board, classes, basis, scope }: Props & { readonly basis: BoardBasis }) {
  const { reliability } = basis;
  const queueOf = (b: number) => queuePath(projectId, { b, ...scope, state: "all" });
  const unit = basis.basis === "regions" ? "area" : "objects";
  return (
    <Card
      title={board.bases.length > 1 ? `Readers, by ${unit}` : "Readers"}
      description="Competence is agreement with the majority of the others, without the reader's own vote"
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Reader</HeadCell>
            <HeadCell className="text-right">Competence</HeadCell>
            <HeadCell className="text-right">Reliability (Dawid–Skene)</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {board.readers.map((reader, index) => {
            const competence = basis.competences[index];
            const found = reliability.readers[index];
            return (
              <Row key={reader.label}>
                <Cell>
                  <ReaderName reader={reader} withName />
                </Cell>
                <Cell className="text-right">
                  {competence === undefined ? (
                    "–"
                  ) : (
                    <EstimateValue estimate={competence} as="percent" bar href={queueOf(index)} />
                  )}
                </Cell>
                <Cell className="text-right">
                  {found === undefined ? (
                    "–"
                  ) : (
                    <EstimateValue estimate={found.accuracy} as="percent" bar href={queueOf(index)} />
                  )}
                </Cell>
              </Row>
            );
          })}
        </TableBody>
      </Table>
      <p className="border-t px-4 py-2 text-faint text-xs">
        Dawid–Skene guesses the truth from all votes at once. It is a view and a flag, never the record: it would give{" "}
        <strong className="font-medium text-muted">{percent(reliability.movedShare)}</strong> of the {unit} another
        class than their majority.
      </p>
      <MovedList {...{ projectId, classes, basis, scope }} of={board.of} />
    </Card>
  );
}

const MOST_MOVED = 8;

/** Where reliability would decide otherwise than most readers, the most first: each line leads to just these disputes. */
function MovedList(props: Omit<Props, "board"> & { readonly basis: BoardBasis; readonly of: BoardView["of"] }) {
  const { projectId, classes, basis, scope, of } = props;
  const shown = basis.reliability.moved.slice(0, MOST_MOVED);
  if (shown.length === 0) return null;
  return (
    <ul className="divide-y border-t" aria-label="Flagged by reliability">
      {shown.map(({ majority, probable, weight }) => {
        const said = { x: saidBy(basis, majority), y: saidBy(basis, probable) };
        const ask = { ...said, flagged: of, ...scope, state: "all" as const };
        return (
          <li key={`${majority} ${probable}`}>
            <Link
              prefetch={false}
              href={queuePath(projectId, ask)}
              className="flex flex-wrap items-center gap-2 px-4 py-2 text-sm hover:bg-hover focus-visible:bg-hover focus-visible:outline-offset-[-2px]"
            >
              <span className="text-faint text-xs">most say</span>
              <LabelName classes={classes} classId={basis.classIds[majority - 1]} />
              <ArrowRight aria-hidden className="size-3.5 shrink-0 text-faint" />
              <span className="text-faint text-xs">seems to be</span>
              <LabelName classes={classes} classId={basis.classIds[probable - 1]} />
              <span className="tabular ml-auto shrink-0 text-faint text-xs">
                {basis.basis === "regions" ? area(weight) : plural(Math.round(weight), "object")}
              </span>
              <span className="shrink-0 text-accent-ink text-xs max-sm:hidden">See disputes</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** As the queue asks for it. */
function saidBy({ classIds }: BoardBasis, label: number): string {
  return classIds[label - 1] ?? "none";
}

function LabelName(props: { readonly classes: readonly ClassDefinition[]; readonly classId: string | undefined }) {
  const found = props.classes.find(({ id }) => id === props.classId);
  if (found === undefined) return <span className="text-muted">Not marked</span>;
  return <ClassName name={found.name} colour={found.colour} />;
}
