"use client";

import { Images, Trash2 } from "lucide-react";
import Link from "next/link";
import { projectPath, viewerPath } from "#app/_components/shell/navigation.ts";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import type { CropSlide } from "#client/crop.ts";
import type { ClassDefinition, ClassExample } from "#domain/guideline.ts";
import type { ClassPart } from "./class-editor.tsx";
import { exampleLabel } from "./example-words.ts";
import { SlideCrop } from "./slide-crop.tsx";

const SIDES = [
  { value: "good", label: "Belongs" },
  { value: "bad", label: "Does not" },
] as const;

/** Pictures of what belongs to a class and what does not, each with its place on a slide. */
export function ExamplesEditor(props: {
  readonly projectId: string;
  readonly definition: ClassDefinition;
  readonly slides: ReadonlyMap<string, CropSlide>;
  readonly edit: (part: ClassPart) => void;
}) {
  const { definition, slides } = props;
  const { examples } = definition;
  const change = (changed: ClassExample, part: Partial<ClassExample>) =>
    props.edit({ examples: examples.map((each) => (each === changed ? { ...each, ...part } : each)) });
  return (
    <Card
      title="Examples"
      description="Readers see them beside the words, and before they draw on under a new version"
      actions={
        <Button asChild size="sm">
          <Link href={projectPath(props.projectId, "slides")} target="_blank">
            <Images aria-hidden /> Take one from a slide
          </Link>
        </Button>
      }
    >
      {examples.length === 0 ? (
        <p className="text-muted">
          None yet. Open a slide, select an outline or look at a place, and choose <em>Use as example</em>: it arrives
          here at once.
        </p>
      ) : (
        <ul className="grid grid-cols-2 gap-4 xl:grid-cols-3">
          {examples.map((example) => {
            const slide = slides.get(example.slideId);
            return (
              <li key={`${example.slideId} ${example.box.join(" ")}`} className="flex min-w-0 flex-col gap-2">
                {slide === undefined ? (
                  <p className="grid aspect-square place-items-center rounded-md border bg-sunken p-3 text-center text-muted">
                    Its slide was removed.
                  </p>
                ) : (
                  <Link
                    href={viewerPath(props.projectId, example.slideId, { box: example.box })}
                    target="_blank"
                    title="Open the slide there"
                    className="block"
                  >
                    <SlideCrop slide={slide} box={example.box} exact label={exampleLabel(definition, example)} />
                  </Link>
                )}
                <Input
                  aria-label="What it shows"
                  placeholder="What it shows"
                  maxLength={500}
                  value={example.caption}
                  onChange={(event) => change(example, { caption: event.target.value })}
                />
                <div className="flex items-center justify-between gap-2">
                  <Segmented
                    label="Shows"
                    value={example.good ? "good" : "bad"}
                    onValueChange={(side) => change(example, { good: side === "good" })}
                    options={SIDES}
                    className="h-7"
                  />
                  <Button
                    variant="ghost"
                    size="icon"
                    aria-label="Take the example away"
                    onClick={() => props.edit({ examples: examples.filter((each) => each !== example) })}
                  >
                    <Trash2 />
                  </Button>
                </div>
                <Badge className="self-start">
                  {example.version === 0 ? "chosen before version 1" : `chosen under version ${example.version}`}
                </Badge>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
