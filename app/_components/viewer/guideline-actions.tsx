"use client";

import { BookImage, CircleHelp } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { api, sentenceOf } from "#client/api.ts";
import { requestNames } from "#client/fresh-id.ts";
import type { SlideSession } from "#client/slide-session.ts";
import type { Annotation, Bbox } from "#domain/annotation.ts";
import { cropAround } from "#domain/crop.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { type ClassId, layerId as layerIdSchema, slideId } from "#domain/ids.ts";
import type { PlaceInput } from "#domain/question.ts";
import { AskQuestion } from "./ask-question.tsx";
import { useTools, useVisit } from "./session.tsx";

/** What an outline can do for the guideline: become a picture of its class, or the start of a question. */
export function GuidelineActions({
  layerId,
  annotation,
}: {
  readonly layerId: string;
  readonly annotation: Annotation;
}) {
  const { session } = useVisit();
  const { classId } = session.workbench.standingOf(annotation);
  // What is drawn as an answer or in a trial is in no layer, and no place that others could go to.
  if (!session.state.getState().layers.some(({ id }) => id === layerId)) return null;
  const place: PlaceInput = { kind: "outline", layerId: layerIdSchema.parse(layerId), annotationId: annotation.id };
  return (
    <Actions
      classId={classId}
      around={() => cropAround(geometryBbox(annotation.geometry), session.slide)}
      place={() => place}
      what="this outline"
    />
  );
}

/** The same for what is in view. */
export function ViewForGuideline() {
  const { session } = useVisit();
  const classId = useTools((state) => state.classId);
  const around = () => viewBox(session);
  const place = (): PlaceInput => {
    const { minX, minY, maxX, maxY } = around();
    return { kind: "region", slideId: slideId.parse(session.slideId), box: [minX, minY, maxX, maxY] };
  };
  return <Actions classId={classId} around={around} place={place} what="this view" />;
}

function Actions(props: {
  readonly classId: ClassId | null;
  readonly around: () => Bbox;
  readonly place: () => PlaceInput;
  readonly what: string;
}) {
  const { session } = useVisit();
  const [asking, setAsking] = useState<PlaceInput | null>(null);
  const { role } = session.me;
  return (
    <>
      {offers(role, "guideline.edit") ? <ExampleMenu {...props} /> : null}
      {offers(role, "question.ask") ? (
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Ask what the guideline says about ${props.what}`}
          title={`Ask what the guideline says about ${props.what}`}
          data-testid="ask-question"
          onClick={() => setAsking(props.place())}
        >
          <CircleHelp />
        </Button>
      ) : null}
      {asking === null ? null : <AskQuestion place={asking} classId={props.classId} onClose={() => setAsking(null)} />}
    </>
  );
}

/** An outline of one class is the best counter-example of what it is taken for. */
function ExampleMenu(props: Parameters<typeof Actions>[0]) {
  const { session, projectId } = useVisit();
  const [nameOf, setNameOf] = useState(requestNames);
  const { byId } = session.workbench.guideline;
  const of = byId.get(props.classId ?? "");
  if (of === undefined) return null;
  const lookAlikes = of.lookAlikes.flatMap((id) => byId.get(id) ?? []).filter((each) => !each.retired);
  const use = (definition: ClassDefinition, good: boolean) =>
    void addExample(session, projectId, definition, good, props.around());
  const refer = async () => {
    if (await addReference(projectId, of, props.place(), nameOf)) setNameOf(requestNames);
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Use ${props.what} as example`}
          title={`Use ${props.what} as example`}
          data-testid="use-as-example"
        >
          <BookImage />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>Into the guideline draft</DropdownMenuLabel>
        <DropdownMenuItem onSelect={() => use(of, true)}>Example of {of.name}</DropdownMenuItem>
        <DropdownMenuItem onSelect={() => use(of, false)}>Counter-example of {of.name}</DropdownMenuItem>
        {lookAlikes.map((each) => (
          <DropdownMenuItem key={each.id} onSelect={() => use(each, false)}>
            Counter-example of {each.name}
          </DropdownMenuItem>
        ))}
        <DropdownMenuLabel>For readers to show that they can tell it</DropdownMenuLabel>
        <DropdownMenuItem onSelect={() => void refer()}>Reference of {of.name}</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

async function addExample(
  session: SlideSession,
  projectId: string,
  definition: ClassDefinition,
  good: boolean,
  { minX, minY, maxX, maxY }: Bbox,
): Promise<void> {
  try {
    await api.guideline.addExample(projectId, {
      classId: definition.id,
      slideId: slideId.parse(session.slideId),
      box: [minX, minY, maxX, maxY],
      good,
    });
    toast.success(`${good ? "Example" : "Counter-example"} of ${definition.name} is in the draft.`, {
      action: {
        label: "Open the draft",
        onClick: () => window.open(`${projectPath(projectId, "guideline")}/draft?class=${definition.id}`, "_blank"),
      },
    });
  } catch (error) {
    toast.error(sentenceOf(error));
  }
}

/** @returns whether it was heard to be there */
async function addReference(
  projectId: string,
  { id: classId, name }: ClassDefinition,
  of: PlaceInput,
  nameOf: (content: unknown) => string,
): Promise<boolean> {
  if (of.kind === "dispute") return false;
  const place =
    of.kind === "region"
      ? { kind: "box" as const, slideId: of.slideId, box: of.box }
      : { kind: "annotation" as const, layerId: of.layerId, annotationId: of.annotationId };
  try {
    await api.qualification.addReference(projectId, { id: nameOf([classId, place]), place, classId });
    toast.success(`A reference of ${name}: readers are asked about it when the class is redefined.`, {
      action: {
        label: "Open the references",
        onClick: () => window.open(`${projectPath(projectId, "guideline")}/qualification`, "_blank"),
      },
    });
    return true;
  } catch (error) {
    toast.error(sentenceOf(error));
    return false;
  }
}

/** The square in the middle of what is seen, in whole px on the slide. */
function viewBox({ workbench, slide }: SlideSession): Bbox {
  const { x, y, zoom } = workbench.view.camera;
  const { width, height } = workbench.view.size;
  const half = Math.min(width, height) / 2 ** zoom / 2;
  const [centreX, centreY] = [clamp(x, slide.width), clamp(y, slide.height)];
  const box = {
    minX: Math.max(0, Math.floor(centreX - half)),
    minY: Math.max(0, Math.floor(centreY - half)),
    maxX: Math.min(slide.width, Math.ceil(centreX + half)),
    maxY: Math.min(slide.height, Math.ceil(centreY + half)),
  };
  return box;
}

function clamp(value: number, limit: number): number {
  return Math.min(limit - 1, Math.max(1, value));
}
