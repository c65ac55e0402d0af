import { ArrowRight } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { percent, plural } from "#app/_lib/format.ts";
import type { ReaderTest } from "#client/answers.ts";
import type { ClassDefinition } from "#domain/guideline.ts";

/** What the class is now, and what will be asked. */
export function TestStart(props: {
  readonly test: ReaderTest;
  readonly definition: ClassDefinition;
  readonly busy: boolean;
  readonly onBegin: () => void;
}) {
  const { test, definition } = props;
  const parts = [
    ["What it is", definition.definition],
    ["Belongs to it", definition.include],
    ["Does not", definition.exclude],
    ["Where the outline runs", definition.boundary],
    ["When unsure", definition.whenUnsure],
  ].filter(([, text]) => text !== "");
  return (
    <Card
      title={<ClassName name={definition.name} colour={definition.colour} icon={definition.icon} />}
      description={`As guideline version ${test.version} has it`}
    >
      <div className="flex flex-col gap-5">
        <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[150px_minmax(0,1fr)]">
          {parts.map(([label, text]) => (
            <div key={label} className="contents">
              <dt className="text-faint text-xs sm:pt-0.5">{label}</dt>
              <dd className="whitespace-pre-wrap">{text}</dd>
            </div>
          ))}
        </dl>
        {test.size === 0 ? (
          <Callout kind="warn">A lead has to choose reference items first; there is nothing to ask yet.</Callout>
        ) : (
          <p className="text-muted">
            You are shown {plural(test.size, "place")} and say of each what it is. Whoever is right about{" "}
            {percent(test.least)} of them passes; it may be repeated, and until then you may go on reading.
          </p>
        )}
        <div>
          <Button
            variant="primary"
            busy={props.busy}
            disabled={test.size === 0 || !test.open}
            onClick={props.onBegin}
            autoFocus
            data-testid="begin-test"
          >
            Begin <ArrowRight aria-hidden />
          </Button>
        </div>
      </div>
    </Card>
  );
}
