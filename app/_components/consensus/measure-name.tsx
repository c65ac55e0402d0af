"use client";

import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { HeadCell } from "#app/_components/ui/table.tsx";

const MEASURES = {
  agreement: {
    name: "Agreement",
    means:
      "How often two readers say the same, over all pairs of readers. What chance alone would give is in it: a class that is hardly ever there is agreed on easily.",
  },
  alpha: {
    name: "Krippendorff α",
    means:
      "Agreement beyond chance. 1: readers always say the same; 0: no more often than by chance; below 0: they contradict each other. It sinks where one class is nearly everywhere.",
  },
  ac1: {
    name: "Gwet AC1",
    means: "Agreement beyond chance like α, but steady where a class is very rare or very common.",
  },
  fleiss: {
    name: "Fleiss κ",
    means:
      "Agreement beyond chance of several readers at once: 1 is full agreement, 0 what chance gives. It sinks where one class is nearly everywhere.",
  },
  ordinal: {
    name: "α, classes as a scale",
    means:
      "Like α, with the classes taken as steps of a scale in the order of the guideline: the next class is nearly right, the farthest is wholly wrong. Of use only where the classes are grades.",
  },
  ac2: {
    name: "AC2, classes as a scale",
    means: "Like AC1, with the classes taken as steps of a scale. Of use only where the classes are grades.",
  },
  prevalence: {
    name: "Prevalence",
    means: "How much of everything that readers said names this class. The other numbers are to be read beside it.",
  },
  dice: {
    name: "Dice",
    means: "Overlap of what two readers outlined: 1 where it is the same, 0 where they share nothing.",
  },
} as const;

type MeasureKey = keyof typeof MEASURES;

/** The name of a number; pressed, it says in a sentence what the number means. */
export function MeasureName({ of, suffix = "" }: { readonly of: MeasureKey; readonly suffix?: string }) {
  const { name, means } = MEASURES[of];
  return (
    <Popover>
      <PopoverTrigger className="rounded-sm underline decoration-line-strong decoration-dotted underline-offset-3 hover:text-ink">
        {name}
        {suffix}
      </PopoverTrigger>
      <PopoverContent className="w-72 whitespace-normal text-left font-normal text-muted text-xs">
        {means}
      </PopoverContent>
    </Popover>
  );
}

/** The heads of columns with numbers. */
export function MeasureHeads({ of }: { readonly of: readonly MeasureKey[] }) {
  return of.map((key) => (
    <HeadCell key={key} className="text-right">
      <MeasureName of={key} />
    </HeadCell>
  ));
}
