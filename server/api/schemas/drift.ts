import { z } from "@hono/zod-openapi";
import { personRef, timeSchema } from "./common.ts";
import { measure } from "./consensus.ts";

/** A number with its 95 % interval over cases, or the reason why it has none. */
export const estimateSchema = z.object({
  value: measure,
  limits: z.union([
    z.object({ defined: z.literal(true), low: z.number(), high: z.number() }),
    z.object({ defined: z.literal(false), reason: z.string() }),
  ]),
  /** Cases that it is made of. */
  clusters: z.int(),
});

const readPoint = z.object({
  layerId: z.string(),
  slideId: z.string(),
  slideName: z.string(),
  at: timeSchema,
  /** Monday of its week, UTC. */
  week: z.string(),
  guidelineNumber: z.int(),
  repeat: z.boolean(),
  outlines: z.int(),
  areaPx: z.number(),
});

/** Read by read; the places of `changes` are places in the list of reads. */
const useSeries = z.object({
  shares: z.array(z.number()),
  others: z.array(z.number().nullable()),
  /** True where changes follow the difference from the others. */
  relative: z.boolean(),
  changes: z.array(
    z.object({
      at: z.int(),
      seenAt: z.int(),
      direction: z.enum(["up", "down"]),
      version: z.int().nullable(),
    }),
  ),
});

/** Agreement of two reads of the same tissue, class by class. */
const classPair = z.object({
  classId: z.string(),
  /** False where the class changed between the two versions: then the number measures the guideline as well. */
  comparable: z.boolean(),
  dice: estimateSchema,
  kappa: estimateSchema,
});
const pairGroup = z.object({
  from: z.int(),
  to: z.int(),
  pairs: z.int(),
  overall: estimateSchema,
  classes: z.array(classPair),
});

const boxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export const bridgeRegion = z.object({
  id: z.string(),
  slideId: z.string(),
  slideName: z.string(),
  name: z.string(),
  /** minX, minY, maxX, maxY; level-0 px. */
  box: boxSchema,
});

/** Fixed regions that chosen readers read again under each version. */
export const bridgeSchema = z.object({
  regions: z.array(bridgeRegion),
  readerIds: z.array(z.string()),
  rounds: z.array(z.object({ roundId: z.string(), version: z.int(), submitted: z.int(), total: z.int() })),
  /** The same reader under one version and the next. */
  versions: z.array(pairGroup),
  /** Different readers under one version. */
  readers: z.array(pairGroup),
});

export const driftSchema = z.object({
  readers: z.array(personRef),
  classes: z.array(z.object({ id: z.string(), name: z.string(), colour: z.string() })),
  versions: z.array(z.object({ number: z.int(), publishedAt: timeSchema })),
  use: z.array(
    z.object({
      readerId: z.string(),
      reads: z.array(readPoint),
      classes: z.array(z.object({ classId: z.string(), area: useSeries, count: useSeries })),
    }),
  ),
  offsets: z.array(
    z.object({
      readerId: z.string(),
      /** um; positive is loose. */
      overall: estimateSchema,
      classes: z.array(z.object({ classId: z.string(), offset: estimateSchema })),
    }),
  ),
  repeats: z.array(z.object({ readerId: z.string(), ...pairGroup.shape })),
  /** Repeats that are asked for and not compared yet, since they are open. */
  repeatsOpen: z.int(),
  bridge: bridgeSchema,
});

export const bridgeUpdate = z.object({
  /** A region without an id is new; one that is left out is taken out of the set. */
  regions: z
    .array(
      z.object({
        id: z.string().optional(),
        slideId: z.string(),
        name: z.string().trim().min(1).max(80),
        box: boxSchema,
      }),
    )
    .max(50),
  readerIds: z.array(z.string()).max(20),
});

export type Drift = z.infer<typeof driftSchema>;
export type DriftEstimate = z.infer<typeof estimateSchema>;
export type Bridge = z.infer<typeof bridgeSchema>;
export type PairGroup = z.infer<typeof pairGroup>;
export type UseSeries = z.infer<typeof useSeries>;
export type ReadPoint = z.infer<typeof readPoint>;
