/** A map of a document, as far as its keys are followed. */
type Followed = {
  readonly keys: () => Iterable<string>;
  readonly observe: (listener: (event: { readonly keysChanged: ReadonlySet<string | null> }) => void) => void;
};

/** Under which keys of a map there ever was something that belongs to an annotation, beside its record. */
export class SideKeys {
  readonly #annotationOf: (key: string) => string | null;
  readonly #keys = new Map<string, readonly string[]>();

  /** @param annotationOf the annotation that a key names, or null where it names none */
  constructor(annotationOf: (key: string) => string | null) {
    this.#annotationOf = annotationOf;
  }

  note(key: string): void {
    const annotation = this.#annotationOf(key);
    if (annotation === null || this.of(annotation).includes(key)) return;
    this.#keys.set(annotation, [...this.of(annotation), key].sort());
  }

  /** Remembers every key of a map from now on. */
  follow(map: Followed): void {
    for (const key of map.keys()) this.note(key);
    map.observe(({ keysChanged }) => {
      for (const key of keysChanged) if (key !== null) this.note(key);
    });
  }

  /** In their order. */
  of(annotation: string): readonly string[] {
    return this.#keys.get(annotation) ?? NONE;
  }

  annotations(): IterableIterator<string> {
    return this.#keys.keys();
  }
}

const NONE: readonly string[] = [];
