import { createStore, type StoreApi } from "zustand/vanilla";
import type { Bbox } from "#domain/annotation.ts";
import {
  addCells,
  type Cells,
  cellBox,
  cellsFromBase64,
  cellsIn,
  cellsOf,
  cellsToBase64,
  cellsTouched,
  DWELL_MS,
  hasCell,
  nextCell,
  type ScreenGrid,
  screeningOrder,
  seenOf,
} from "#domain/screening.ts";
import type { Screening as ScreeningAnswer } from "./answers.ts";
import { Dwell } from "./dwell.ts";
import { ScreeningPainter } from "./screening-painter.ts";
import type { SlideView } from "./slide-view.ts";

export type ScreeningState = {
  /** Share of the tissue, or else of the slide, that was seen at working magnification. */
  readonly share: number;
  readonly wantedShare: number;
  readonly isTissue: boolean;
  /** Cells that are still to be looked at, and those of them with candidates. */
  readonly open: number;
  readonly candidates: number;
  readonly visible: boolean;
};

/** Reports go out at most so often. */
const REPORT_MS = 4_000;
/** A view that was put at a cell holds the cell wholly, whatever is rounded. */
const ROOM_PX = 2;

/** One's own looking at one slide: what was in view at working magnification, the grid that shows it, and the way on. */
export class Screening {
  readonly store: StoreApi<ScreeningState>;
  readonly grid: ScreenGrid;
  readonly #view: SlideView;
  readonly #workingScale: number;
  readonly #tissue: Cells | null;
  readonly #seen: Cells;
  readonly #report: (cells: string, keepalive: boolean) => Promise<unknown>;
  readonly #dwell = new Dwell(DWELL_MS);
  readonly #painter: ScreeningPainter;
  readonly #stops: (() => void)[];
  #candidates: Cells;
  #current: number | null = null;
  #unsent: Cells | null = null;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #reporting: ReturnType<typeof setTimeout> | undefined;

  /** @param report takes what was seen since the last time; what it does not take is reported again */
  constructor(
    view: SlideView,
    answer: ScreeningAnswer,
    report: (cells: string, keepalive: boolean) => Promise<unknown>,
    visible: boolean,
  ) {
    const { cellPx, columns, rows, workingScale, wantedShare } = answer;
    this.grid = { cellPx, columns, rows, ...view.slide };
    this.#view = view;
    this.#workingScale = workingScale;
    this.#tissue = answer.tissue === null ? null : cellsFromBase64(this.grid, answer.tissue);
    this.#seen = cellsFromBase64(this.grid, answer.seen) ?? cellsOf(this.grid);
    this.#candidates = cellsOf(this.grid);
    this.#report = report;
    this.#painter = new ScreeningPainter(view);
    const start = { share: 0, wantedShare, isTissue: this.#tissue !== null, open: 0, candidates: 0, visible };
    this.store = createStore<ScreeningState>(() => start);
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#stops = [
      view.watch(() => this.#look()),
      () => document.removeEventListener("visibilitychange", this.#onVisibility),
    ];
    this.#show();
    this.#look();
  }

  /** Outlines under which something may hide, level-0 px. */
  setCandidates(boxes: readonly Bbox[]): void {
    this.#candidates = cellsOf(
      this.grid,
      boxes.flatMap((box) => cellsTouched(this.grid, box)),
    );
    this.#show();
  }

  setVisible(visible: boolean): void {
    this.store.setState({ visible });
    this.#show();
  }

  /** Goes to the next cell to look at, or back to the one before. @returns false where nothing is left */
  go(step: 1 | -1): boolean {
    const open = { tissue: this.#tissue, seen: this.#seen, candidates: this.#candidates };
    const cell = nextCell(this.grid, open, this.#current, step);
    if (cell === null) return false;
    this.#current = cell;
    const zoom = Math.max(Math.log2(this.#workingScale), Math.min(this.#view.camera.zoom, 0));
    const { width, height } = this.#view.size;
    const { minX, minY } = cellBox(this.grid, cell);
    const room = ROOM_PX / 2 ** zoom;
    this.#view.setCamera({ x: minX - room + width / 2 / 2 ** zoom, y: minY - room + height / 2 / 2 ** zoom, zoom });
    this.#show();
    return true;
  }

  /** Sends what was seen and not reported yet. Resolves when the server has it. */
  async flush(keepalive = false): Promise<void> {
    clearTimeout(this.#reporting);
    this.#reporting = undefined;
    const sending = this.#unsent;
    if (sending === null) return;
    this.#unsent = null;
    try {
      await this.#report(cellsToBase64(sending), keepalive);
    } catch (error) {
      for (let cell = 0; cell < 8 * sending.length; cell++) if (hasCell(sending, cell)) this.#remember([cell]);
      throw error;
    }
  }

  close(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#settling);
    void this.flush(true).catch(() => undefined);
    clearTimeout(this.#reporting);
    this.#painter.close();
  }

  readonly #onVisibility = (): void => {
    this.#look();
    // What fails here is sent with the next report, if there is one.
    if (document.visibilityState === "hidden") void this.flush(true).catch(() => undefined);
  };

  #look(): void {
    const looking = document.visibilityState === "visible" && this.#view.scale >= this.#workingScale * (1 - 1e-6);
    const cells = looking ? cellsIn(this.grid, this.#view.bounds) : [];
    this.#take(this.#dwell.look(cells, performance.now()));
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#take(this.#dwell.settle(performance.now())), DWELL_MS + 20);
  }

  #take(cells: readonly number[]): void {
    const fresh = cells.filter((cell) => !hasCell(this.#seen, cell));
    if (fresh.length === 0) return;
    addCells(this.#seen, fresh);
    this.#remember(fresh);
    this.#show();
  }

  #remember(cells: readonly number[]): void {
    this.#unsent ??= cellsOf(this.grid);
    addCells(this.#unsent, cells);
    this.#reporting ??= setTimeout(() => void this.flush().catch(() => undefined), REPORT_MS);
  }

  #show(): void {
    const [grid, tissue, seen, candidates] = [this.grid, this.#tissue, this.#seen, this.#candidates];
    const order = screeningOrder(grid, { tissue, seen, candidates });
    this.store.setState({
      share: seenOf(grid, tissue, seen).share,
      open: order.length,
      candidates: order.filter((cell) => hasCell(candidates, cell)).length,
    });
    const { visible } = this.store.getState();
    this.#painter.setMarks(visible ? { grid, tissue, seen, candidates, current: this.#current } : null);
  }
}
