/** Something with a size that is dear to make and cheap to keep. */
export type Sized = { readonly bytes: Uint8Array };

/**
 * Keeps what was asked for last, bounded in bytes, and makes each thing once however many ask for it at the same time.
 * What fails is not kept. A caller that gives up does not stop the others: making has no signal.
 */
export type ByteCache<Value extends Sized> = {
  get(key: string, make: () => Promise<Value>): Promise<Value>;
  /** Forgets all keys that start so. */
  drop(prefix: string): void;
  readonly size: number;
};

export function byteCache<Value extends Sized>(maxBytes: number): ByteCache<Value> {
  const kept = new Map<string, Value>();
  const making = new Map<string, Promise<Value>>();
  let size = 0;
  const remove = (key: string): void => {
    size -= kept.get(key)?.bytes.length ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, value: Value): void => {
    if (value.bytes.length > maxBytes / 4) return;
    remove(key);
    kept.set(key, value);
    size += value.bytes.length;
    for (const oldest of kept.keys()) {
      if (size <= maxBytes) break;
      remove(oldest);
    }
  };
  const begin = (key: string, make: () => Promise<Value>): Promise<Value> => {
    const made = make()
      .then((value) => {
        if (making.get(key) === made) keep(key, value);
        return value;
      })
      .finally(() => {
        if (making.get(key) === made) making.delete(key);
      });
    making.set(key, made);
    return made;
  };
  return {
    get size() {
      return size;
    },
    get(key, make) {
      const found = kept.get(key);
      if (found === undefined) return making.get(key) ?? begin(key, make);
      // Reinserted, so that the first key of the map is the one used longest ago.
      kept.delete(key);
      kept.set(key, found);
      return Promise.resolve(found);
    },
    drop(prefix) {
      for (const key of kept.keys()) if (key.startsWith(prefix)) remove(key);
      // What is being made for a dropped key still answers who asked, and is not kept.
      for (const key of making.keys()) if (key.startsWith(prefix)) making.delete(key);
    },
  };
}
