import Link from "next/link";
import { decidedBy } from "#app/_components/guideline/method-words.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { BoardClass, BoardView } from "#client/answers.ts";
import type { ClassDefinition, StudyRules } from "#domain/guideline.ts";
import { EstimateValue } from "./estimate-value.tsx";
import { MeasureHeads } from "./measure-name.tsx";
import { type BoardScope, queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly rules: StudyRules;
  readonly scope: BoardScope;
};

/** What the guideline aims at, by metric. */
export function targetOf({ thresholds }: BoardView, metric: string): number | null {
  return thresholds.find((each) => each.metric === metric)?.min ?? null;
}

/** Agreement per class: how often readers say the same, with and without what chance gives, beside how common the class is. */
export function BoardClasses(props: Props) {
  const { board } = props;
  return (
    <Card
      title="By class"
      description="Each class against all others. A number alone misleads: read agreement, α and AC1 together, beside the prevalence"
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            <HeadCell className="max-lg:hidden">Compared and decided by</HeadCell>
            <MeasureHeads of={["prevalence", "agreement", "alpha", "ac1", "fleiss"]} />
            <HeadCell>
              <span className="sr-only">Actions</span>
            </HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {board.classes.map((each) => (
            <ClassLine key={each.classId} {...props} agreement={each} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function ClassLine({ projectId, board, classes, rules, scope, agreement }: Props & { readonly agreement: BoardClass }) {
  const definition = classes.find((each) => each.id === agreement.classId);
  const href = queuePath(projectId, { class: agreement.classId, ...scope });
  const name = <ClassName name={definition?.name ?? agreement.classId} colour={definition?.colour ?? "#888888"} />;
  if (!agreement.alpha.value.defined && !agreement.percentAgreement.value.defined) {
    return (
      <Row>
        <Cell className="max-w-56">{name}</Cell>
        <Cell colSpan={7} className="text-faint text-xs">
          not marked by any reader, so nothing is defined
        </Cell>
      </Row>
    );
  }
  return (
    <Row>
      <Cell className="max-w-56">
        <Link prefetch={false} href={href} className="hover:underline">
          {name}
        </Link>
      </Cell>
      <Cell className="max-lg:hidden">
        <span className="flex items-center gap-2 whitespace-nowrap">
          <Badge tone="outline">{agreement.basis === "regions" ? "area" : "object"}</Badge>
          <span className="text-muted text-xs">{decidedBy(definition ?? { consensus: null }, rules)}</span>
        </span>
      </Cell>
      <Cell className="text-right">
        <EstimateValue href={href} estimate={agreement.prevalence} as="percent" />
      </Cell>
      <Cell className="text-right">
        <EstimateValue href={href} estimate={agreement.percentAgreement} as="percent" bar />
      </Cell>
      <Cell className="text-right">
        <EstimateValue href={href} estimate={agreement.alpha} target={targetOf(board, "alpha")} bar />
      </Cell>
      <Cell className="text-right">
        <EstimateValue href={href} estimate={agreement.ac1} target={targetOf(board, "ac1")} bar />
      </Cell>
      <Cell className="text-right">
        <EstimateValue href={href} estimate={agreement.fleiss} target={targetOf(board, "fleiss")} bar />
      </Cell>
      <Cell className="text-right">
        <Link prefetch={false} href={href} className="whitespace-nowrap text-accent-ink text-xs hover:underline">
          See disputes
        </Link>
      </Cell>
    </Row>
  );
}
