import { ArrowRight, RotateCcw } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { percent } from "#app/_lib/format.ts";
import type { ReaderTest } from "#client/answers.ts";
import { PlaceCrop } from "./place-crop.tsx";

type Attempt = NonNullable<ReaderTest["attempt"]>;

/** What an attempt came to: passed or not, and where the reader and the reference differ. */
export function TestResult(props: {
  readonly projectId: string;
  readonly test: ReaderTest;
  readonly attempt: Attempt;
  readonly result: NonNullable<Attempt["result"]>;
  readonly onAgain: () => void;
}) {
  const { test, attempt, result } = props;
  const said = `${result.right} of ${result.total} right`;
  return (
    <div className="flex flex-col gap-5" data-testid="test-result">
      <Callout
        kind={result.passed ? "good" : "warn"}
        title={result.passed ? `Passed: ${said}` : `Not passed yet: ${said}`}
        action={
          result.passed || !test.open ? (
            <Button asChild variant="primary">
              <Link href={projectPath(props.projectId, "tasks")}>
                Your tasks <ArrowRight aria-hidden />
              </Link>
            </Button>
          ) : (
            <Button variant="primary" onClick={props.onAgain} autoFocus data-testid="test-again">
              <RotateCcw aria-hidden /> Try again
            </Button>
          )
        }
      >
        {result.passed
          ? "What you outline of this class counts without a mark from now on."
          : `${percent(test.least)} are wanted. Look at what differs and read the definition again; what you outline meanwhile is kept, and marked for the lead.`}
      </Callout>
      {result.differed.length === 0 ? null : (
        <Card title="Where you and the reference differ" flush>
          <ul className="divide-y divide-line">
            {result.differed.map((each) => {
              const place = attempt.items.find(({ id }) => id === each.id);
              return place === undefined ? null : (
                <li key={each.id} className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-3">
                  <PlaceCrop place={place} label={`On ${place.slide.name}`} className="w-40 shrink-0" />
                  <dl className="grid grid-cols-[90px_minmax(0,1fr)] gap-y-1.5">
                    <dt className="text-faint text-xs">You said</dt>
                    <dd>{nameOf(test, each.said)}</dd>
                    <dt className="text-faint text-xs">Reference</dt>
                    <dd className="font-medium">{nameOf(test, each.is)}</dd>
                    <dt className="text-faint text-xs">Slide</dt>
                    <dd className="text-muted">{place.slide.name}</dd>
                  </dl>
                </li>
              );
            })}
          </ul>
        </Card>
      )}
    </div>
  );
}

function nameOf({ options }: ReaderTest, id: string | null) {
  const found = options.find((option) => option.id === id);
  return found === undefined ? "a class that is gone" : <ClassName name={found.name} colour={found.colour} />;
}
