"use client";

import { BookImage } from "lucide-react";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { Reference } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition, ClassExample } from "#domain/guideline.ts";

/** The examples of the guideline as references: what shows a class there shows it here. */
export function UseExamples(props: {
  readonly projectId: string;
  readonly classes: readonly ClassDefinition[];
  readonly references: readonly Reference[];
}) {
  const { projectId, references } = props;
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const isThere = ({ slideId, box }: ClassExample) =>
    references.some((each) => each.slide.id === slideId && each.box.join() === box.join());
  const examples = props.classes.flatMap(({ id, examples: of }) =>
    of.filter((each) => each.good && !isThere(each)).map(({ slideId, box }) => ({ classId: id, slideId, box })),
  );
  if (examples.length === 0) return null;
  const use = () =>
    run(async () => {
      for (const { classId, slideId, box } of examples) {
        await api.qualification.addReference(projectId, { place: { kind: "box", slideId, box }, classId });
      }
      toast.success(`${plural(examples.length, "example")} of the guideline can be asked about now.`);
      router.refresh();
    });
  return (
    <>
      {error === null ? null : <span className="text-bad-ink text-xs">{error}</span>}
      <Button size="sm" busy={busy} onClick={() => void use()} data-testid="use-examples">
        <BookImage aria-hidden /> Use {plural(examples.length, "example")}
      </Button>
    </>
  );
}
