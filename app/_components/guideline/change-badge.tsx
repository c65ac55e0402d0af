import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import type { GuidelineChange } from "#domain/guideline.ts";
import { changeLabel } from "./change-words.ts";

const TONES: Readonly<Record<GuidelineChange["kind"], Tone>> = {
  rename: "neutral",
  recolour: "neutral",
  rehotkey: "neutral",
  move: "neutral",
  reword: "neutral",
  narrow: "warn",
  broaden: "warn",
  add: "good",
  merge: "accent",
  split: "warn",
  retire: "bad",
  restore: "good",
  rules: "neutral",
};

export function ChangeBadge({ kind }: { readonly kind: GuidelineChange["kind"] }) {
  return (
    <Badge tone={TONES[kind]} className="w-20 justify-center">
      {changeLabel(kind)}
    </Badge>
  );
}
