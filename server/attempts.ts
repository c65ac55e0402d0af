/** Failed sign-ins are counted over this time. */
const WINDOW_MS = 5 * 60_000;
/** A person who mistypes: per e-mail from one address. */
const MAX_PER_PAIR = 8;
/** One address that tries many accounts; a hospital behind one address stays below it. */
const MAX_PER_ADDRESS = 60;
/** One account tried from many addresses. Does not count for addresses where this person has signed in before. */
const MAX_PER_EMAIL = 60;
const MAX_REMEMBERED = 20_000;

/** Throttles guessing without locking an account: whoever guesses is slowed down, its owner at a known address is not. */
export type Attempts = {
  /** False where this attempt must not even be looked at. */
  mayTry(email: string, address: string): boolean;
  failed(email: string, address: string): void;
  succeeded(email: string, address: string): void;
};

export function createAttempts(now: () => number = Date.now): Attempts {
  const failures = new Map<string, number[]>();
  const familiar = new Set<string>();

  const recent = (key: string): number[] => (failures.get(key) ?? []).filter((at) => now() - at < WINDOW_MS);
  const remember = (key: string): void => {
    const times = [...recent(key), now()];
    failures.delete(key);
    failures.set(key, times);
  };
  return {
    mayTry(email, address) {
      const pair = pairOf(email, address);
      if (recent(pair).length >= MAX_PER_PAIR) return false;
      if (recent(`address ${address}`).length >= MAX_PER_ADDRESS) return false;
      return familiar.has(pair) || recent(`email ${email}`).length < MAX_PER_EMAIL;
    },
    failed(email, address) {
      for (const key of [pairOf(email, address), `address ${address}`, `email ${email}`]) remember(key);
      trim(failures);
    },
    succeeded(email, address) {
      const pair = pairOf(email, address);
      failures.delete(pair);
      familiar.delete(pair);
      familiar.add(pair);
      trim(familiar);
    },
  };
}

function pairOf(email: string, address: string): string {
  return `pair ${address} ${email}`;
}

/** Oldest first, so that a flood of made-up names does not grow without end. */
function trim(kept: Map<string, unknown> | Set<string>): void {
  for (const key of kept.keys()) {
    if (kept.size <= MAX_REMEMBERED) return;
    kept.delete(key);
  }
}
