/**
 * Numbers and then bytes as they are, in one piece of memory: every message that goes out is made here. Numbers are those
 * of lib0: seven bits a byte, lowest first, up to 2^53. What is to be kept is given memory of its own, the rest is cut
 * from a pool, since most messages are small and forgotten at once.
 */
export function messageBytes(numbers: readonly number[], parts: readonly Uint8Array[] = [], keep = false): Uint8Array {
  let length = 0;
  for (const number of numbers) length += sizeOf(number);
  for (const part of parts) length += part.length;
  const bytes = keep ? new Uint8Array(length) : Buffer.allocUnsafe(length);
  let at = 0;
  for (const number of numbers) at = put(bytes, at, number);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The same, with a text behind the numbers that has its length in bytes in front. */
export function messageText(numbers: readonly number[], text: string, keep = false): Uint8Array {
  const bytes = Buffer.from(text);
  return messageBytes([...numbers, bytes.length], [bytes], keep);
}

function sizeOf(number: number): number {
  let size = 1;
  for (let rest = number; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function put(bytes: Uint8Array, from: number, number: number): number {
  let [at, rest] = [from, number];
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = 128 | (rest % 128);
  bytes[at++] = rest;
  return at;
}
