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
  icon: "neutral",
  ontology: "neutral",
  reorder: "neutral",
  abstract: "warn",
  concrete: "good",
  example: "neutral",
  redefine: "bad",
  boundary: "warn",
  geometry: "warn",
  limits: "warn",
  balance: "neutral",
  matching: "accent",
  method: "accent",
  screening: "warn",
  consensus: "accent",
  "attribute-add": "good",
  "attribute-rename": "neutral",
  "attribute-reword": "neutral",
  "attribute-require": "warn",
  "attribute-relax": "neutral",
  "attribute-retype": "warn",
  "attribute-retire": "bad",
  "attribute-restore": "good",
  "value-add": "good",
  "value-rename": "neutral",
  "value-merge": "accent",
  "value-split": "warn",
  "value-retire": "bad",
  "value-restore": "good",
};

export function ChangeBadge({ kind }: { readonly kind: GuidelineChange["kind"] }) {
  return (
    <Badge tone={TONES[kind]} className="w-20 justify-center">
      {changeLabel(kind)}
    </Badge>
  );
}
