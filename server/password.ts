import { hash, verify } from "@node-rs/argon2";
import { AppError } from "./errors.ts";

/** Source: OWASP Password Storage Cheat Sheet, argon2id, first recommended setting: 19 MiB, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Hashing is made to be heavy: a burst of sign-ins must not take the processors from the people who draw. */
const AT_ONCE = 2;
const MAX_WAITING = 50;

let running = 0;
const waiting: (() => void)[] = [];

/** argon2id (the library's default) in the usual encoded form, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  return await inTurn(() => hash(password.normalize("NFKC"), COST));
}

/**
 * Whether a password is the one behind a hash. Takes as long where there is no hash, so that time tells nobody which
 * e-mail addresses have an account.
 * @throws AppError "too-many-attempts" where too many others are waiting
 */
export async function verifyPassword(encoded: string | null, password: string): Promise<boolean> {
  const matches = await inTurn(() => verify(encoded ?? NOBODY, password.normalize("NFKC")));
  return matches && encoded !== null;
}

/** The hash of a password that nobody knows, at the same cost. */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG91cnM$XSZ4wqZLHPjMqT7NVrTRBLMZ6N0cIVBaLHK4cTFLN0A";

async function inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) throw new AppError("too-many-attempts");
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    // The place is handed on, so that nobody slips in between.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
