import { z } from "zod";

/** Every id is made by us: 8 to 32 lower-case letters and digits, without meaning and never reused. */
export const ID_PATTERN = /^[a-z0-9]{8,32}$/;

const id = z.string().regex(ID_PATTERN, "an id is 8 to 32 lower-case letters and digits");

export const personId = id.brand<"PersonId">();
export const projectId = id.brand<"ProjectId">();
export const caseId = id.brand<"CaseId">();
export const slideId = id.brand<"SlideId">();
export const layerId = id.brand<"LayerId">();
export const roundId = id.brand<"RoundId">();
export const regionId = id.brand<"RegionId">();
export const taskId = id.brand<"TaskId">();
export const releaseId = id.brand<"ReleaseId">();
export const classId = id.brand<"ClassId">();
export const annotationId = id.brand<"AnnotationId">();
export const attributeId = id.brand<"AttributeId">();
export const valueId = id.brand<"ValueId">();
export const trialId = id.brand<"TrialId">();
export const questionId = id.brand<"QuestionId">();
export const referenceId = id.brand<"ReferenceId">();
export const attemptId = id.brand<"AttemptId">();

export type PersonId = z.infer<typeof personId>;
export type ProjectId = z.infer<typeof projectId>;
export type CaseId = z.infer<typeof caseId>;
export type SlideId = z.infer<typeof slideId>;
export type LayerId = z.infer<typeof layerId>;
export type RoundId = z.infer<typeof roundId>;
export type RegionId = z.infer<typeof regionId>;
export type TaskId = z.infer<typeof taskId>;
export type ReleaseId = z.infer<typeof releaseId>;
export type ClassId = z.infer<typeof classId>;
export type AnnotationId = z.infer<typeof annotationId>;
export type AttributeId = z.infer<typeof attributeId>;
export type ValueId = z.infer<typeof valueId>;
export type TrialId = z.infer<typeof trialId>;
export type QuestionId = z.infer<typeof questionId>;
export type ReferenceId = z.infer<typeof referenceId>;
export type AttemptId = z.infer<typeof attemptId>;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/**
 * A new id of 16 characters (82 bits) from random bytes that the caller brings.
 * @param bytes 16 or more random bytes
 * @returns a string that any of the id types may be made of, through its schema or a cast at the place of birth
 */
export function idFromBytes(bytes: Uint8Array): string {
  if (bytes.length < 16) throw new Error(`an id needs 16 random bytes, got ${bytes.length}`);
  let text = "";
  for (let index = 0; index < 16; index++) text += ALPHABET[(bytes[index] ?? 0) % ALPHABET.length];
  return text;
}
