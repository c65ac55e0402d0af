import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type ChildEntry, startChild } from "#server/slides/child.ts";
import { type GenerationRequest, generationReportSchema } from "./generation.ts";
import type { Truth } from "./render.ts";

export type Generation = {
  /** Where the slide is written; it appears there when it is complete. */
  readonly path: string;
  /** 256 to 65,536 px a side. */
  readonly size: { readonly width: number; readonly height: number };
  readonly seed: number;
  /** Microns per pixel, 0.1 to 2. */
  readonly mpp: number;
  /** Told how far it is, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
};

const ENTRY: ChildEntry = { source: "./synthetic/generate-child.ts", bundle: "./generate-child.mjs" };

/**
 * Makes a slide of haematoxylin and eosin stained tissue, with the outlines of what it truly shows in level-0 px.
 * Same size, seed and mpp: same slide. Painted in a process of its own; 8,192 px wide takes about 15 s and 300 MB there.
 */
export async function generateSlide(generation: Generation): Promise<Truth> {
  const { path, size, seed, mpp, signal } = generation;
  signal?.throwIfAborted();
  const child = startChild(ENTRY);
  try {
    child.send({ path, ...size, seed, mpp } satisfies GenerationRequest);
    return await truthOf(child, generation.onProgress ?? (() => undefined), signal);
  } catch (error) {
    await ended(child);
    await rm(`${path}.part`, { force: true });
    throw error;
  } finally {
    child.kill("SIGKILL");
  }
}

/** Stops a process and waits until it can write no more. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

function truthOf(
  child: ChildProcess,
  onProgress: (fraction: number) => void,
  signal: AbortSignal | undefined,
): Promise<Truth> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const settled = (): void => signal?.removeEventListener("abort", abort);
    child.on("message", (message) => {
      const report = generationReportSchema.safeParse(message);
      if (!report.success) reject(new Error("the generating process gave an answer that is none"));
      else if (report.data.kind === "progress") onProgress(report.data.fraction);
      else if (report.data.kind === "done") resolve(report.data.truth);
      else reject(new Error(`the slide could not be generated: ${report.data.problem}`));
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      settled();
      reject(new Error(`the generating process ended with ${code}`));
    });
  });
}
