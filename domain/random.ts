/** A seeded source of numbers in [0, 1): same seed, same sequence, on every machine. */
export type Random = () => number;

/**
 * Mulberry32, good enough for splits, orders and tests; never for secrets.
 * Source: T. Ettinger, public domain, 2017.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A 32-bit seed from text (FNV-1a), so that an order can be named by ids. */
export function seedFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A shuffled copy (Fisher-Yates); the input stays as it is. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    const moved = result[last] as Item;
    result[last] = result[pick] as Item;
    result[pick] = moved;
  }
  return result;
}
