import { decidedBy } from "#app/_components/guideline/method-words.ts";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { ClassAgreement, ConsensusView, Measure } from "#client/answers.ts";
import type { ClassDefinition, StudyRules } from "#domain/guideline.ts";
import { MeasureHeads } from "./measure-name.tsx";
import { MeasureValue } from "./measure-value.tsx";
import { queuePath } from "./queue-link.ts";

type Props = {
  readonly projectId: string;
  readonly consensus: ConsensusView;
  readonly classes: readonly ClassDefinition[];
  readonly rules: StudyRules;
};

/** Mean of the defined values; not defined where none is. */
function meanOf(measures: readonly Measure[]): Measure {
  const values = measures.flatMap((measure) => (measure.defined ? [measure.value] : []));
  if (values.length === 0) return measures[0] ?? { defined: false, reason: "no pair of reads" };
  return { defined: true, value: values.reduce((sum, value) => sum + value, 0) / values.length };
}

/** No reader marked it anywhere: none of its numbers is defined. */
function isUnmarked(agreement: ClassAgreement): boolean {
  return [agreement.percentAgreement, agreement.fleiss, agreement.alpha, agreement.ac1].every(
    (measure) => !measure.defined,
  );
}

export function ClassAgreementTable({ projectId, consensus, classes, rules }: Props) {
  const { roundId, slide } = consensus;
  const queueOf = (classId: string) =>
    queuePath(projectId, { round: roundId, slide: slide.id, class: classId, state: "all" });
  return (
    <Card title="By class" description="Each class against all others; Dice is the mean over pairs of readers" flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Class</HeadCell>
            <HeadCell>Decided by</HeadCell>
            <MeasureHeads of={["prevalence", "agreement", "dice", "fleiss", "alpha", "ac1"]} />
          </tr>
        </TableHead>
        <TableBody>
          {consensus.classes.map((agreement) => (
            <ClassLine key={agreement.classId} {...{ agreement, classes, rules }} href={queueOf(agreement.classId)} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function ClassLine({
  agreement,
  classes,
  rules,
  href,
}: Pick<Props, "classes" | "rules"> & { readonly agreement: ClassAgreement; readonly href: string }) {
  const definition = classes.find((each) => each.id === agreement.classId);
  return (
    <Row>
      <Cell className="max-w-48">
        <ClassName name={definition?.name ?? agreement.classId} colour={definition?.colour ?? "#888888"} />
      </Cell>
      <Cell className="whitespace-nowrap text-muted text-xs">
        {decidedBy(definition ?? { consensus: null }, rules)}
      </Cell>
      {isUnmarked(agreement) ? (
        <Cell colSpan={6} className="text-faint text-xs">
          not marked by any reader, so nothing is defined
        </Cell>
      ) : (
        <Numbers agreement={agreement} href={href} />
      )}
    </Row>
  );
}

function Numbers({ agreement, href }: { readonly agreement: ClassAgreement; readonly href: string }) {
  return (
    <>
      <Cell className="text-right text-muted">
        <MeasureValue href={href} measure={agreement.prevalence} as="percent" />
      </Cell>
      <Cell className="text-right">
        <MeasureValue href={href} measure={agreement.percentAgreement} as="percent" />
      </Cell>
      <Cell className="text-right">
        <MeasureValue href={href} measure={meanOf(agreement.pairs.map((pair) => pair.dice))} />
      </Cell>
      <Cell className="text-right">
        <MeasureValue href={href} measure={agreement.fleiss} />
      </Cell>
      <Cell className="text-right">
        <MeasureValue href={href} measure={agreement.alpha} />
      </Cell>
      <Cell className="text-right">
        <MeasureValue href={href} measure={agreement.ac1} />
      </Cell>
    </>
  );
}
