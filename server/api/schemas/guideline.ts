import { z } from "@hono/zod-openapi";
import { changeOutcomeSchema, declarationSchema, guidelineChangeSchema } from "#domain/guideline/change.ts";
import { lintCodeSchema } from "#domain/guideline/lint.ts";
import { guidelineContentSchema, guidelineVersionSchema } from "#domain/guideline.ts";
import { personRef, timeSchema } from "./common.ts";

export const publishedVersion = guidelineVersionSchema.extend({ publishedAt: timeSchema, publishedBy: personRef });

export const draftSchema = z.object({
  parent: z.int(),
  content: guidelineContentSchema,
  declarations: z.array(declarationSchema),
  revision: z.int(),
  updatedAt: timeSchema,
  updatedBy: personRef,
});
/**
 * `revision` is the one the page saw; 0 starts a draft. An older one is refused with `stale-draft`. `parent` is the version
 * that the text follows; where another is the newest the draft is refused with `draft-overtaken`.
 */
export const draftSave = z.object({
  revision: z.int().min(0),
  parent: z.int().min(0).optional(),
  content: guidelineContentSchema,
  declarations: z.array(declarationSchema),
});

export const guidelineSchema = z.object({
  /** Oldest first; empty before the first is published. */
  versions: z.array(publishedVersion),
  /** Leads only; null for others and where there is none. */
  draft: draftSchema.nullable(),
});

export const previewRow = z.object({
  /** Index into `changes`. */
  change: z.int(),
  kind: z.string(),
  classId: z.string(),
  personId: z.string(),
  slideId: z.string(),
  layerId: z.string(),
  count: z.int(),
  outcome: z.enum(["automatic", "review", "choose", "archive"]),
});

const paceSchema = z.object({ seconds: z.number(), isAssumed: z.boolean() });

/** What publishing the draft will cause; the counts are those that publishing then produces. */
export const previewSchema = z.object({
  parent: z.int(),
  number: z.int(),
  changes: z.array(guidelineChangeSchema),
  /** What each change asks for, at the place of the change. */
  outcomes: z.array(z.array(changeOutcomeSchema)),
  /** What a lead should think about once more; `changes` are places in the list. */
  lint: z.array(z.object({ code: lintCodeSchema, classId: z.string().nullable(), changes: z.array(z.int()) })),
  /** Why it cannot be published as it is; null where it can. */
  refusal: z.object({ code: z.string(), title: z.string(), detail: z.record(z.string(), z.unknown()) }).nullable(),
  rows: z.array(previewRow),
  totals: z.object({ automatic: z.int(), review: z.int(), choose: z.int(), archive: z.int(), untouched: z.int() }),
  /** Annotations with an open question, before and after publishing. */
  staleBefore: z.int(),
  staleAfter: z.int(),
  rescreens: z.array(
    z.object({ slideId: z.string(), layerId: z.string(), personId: z.string(), classIds: z.array(z.string()) }),
  ),
  /** Readers of redefined classes, who show again that they can tell them; tasks are made for those that are ready. */
  requalify: z.array(
    z.object({
      classId: z.string(),
      personId: z.string(),
      /** False while no reference of the class holds under the draft: there is nothing to ask. */
      ready: z.boolean(),
    }),
  ),
  people: z.array(personRef),
  slides: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Answers, classes to look through slides for, and tests that publishing asks for, each times its pace. */
  estimatedHours: z.number(),
  /** Seconds for an answer: the median of the project's own, or assumed before anybody has answered anything. */
  pace: paceSchema,
  /** The same to look through a slide for one class, and for a test. */
  screenPace: paceSchema,
  testPace: paceSchema,
  /** Blind rounds still open whose readers the change touches. */
  openBlindRounds: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Other rounds in which somebody still reads: there it takes effect at once. `asked` are outlines that it asks about. */
  openRounds: z.array(z.object({ id: z.string(), name: z.string(), openReads: z.int(), asked: z.int() })),
});

/** Decisions about disputes that publishing the draft would reopen; the same that are out of date then, and no others. */
export const reconsideredSchema = z.object({
  parent: z.int(),
  /** False for a draft that cannot be published as it is. */
  counted: z.boolean(),
  slides: z.array(
    z.object({
      slideId: z.string(),
      slideName: z.string(),
      roundId: z.string(),
      roundName: z.string(),
      /** Ids of decisions that come back to the queue. */
      reopened: z.array(z.string()),
      /** Ids of decisions about which the reads differ no more. */
      settled: z.array(z.string()),
    }),
  ),
});

/** How far the measuring of pairs is that a preview waits for; null where it waits for none. */
export const previewProgressSchema = z.object({
  measuring: z.object({ share: z.number().min(0).max(1), layers: z.int(), layersDone: z.int() }).nullable(),
});

export const publishRequest = z.object({
  /** Number of the version the draft was based on; 0 for the first. Refused with `stale-publish` if it is no longer the newest. */
  parent: z.int().min(0),
  note: z.string().max(4_000).default(""),
  /** Reaches open blind rounds at once, each reader with their own items only; else it takes effect when each closes. */
  forced: z.boolean().default(false),
});
export const publishAnswer = z.object({ number: z.int(), tasks: z.int() });

export type PublishedVersion = z.infer<typeof publishedVersion>;
export type Draft = z.infer<typeof draftSchema>;
export type GuidelineView = z.infer<typeof guidelineSchema>;
export type Reconsidered = z.infer<typeof reconsideredSchema>;
export type Preview = z.infer<typeof previewSchema>;
export type PreviewProgress = z.infer<typeof previewProgressSchema>;
