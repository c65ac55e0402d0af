import { type DecodingReply, type DecodingRequest, decodingRequestSchema } from "./decoding.ts";
import { openSources } from "./open-sources.ts";
import { readRegion } from "./region.ts";
import { SlideError, type SlideSource, type TileBytes } from "./slide-source.ts";
import { openSlide } from "./source.ts";

// Entry of the process in which tiles of foreign files are decoded. It answers until its parent is gone.

const MAX_OPEN = 16;
const RSS_CHECK_MS = 100;
const MAX_RSS_BYTES = 1_024 * 1_024 * 1_024;

const sidecars = new Map<string, string | null>();
const sources = openSources((path) => {
  const sidecar = sidecars.get(path) ?? null;
  return openSlide(path, sidecar === null ? {} : { sidecar });
}, MAX_OPEN);

process.on("message", (message) => {
  const request = decodingRequestSchema.parse(message);
  if (request.kind === "forget") sources.forget(request.path);
  else void answer(request).then((reply) => process.send?.(reply));
});
process.once("disconnect", () => process.exit());
// Pixels live outside the heap; a file that takes too much ends the process, and its request with it.
setInterval(() => {
  if (process.memoryUsage.rss() > MAX_RSS_BYTES) process.exit(1);
}, RSS_CHECK_MS).unref();

type PixelRequest = Exclude<DecodingRequest, { readonly kind: "forget" }>;

async function answer(request: PixelRequest): Promise<DecodingReply> {
  try {
    sidecars.set(request.path, request.sidecar);
    const { bytes, contentType } = await sources.use(request.path, (source) => read(source, request));
    return { ok: true, id: request.id, bytes, contentType };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    if (!(error instanceof SlideError)) return { ok: false, id: request.id, code: null, problem, detail: {} };
    return { ok: false, id: request.id, code: error.code, problem: error.code, detail: error.detail };
  }
}

function read(source: SlideSource, request: PixelRequest): Promise<TileBytes> {
  return request.kind === "tile"
    ? source.readTile(request.level, request.column, request.row)
    : readRegion(source, request.box, request.maxPx);
}
