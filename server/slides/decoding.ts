import { z } from "zod";
import { slideErrorCodes } from "./slide-source.ts";

const pixels = { path: z.string(), sidecar: z.string().nullable() };
const box = z.object({ minX: z.number(), minY: z.number(), maxX: z.number(), maxY: z.number() });

/** What the decoding process is asked; `id` comes back with the answer. */
export const decodingRequestSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("tile"), id: z.int(), ...pixels, level: z.int(), column: z.int(), row: z.int() }),
  z.object({ kind: z.literal("region"), id: z.int(), ...pixels, box, maxPx: z.number() }),
  z.object({ kind: z.literal("forget"), path: z.string() }),
]);

export const decodingReplySchema = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    id: z.int(),
    bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
    contentType: z.enum(["image/jpeg", "image/png"]),
  }),
  z.object({
    ok: z.literal(false),
    id: z.int(),
    code: z.enum(slideErrorCodes).nullable(),
    problem: z.string(),
    detail: z.record(z.string(), z.unknown()),
  }),
]);

export type DecodingRequest = z.infer<typeof decodingRequestSchema>;
export type DecodingReply = z.infer<typeof decodingReplySchema>;
