import { z } from "zod";
import { type Bbox, MAX_COORDINATE } from "./annotation.ts";
import { annotationId, type ClassId, layerId, roundId, slideId, taskId } from "./ids.ts";
import { reasonCodeSchema } from "./task.ts";

/** Something that the guideline leaves open: asked from work, and answered or made into a change of the guideline. */
export const questionStateSchema = z.enum(["open", "answered", "became-draft-change", "closed"]);
export type QuestionState = z.infer<typeof questionStateSchema>;

/** min x, min y, max x, max y in level-0 px. */
export const boxSchema = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .refine((box) => box.every((value) => Math.abs(value) <= MAX_COORDINATE), "a box lies within the largest slide")
  .refine(([minX, minY, maxX, maxY]) => maxX > minX && maxY > minY, "a box has a width and a height");
export type Box = z.infer<typeof boxSchema>;

/** How far around a point is shown, px. */
const AROUND_POINT_PX = 64;

/** A place as a box that has a width and a height, so that there is something to see. */
export function boxAround({ minX, minY, maxX, maxY }: Bbox): Box {
  const grow = maxX - minX < 1 || maxY - minY < 1 ? AROUND_POINT_PX : 0;
  return [minX - grow, minY - grow, maxX + grow, maxY + grow];
}

/** The classes that a dispute confuses, at most two, by id; one where it is about marking or not. */
export function classPairOf(votes: readonly { readonly classId: ClassId | null }[]): ClassId[] {
  const counts = new Map<ClassId, number>();
  for (const { classId } of votes) if (classId !== null) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  const byVotes = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return byVotes
    .slice(0, 2)
    .map(([id]) => id)
    .sort();
}

const said = { reason: reasonCodeSchema.nullable().default(null), note: z.string().trim().max(2_000).default("") };

/** Where on a slide a question arose: an outline, a dispute between reads, or a region that nobody outlined. */
export const placeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("outline"), layerId, annotationId, taskId: taskId.nullable().default(null), ...said }),
  z.object({
    kind: z.literal("dispute"),
    roundId,
    slideId,
    disputeKey: z.string().min(1).max(200),
    box: boxSchema,
    ...said,
  }),
  z.object({ kind: z.literal("region"), slideId, box: boxSchema, ...said }),
]);
/** A place as a page or a command names it; reason and note may be left out. */
export type PlaceInput = z.input<typeof placeSchema>;
export type Place = z.infer<typeof placeSchema>;

const NEXT: Readonly<Record<QuestionState, readonly QuestionState[]>> = {
  open: ["answered", "became-draft-change", "closed"],
  answered: ["open", "became-draft-change", "closed"],
  "became-draft-change": ["open", "answered"],
  closed: ["open"],
};

/** True where a question may go from one state to the other; who may send it there is asked of permissions. */
export function mayBecome(from: QuestionState, to: QuestionState): boolean {
  return NEXT[from].includes(to);
}
