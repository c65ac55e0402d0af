import type { Bbox } from "#domain/annotation.ts";
import { type SlideLevel, tileExtent } from "#domain/slide.ts";
import { addCanvas, type FullCanvas } from "./canvas.ts";
import { boundsOf, type Camera, type SlideView, type ViewSize } from "./slide-view.ts";
import { boxOf, levelFor, type TileAddress, tilesIn } from "./tile-plan.ts";
import { TileStore } from "./tile-store.ts";

/** Stand-ins from a finer level are drawn only while they are few. */
const MAX_FINER_TILES = 96;
const PAPER = "#f4f4f2";
const DAMAGED = "#b9bcc4";

/**
 * The slide itself, on one canvas under everything else. A canvas and not a grid of image elements: levels have any
 * downsample, tiles any size, edge tiles are padded, and with edges put on whole device px no hairline shows between two.
 */
export class SlideLayer {
  readonly #view: SlideView;
  readonly #canvas: FullCanvas;
  readonly #tiles: TileStore;
  readonly #thumbnail = new Image();
  readonly #remove: () => void;
  readonly #loading: (waiting: number) => void;
  #expected: readonly Camera[] = [];

  /** @param loading is told how many tiles in view are still to come */
  constructor(
    view: SlideView,
    source: { readonly levels: readonly SlideLevel[]; readonly tileUrl: string; readonly thumbnailUrl: string },
    loading: (waiting: number) => void = () => undefined,
  ) {
    this.#view = view;
    this.#loading = loading;
    this.#canvas = addCanvas(view.container, "slide", 1);
    this.#tiles = new TileStore(source.levels, source.tileUrl, () => view.invalidate());
    this.#thumbnail.onload = () => view.invalidate();
    this.#thumbnail.src = source.thumbnailUrl;
    this.#remove = view.addPainter((camera, size) => this.#paint(camera, size));
  }

  /** Where the person will look next, the sooner first: those tiles are fetched once all in view are here. */
  expect(cameras: readonly Camera[]): void {
    this.#expected = cameras;
    this.#view.invalidate();
  }

  close(): void {
    this.#remove();
    this.#thumbnail.onload = null;
    this.#tiles.close();
    this.#canvas.element.remove();
  }

  #paint(camera: Camera, size: ViewSize): void {
    const ratio = this.#canvas.begin(size);
    const bounds = boundsOf(camera, size);
    const scale = 2 ** camera.zoom * ratio;
    const frame: Frame = { context: this.#canvas.context, bounds, scale };
    this.#paintPaper(frame);
    const level = levelFor(this.#tiles.levels, scale);
    const inView = tilesIn(this.#tiles.levels, level, bounds);
    const complete = inView.every((tile) => this.#tiles.peek(tile)?.state === "ready");
    if (!complete) this.#paintStandIns(frame, level);
    this.#paintTiles(frame, inView);
    this.#tiles.wish([
      ...nearestFirst(inView, this.#tiles.levels, camera),
      ...this.#expected.flatMap((next) => this.#tilesAt(next, size, ratio)),
      ...this.#margin(level, bounds),
    ]);
    this.#loading(complete ? 0 : inView.filter((tile) => this.#tiles.peek(tile)?.state === "loading").length);
  }

  /** Glass, with the thumbnail over it for a first sight. */
  #paintPaper(frame: Frame): void {
    const { width, height } = this.#view.slide;
    const [left, top, right, bottom] = onDevice(frame, { minX: 0, minY: 0, maxX: width, maxY: height });
    frame.context.fillStyle = PAPER;
    frame.context.fillRect(left, top, right - left, bottom - top);
    if (!this.#thumbnail.complete || this.#thumbnail.naturalWidth === 0) return;
    frame.context.imageSmoothingEnabled = true;
    frame.context.imageSmoothingQuality = "low";
    frame.context.drawImage(this.#thumbnail, left, top, right - left, bottom - top);
  }

  /** What other levels have of the view, the coarse first, so that a sharper piece is never covered by a blurred one. */
  #paintStandIns(frame: Frame, level: number): void {
    for (let coarse = this.#tiles.levels.length - 1; coarse > level; coarse--) {
      this.#paintTiles(frame, tilesIn(this.#tiles.levels, coarse, frame.bounds));
    }
    const finer = level > 0 ? tilesIn(this.#tiles.levels, level - 1, frame.bounds) : [];
    if (finer.length <= MAX_FINER_TILES) this.#paintTiles(frame, finer);
  }

  #paintTiles(frame: Frame, addresses: readonly TileAddress[]): void {
    const { context } = frame;
    for (const address of addresses) {
      const level = this.#tiles.levels[address.level];
      const tile = this.#tiles.peek(address);
      if (level === undefined || tile === undefined || tile.state === "loading") continue;
      const extent = tileExtent(level, address.column, address.row);
      const [left, top, right, bottom] = onDevice(frame, boxOf(level, address));
      if (tile.state === "damaged") hatch(context, left, top, right - left, bottom - top);
      else {
        const shrink = ((right - left) / extent.width + (bottom - top) / extent.height) / 2;
        context.imageSmoothingEnabled = shrink < 3;
        context.imageSmoothingQuality = shrink < 0.6 ? "medium" : "low";
        context.drawImage(tile.image, 0, 0, extent.width, extent.height, left, top, right - left, bottom - top);
      }
    }
  }

  #tilesAt(camera: Camera, size: ViewSize, ratio: number): readonly TileAddress[] {
    const { levels } = this.#tiles;
    return tilesIn(levels, levelFor(levels, 2 ** camera.zoom * ratio), boundsOf(camera, size));
  }

  /** Tiles just outside the view, wanted after those in it. */
  #margin(level: number, bounds: Bbox): readonly TileAddress[] {
    const of = this.#tiles.levels[level];
    if (of === undefined) return [];
    const [dx, dy] = [of.tileWidth * of.downsample * 0.75, of.tileHeight * of.downsample * 0.75];
    const wider = {
      minX: bounds.minX - dx,
      minY: bounds.minY - dy,
      maxX: bounds.maxX + dx,
      maxY: bounds.maxY + dy,
    };
    return tilesIn(this.#tiles.levels, level, wider);
  }
}

/** Device px of the canvas for a part of the slide. */
type Frame = { readonly context: CanvasRenderingContext2D; readonly bounds: Bbox; readonly scale: number };

/** Edges rounded to whole device px: neighbours round the same edge to the same place, so no gap opens. */
function onDevice({ bounds, scale }: Frame, box: Bbox): [left: number, top: number, right: number, bottom: number] {
  return [
    Math.round((box.minX - bounds.minX) * scale),
    Math.round((box.minY - bounds.minY) * scale),
    Math.round((box.maxX - bounds.minX) * scale),
    Math.round((box.maxY - bounds.minY) * scale),
  ];
}

function nearestFirst(
  tiles: readonly TileAddress[],
  levels: readonly SlideLevel[],
  { x, y }: Camera,
): readonly TileAddress[] {
  const distance = (tile: TileAddress) => {
    const level = levels[tile.level];
    if (level === undefined) return 0;
    const { minX, minY, maxX, maxY } = boxOf(level, tile);
    return Math.hypot((minX + maxX) / 2 - x, (minY + maxY) / 2 - y);
  };
  return tiles.toSorted((a, b) => distance(a) - distance(b));
}

/** Missing pixels must not pass for glass. */
function hatch(context: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.fillStyle = "#d9dbe0";
  context.fillRect(left, top, width, height);
  context.strokeStyle = DAMAGED;
  context.lineWidth = 2;
  context.beginPath();
  for (let offset = -height; offset < width; offset += 14) {
    context.moveTo(left + offset, top + height);
    context.lineTo(left + offset + height, top);
  }
  context.stroke();
  context.restore();
}
