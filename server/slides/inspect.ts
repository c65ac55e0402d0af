import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { type Refusal, type Result, refuse } from "#domain/result.ts";
import type { SlideMeta } from "#domain/slide.ts";
import { type ChildEntry, startChild } from "./child.ts";
import { type Inspection, type InspectionReply, type InspectionRequest, inspectionReplySchema } from "./inspection.ts";
import type { SlideErrorCode } from "./slide-source.ts";

export type { Inspection } from "./inspection.ts";

export type InspectionLimits = {
  /** Wall-clock time, ms. */
  readonly timeoutMs: number;
  /** Memory of the process, MB. */
  readonly maxRssMb: number;
};
export type InspectionOptions = { readonly limits?: Partial<InspectionLimits>; readonly signal?: AbortSignal };

const INSPECT_LIMITS: InspectionLimits = { timeoutMs: 60_000, maxRssMb: 1_024 };
const CONVERT_LIMITS: InspectionLimits = { timeoutMs: 600_000, maxRssMb: 2_048 };
const ENTRY: ChildEntry = { source: "./inspect-child.ts", bundle: "./inspect-child.mjs" };

/**
 * Opens a foreign file in a process of its own, decodes a sample of each level and says what the file is.
 * The file is only read. A crash or a hang of a decoder ends as a refusal.
 */
export async function inspectSlide(
  path: string,
  options: InspectionOptions = {},
): Promise<Result<Inspection, SlideErrorCode>> {
  return askChild({ path, target: null, mpp: null }, { ...INSPECT_LIMITS, ...options.limits }, options.signal);
}

/**
 * Makes a plain image into a pyramid at `target`, in a process of its own. After a refusal there is nothing at `target`.
 * @param options.mpp microns per pixel where a person has stated it
 */
export async function convertImage(
  path: string,
  target: string,
  options: InspectionOptions & { readonly mpp?: number | null } = {},
): Promise<Result<SlideMeta, SlideErrorCode>> {
  const limits = { ...CONVERT_LIMITS, ...options.limits };
  const reply = await askChild({ path, target, mpp: options.mpp ?? null }, limits, options.signal);
  if (reply.ok && reply.value.kind === "pyramid") return { ok: true, value: reply.value.meta };
  await rm(`${target}.part`, { force: true });
  await rm(target, { force: true });
  return reply.ok ? refuse("slide-damaged", { problem: "it did not become a pyramid" }) : reply;
}

/** A file that openSlide opens, and what it shows. `path` is another file than the one that was given if it was converted. */
export type PreparedSlide = { readonly path: string; readonly meta: SlideMeta; readonly converted: boolean };

/**
 * Inspects a foreign file and, where it is a plain image, makes a pyramid beside it (`<path>.pyramid`).
 * The given file is left as it is, also after a refusal; it is the caller's to keep or remove.
 */
export async function prepareSlide(
  path: string,
  options: InspectionOptions & { readonly mpp?: number | null } = {},
): Promise<Result<PreparedSlide, SlideErrorCode>> {
  const inspected = await inspectSlide(path, options);
  if (!inspected.ok) return inspected;
  if (inspected.value.kind === "pyramid") {
    return { ok: true, value: { path, meta: inspected.value.meta, converted: false } };
  }
  const target = `${path}.pyramid`;
  const converted = await convertImage(path, target, options);
  return converted.ok ? { ok: true, value: { path: target, meta: converted.value, converted: true } } : converted;
}

async function askChild(
  request: Omit<InspectionRequest, "maxRssMb">,
  limits: InspectionLimits,
  signal: AbortSignal | undefined,
): Promise<InspectionReply> {
  signal?.throwIfAborted();
  const child = startChild(ENTRY);
  try {
    child.send({ ...request, maxRssMb: limits.maxRssMb } satisfies InspectionRequest);
    return await replyOf(child, limits, signal);
  } finally {
    child.kill("SIGKILL");
  }
}

function replyOf(
  child: ChildProcess,
  { timeoutMs }: InspectionLimits,
  signal: AbortSignal | undefined,
): Promise<InspectionReply> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      resolve(refusedFor("reading it takes longer than is allowed", { timeoutMs }));
    }, timeoutMs);
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const settle = (): void => {
      clearTimeout(late);
      signal?.removeEventListener("abort", abort);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("message", (message) => {
      settle();
      const reply = inspectionReplySchema.safeParse(message);
      if (reply.success) resolve(reply.data);
      else reject(new Error("the process for foreign files gave an answer that is none", { cause: reply.error }));
    });
    child.once("exit", (code, ended) => {
      settle();
      resolve(refusedFor("the decoder gave up on it", { code, ended }));
    });
  });
}

function refusedFor(problem: string, values: Readonly<Record<string, unknown>>): Refusal<SlideErrorCode> {
  return refuse("slide-damaged", { problem, ...values });
}
