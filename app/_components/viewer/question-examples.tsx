"use client";

import { useEffect, useState } from "react";
import { exampleLabel } from "#app/_components/guideline/example-words.ts";
import { SlideCrop } from "#app/_components/guideline/slide-crop.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { api } from "#client/api.ts";
import { type CropSlide, cropSlide } from "#client/crop.ts";
import type { ClassDefinition } from "#domain/guideline.ts";

/** So many pictures of each side are enough to compare with. */
const SHOWN = 3;

/** The project's slides as pictures are made of them, asked once for as long as the page is open. */
const slidesByProject = new Map<string, Promise<ReadonlyMap<string, CropSlide>>>();

function slidesOf(projectId: string): Promise<ReadonlyMap<string, CropSlide>> {
  const known = slidesByProject.get(projectId);
  if (known !== undefined) return known;
  const asked = api.slides.list(projectId).then((slides) => new Map(slides.map((each) => [each.id, cropSlide(each)])));
  slidesByProject.set(projectId, asked);
  asked.catch(() => slidesByProject.delete(projectId));
  return asked;
}

/** What belongs to a class and what does not, side by side, as its newest version shows it. */
export function QuestionExamples(props: { readonly projectId: string; readonly definition: ClassDefinition }) {
  const { projectId, definition } = props;
  const [slides, setSlides] = useState<ReadonlyMap<string, CropSlide>>(new Map());
  const any = definition.examples.length > 0;
  useEffect(() => {
    if (!any) return undefined;
    let wanted = true;
    slidesOf(projectId).then(
      (found) => wanted && setSlides(found),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [projectId, any]);
  if (!any) return null;
  const side = (good: boolean) => definition.examples.filter((each) => each.good === good).slice(0, SHOWN);
  return (
    <div className="grid grid-cols-2 gap-2 border-t px-3 py-2">
      {[true, false].map((good) => (
        <div key={String(good)}>
          <p className={cn("mb-1 text-2xs", good ? "text-good-ink" : "text-bad-ink")}>
            {good ? "Belongs" : "Does not"}
          </p>
          <div className="grid grid-cols-3 gap-1">
            {side(good).map((example) => {
              const slide = slides.get(example.slideId);
              return slide === undefined ? null : (
                <SlideCrop
                  key={`${example.slideId} ${example.box.join(" ")}`}
                  slide={slide}
                  box={example.box}
                  exact
                  label={exampleLabel(definition, example)}
                />
              );
            })}
          </div>
        </div>
      ))}
    </div>
  );
}
