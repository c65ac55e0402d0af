import { type GenerationReport, generationRequestSchema } from "./generation.ts";
import { renderSlide } from "./render.ts";

// Entry of the process that paints a slide. It answers one request and ends.

process.once("message", (message) => {
  void generate(message).then((report) => process.send?.(report, () => process.disconnect()));
});
process.once("disconnect", () => process.exit());

async function generate(message: unknown): Promise<GenerationReport> {
  try {
    const { path, ...shape } = generationRequestSchema.parse(message);
    const truth = await renderSlide(path, shape, (fraction) => process.send?.({ kind: "progress", fraction }));
    return { kind: "done", truth: { regions: [...truth.regions], artefacts: [...truth.artefacts] } };
  } catch (error) {
    return { kind: "failed", problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
