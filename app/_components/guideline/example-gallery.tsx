import { cn } from "#app/_components/ui/class-names.ts";
import type { CropSlide } from "#client/crop.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { exampleLabel } from "./example-words.ts";
import { SlideCrop } from "./slide-crop.tsx";

/** Pictures of what belongs to a class, then of what does not; a green and a red edge tell them apart, and words do. */
export function ExampleGallery(props: {
  readonly definition: ClassDefinition;
  readonly slides: ReadonlyMap<string, CropSlide>;
  readonly className?: string;
}) {
  const { definition, slides } = props;
  const examples = [...definition.examples].sort((a, b) => Number(b.good) - Number(a.good));
  const shown = examples.flatMap((example) => {
    const slide = slides.get(example.slideId);
    return slide === undefined ? [] : [{ example, slide }];
  });
  if (shown.length === 0) return null;
  return (
    <ul className={cn("grid grid-cols-[repeat(auto-fill,minmax(112px,1fr))] gap-3", props.className)}>
      {shown.map(({ example, slide }) => (
        <li key={`${example.slideId} ${example.box.join(" ")}`} className="min-w-0 text-xs">
          <SlideCrop
            slide={slide}
            box={example.box}
            exact
            label={exampleLabel(definition, example)}
            className={cn("border-2", example.good ? "border-good" : "border-bad")}
          />
          <p className={cn("mt-1 font-medium", example.good ? "text-good-ink" : "text-bad-ink")}>
            {example.good ? "Belongs" : "Does not belong"}
          </p>
          {example.caption === "" ? null : <p className="text-muted">{example.caption}</p>}
        </li>
      ))}
    </ul>
  );
}
