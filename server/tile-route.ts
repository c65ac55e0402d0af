import type { IncomingMessage, ServerResponse } from "node:http";
import { memberOf } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { slideById } from "#db/slides.ts";
import type { Bbox } from "#domain/annotation.ts";
import { CROP_SIZES } from "#domain/crop.ts";
import { type PersonId, type ProjectId, type SlideId, slideId } from "#domain/ids.ts";
import { can } from "#domain/permissions.ts";
import { AppError, faultOf, problemOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Sessions } from "./session.ts";
import type { Tile, Tiles } from "./slides/tiles.ts";

const ADDRESS = /^\/slides\/([a-z0-9]{8,32})\/([0-9a-f]{16})\/(.+)$/;
const TILE = /^(\d{1,2})\/(\d{1,6})_(\d{1,6})$/;
/** Box in whole level-0 px and longest side of the answer. */
const CROP = /^crop\/(\d{1,8})_(\d{1,8})_(\d{1,8})_(\d{1,8})\/(\d{2,4})$/;
const THUMBNAIL_PX = 1_024;
/** What of a slide an address asks for. */
type Part =
  | { readonly kind: "tile"; readonly level: number; readonly column: number; readonly row: number }
  | { readonly kind: "crop"; readonly box: Bbox; readonly maxPx: number }
  | { readonly kind: "thumbnail" };
type Address = { readonly id: SlideId; readonly hash: string; readonly part: Part };

/** How long a "yes" is believed without asking the database again; a change of rights forgets it at once. */
const BELIEVED_MS = 30_000;
const MAX_REMEMBERED = 20_000;

type Known = { readonly projectId: ProjectId; readonly hash: string; readonly at: number };

export type TileRoute = {
  /** Answers a tile, a crop or the thumbnail. @returns false where the address is none of ours */
  answer(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** Forgets who may see what: after a change of rights or of a slide. */
  forget(): void;
};

/**
 * Tiles at `/slides/<slide>/<first 16 of its SHA-256>/<level>/<column>_<row>`, its thumbnail, and crops at
 * `.../crop/<minX>_<minY>_<maxX>_<maxY>/<longest side>` in the sizes of domain/crop.ts. Answered before the page framework, from memory: session, membership, encoded bytes. The hash in the address makes an answer immutable.
 */
export function createTileRoute(world: {
  readonly db: Db;
  readonly sessions: Sessions;
  readonly tiles: Tiles;
  readonly log: Logger;
}): TileRoute {
  const slides = new Map<string, Known>();
  const allowed = new Map<string, number>();

  const maySee = async (person: PersonId, projectId: ProjectId): Promise<boolean> => {
    const key = `${person}/${projectId}`;
    const since = allowed.get(key);
    if (since !== undefined && Date.now() - since < BELIEVED_MS) return true;
    if (!can(await memberOf(world.db, person, projectId), "slide.view")) return false;
    remember(allowed, key, Date.now());
    return true;
  };
  const slideOf = async (id: SlideId): Promise<Known> => {
    const known = slides.get(id);
    if (known !== undefined && Date.now() - known.at < BELIEVED_MS) return known;
    const row = await slideById(world.db, id);
    if (row === null) throw new AppError("not-found");
    const found = { projectId: row.projectId, hash: row.contentHash.slice(0, 16), at: Date.now() };
    remember(slides, id, found);
    return found;
  };
  const tileOf = async (req: IncomingMessage, { id, hash, part }: Address): Promise<Tile> => {
    const caller = await world.sessions.authenticate(req);
    if (caller === null) throw new AppError("not-signed-in");
    const slide = await slideOf(id);
    if (slide.hash !== hash || !(await maySee(caller.personId, slide.projectId))) throw new AppError("not-found");
    try {
      return await readPart(world.tiles, id, part);
    } catch (error) {
      // A slide that was removed while it was still remembered here.
      if ((await slideById(world.db, id)) === null) throw new AppError("not-found");
      throw error;
    }
  };

  return {
    async answer(req, res) {
      const address = addressOf((req.url ?? "").split("?")[0] ?? "");
      if (address === null) return false;
      try {
        if (req.method !== "GET" && req.method !== "HEAD")
          throw new AppError("method-not-allowed", { method: req.method });
        send(req, res, await tileOf(req, address));
      } catch (error) {
        sendProblem(res, error, world.log);
      }
      return true;
    },
    forget() {
      slides.clear();
      allowed.clear();
    },
  };
}

/** Null where the address is none of ours, malformed ones included. */
function addressOf(path: string): Address | null {
  const [, id = "", hash = "", rest = ""] = ADDRESS.exec(path) ?? [];
  const part = partOf(rest);
  return part === null ? null : { id: slideId.parse(id), hash, part };
}

function partOf(rest: string): Part | null {
  if (rest === "thumbnail") return { kind: "thumbnail" };
  const tile = TILE.exec(rest);
  if (tile !== null) return { kind: "tile", level: Number(tile[1]), column: Number(tile[2]), row: Number(tile[3]) };
  const [minX = 0, minY = 0, maxX = 0, maxY = 0, maxPx = 0] = CROP.exec(rest)?.slice(1).map(Number) ?? [];
  if (maxX <= minX || maxY <= minY || !CROP_SIZES.some((size) => size === maxPx)) return null;
  return { kind: "crop", box: { minX, minY, maxX, maxY }, maxPx };
}

function readPart(tiles: Tiles, id: SlideId, part: Part): Promise<Tile> {
  switch (part.kind) {
    case "tile":
      return tiles.tile(id, part.level, part.column, part.row);
    case "crop":
      return tiles.region(id, part.box, part.maxPx);
    case "thumbnail":
      return tiles.thumbnail(id, THUMBNAIL_PX);
    default:
      return part satisfies never;
  }
}

function remember<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  cache.delete(key);
  if (cache.size >= MAX_REMEMBERED) {
    const [oldest] = cache.keys();
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(key, value);
}

function send(req: IncomingMessage, res: ServerResponse, tile: Tile): void {
  const headers = { etag: tile.etag, "cache-control": "private, max-age=31536000, immutable" };
  const wanted = (req.headers["if-none-match"] ?? "").split(",").map((each) => each.trim());
  if (wanted.includes(tile.etag)) {
    res.writeHead(304, headers).end();
    return;
  }
  res.writeHead(200, { ...headers, "content-type": tile.contentType, "content-length": tile.bytes.byteLength });
  res.end(req.method === "HEAD" ? undefined : tile.bytes);
}

function sendProblem(res: ServerResponse, error: unknown, log: Logger): void {
  const known = error instanceof AppError;
  if (!known) log.error("tile.failed", error);
  const code = known ? error.code : "internal";
  res.writeHead(faultOf(code).status, { "content-type": "application/problem+json", "cache-control": "no-store" });
  res.end(JSON.stringify(problemOf(code, known ? error.detail : {})));
}
