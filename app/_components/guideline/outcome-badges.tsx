import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { defaultOutcomes, outcomesOf } from "#domain/guideline/outcomes.ts";
import type { ChangeOutcome, GuidelineChange, StudyRules } from "#domain/guideline.ts";

export const OUTCOME_WORDS: Readonly<
  Record<ChangeOutcome, { readonly label: string; readonly tone: Tone; readonly text: string }>
> = {
  automatic: { label: "by itself", tone: "neutral", text: "Nobody does anything." },
  acknowledge: { label: "confirm", tone: "accent", text: "Readers read and confirm before they draw on." },
  "re-check": { label: "re-check", tone: "warn", text: "Rules are checked; what violates them is reviewed." },
  review: { label: "review", tone: "warn", text: "People look at the members." },
  "re-screen": { label: "screen again", tone: "warn", text: "Finished slides are looked through again." },
  recompute: {
    label: "recompute",
    tone: "neutral",
    text: "Consensus is computed again; decisions that flip are reopened.",
  },
  requalify: { label: "requalify", tone: "bad", text: "Readers show that they can tell the class." },
};

/** What a change asks of people; what a lead left out is struck out, with the reason. */
export function OutcomeBadges({
  change,
  rules,
}: {
  readonly change: GuidelineChange;
  readonly rules: Pick<StudyRules, "exhaustive">;
}) {
  const asked = outcomesOf(change, rules);
  const left = defaultOutcomes(change, rules).filter((outcome) => !asked.includes(outcome));
  return (
    <span className="inline-flex flex-wrap gap-1">
      {asked.map((outcome) => (
        <Badge key={outcome} tone={OUTCOME_WORDS[outcome].tone} title={OUTCOME_WORDS[outcome].text}>
          {OUTCOME_WORDS[outcome].label}
        </Badge>
      ))}
      {left.map((outcome) => (
        <Badge key={outcome} tone="outline" className="line-through" title={change.weakened?.reason}>
          {OUTCOME_WORDS[outcome].label}
        </Badge>
      ))}
    </span>
  );
}
