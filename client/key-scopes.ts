/** @returns whether the key was used */
export type KeyHandler = (event: KeyboardEvent) => boolean;

/** Who gets a key: the scope that was opened last is asked first, and a key that it uses goes no further. */
export class KeyScopes {
  readonly #handlers: KeyHandler[] = [];

  /** @returns closes the scope again */
  open(handler: KeyHandler): () => void {
    this.#handlers.push(handler);
    return () => {
      const index = this.#handlers.indexOf(handler);
      if (index >= 0) this.#handlers.splice(index, 1);
    };
  }

  handle(event: KeyboardEvent): boolean {
    return this.#handlers.toReversed().some((handler) => handler(event));
  }
}
