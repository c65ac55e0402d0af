"use client";

import { BookImage } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { plural } from "#app/_lib/format.ts";
import type { Reference } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { freshId } from "#client/fresh-id.ts";
import type { ClassDefinition, ClassExample } from "#domain/guideline.ts";
import { type ReferenceId, referenceId } from "#domain/ids.ts";

/** The examples of the guideline as references: what shows a class there shows it here. */
export function UseExamples(props: {
  readonly projectId: string;
  readonly classes: readonly ClassDefinition[];
  readonly references: readonly Reference[];
}) {
  const { projectId, references } = props;
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  /** Names of what was asked for and not heard to be there: asked for again, it is not added twice. */
  const [names] = useState(() => new Map<string, ReferenceId>());
  const isThere = ({ slideId, box }: ClassExample) =>
    references.some((each) => each.slide.id === slideId && each.box.join() === box.join());
  const examples = props.classes.flatMap(({ id, examples: of }) =>
    of.filter((each) => each.good && !isThere(each)).map(({ slideId, box }) => ({ classId: id, slideId, box })),
  );
  if (examples.length === 0) return null;
  const use = () =>
    run(async () => {
      for (const { classId, slideId, box } of examples) {
        const key = JSON.stringify([classId, slideId, box]);
        const id = names.get(key) ?? freshId(referenceId);
        names.set(key, id);
        await api.qualification.addReference(projectId, { id, place: { kind: "box", slideId, box }, classId });
      }
      names.clear();
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
