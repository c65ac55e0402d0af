import { EyeOff, Scale } from "lucide-react";
import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { count } from "#app/_lib/format.ts";
import type { Role, Round } from "#client/answers.ts";
import { RoundMatrix } from "./round-matrix.tsx";
import { MODE_WORDS, readsOf } from "./round-words.ts";
import { UnblindRound } from "./unblind-round.tsx";

type Props = { readonly projectId: string; readonly round: Round; readonly meId: string; readonly role: Role };

export function RoundCard({ projectId, round, meId, role }: Props) {
  const { submitted, total } = readsOf(round);
  const isBlinded = round.mode === "blind" && round.unblindedAt === null;
  return (
    <Card
      title={
        <span className="inline-flex items-center gap-2">
          {round.name}
          <Badge tone={isBlinded ? "warn" : "neutral"}>
            {isBlinded ? <EyeOff aria-hidden /> : null}
            {MODE_WORDS[round.mode].label.toLowerCase()}
          </Badge>
          <Badge tone="outline">guideline v{round.guidelineNumber}</Badge>
          {round.purpose === "bridge" ? <Badge tone="outline">bridge set</Badge> : null}
        </span>
      }
      description={
        <>
          Planned by {round.createdBy.name}, <Time at={round.createdAt} />
          {round.unblindedAt === null ? null : (
            <>
              {" "}
              · unblinded <Time at={round.unblindedAt} />
            </>
          )}
        </>
      }
      actions={
        <>
          {total === 0 ? null : (
            <span className="flex items-center gap-2 text-muted text-xs">
              <Progress
                value={submitted / total}
                label={`Reads of ${round.name} submitted`}
                className="w-28"
                tone="good"
              />
              <span className="tabular">
                {count(submitted)} / {count(total)}
              </span>
            </span>
          )}
          {isBlinded && round.unblinds ? <UnblindRound round={round} /> : null}
          {isBlinded && !round.unblinds && offers(role, "round.unblind") ? (
            <span className="text-faint text-xs" data-testid="reads-elsewhere">
              Another lead unblinds it: you read one of its slides blind in another round
            </span>
          ) : null}
          {!isBlinded && round.mode !== "together" && round.purpose === "study" && submitted > 1 ? (
            <Button asChild size="sm">
              <Link href={`${projectPath(projectId, "consensus")}?round=${round.id}`}>
                <Scale aria-hidden /> Agreement
              </Link>
            </Button>
          ) : null}
        </>
      }
      flush
    >
      <RoundMatrix projectId={projectId} round={round} meId={meId} reopens={offers(role, "layer.reopen")} />
    </Card>
  );
}
