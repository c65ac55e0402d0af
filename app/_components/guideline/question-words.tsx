import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import type { GuidelineQuestion } from "#client/answers.ts";

const STATES: Readonly<Record<GuidelineQuestion["state"], { readonly label: string; readonly tone: Tone }>> = {
  open: { label: "open", tone: "warn" },
  answered: { label: "answered", tone: "good" },
  "became-draft-change": { label: "in the draft", tone: "accent" },
  closed: { label: "closed", tone: "neutral" },
};

export function QuestionState({ question }: { readonly question: GuidelineQuestion }) {
  const { label, tone } = STATES[question.state];
  const version = question.publishedIn === null ? "" : ` by version ${question.publishedIn}`;
  return <Badge tone={tone}>{label + version}</Badge>;
}

/** The question about classes that are confused, by their names; of one class it is whether to mark it at all. */
export function pairTitle([first, second]: readonly string[]): string {
  return second === undefined ? `When is it ${first ?? "marked"}?` : `${first} or ${second}?`;
}
