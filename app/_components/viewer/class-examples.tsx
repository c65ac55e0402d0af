import { ExampleGallery } from "#app/_components/guideline/example-gallery.tsx";
import type { ClassDefinition } from "#domain/guideline.ts";
import { useCropSlides } from "./use-crop-slides.ts";

/** Good and bad examples of the class at hand, while drawing. */
export function ClassExamples({ definition }: { readonly definition: ClassDefinition }) {
  return <ExampleGallery definition={definition} slides={useCropSlides()} className="mt-2 grid-cols-2" />;
}
