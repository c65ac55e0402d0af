import { Socket } from "node:net";

/**
 * The driver's socket, on which statements that are sent without waiting for each other leave in one write: the database
 * wakes once for all of them. The driver corks it for a statement with parameters; here it stays so until the present work
 * is done.
 */
export class GatheringSocket extends Socket {
  #gathering = false;

  override cork(): void {
    super.cork();
    if (this.#gathering) return;
    this.#gathering = true;
    super.cork();
    process.nextTick(() => {
      this.#gathering = false;
      this.uncork();
    });
  }
}
