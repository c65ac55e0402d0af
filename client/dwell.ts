/** Tells what has been looked at from what only went by: a cell counts after it was in view for a while without a break. */
export class Dwell {
  readonly #dwellMs: number;
  readonly #since = new Map<number, number>();

  constructor(dwellMs: number) {
    this.#dwellMs = dwellMs;
  }

  /**
   * The view changed.
   * @param cells what is in view now
   * @param now milliseconds that only go up
   * @returns cells that have been in view long enough, each once as long as it stays
   */
  look(cells: readonly number[], now: number): number[] {
    const done = this.settle(now);
    const present = new Set(cells);
    for (const cell of this.#since.keys()) if (!present.has(cell)) this.#since.delete(cell);
    for (const cell of cells) if (!this.#since.has(cell)) this.#since.set(cell, now);
    return done;
  }

  /** Nothing changed, but time went by. */
  settle(now: number): number[] {
    const done: number[] = [];
    for (const [cell, since] of this.#since) {
      if (now - since < this.#dwellMs) continue;
      done.push(cell);
      this.#since.set(cell, Number.POSITIVE_INFINITY);
    }
    return done;
  }
}
