/**
 * Where in what was sent there is text that Postgres and UTF-8 cannot hold: with NUL, or with half a surrogate pair.
 * @returns the keys that lead there, with dots; null where there is none. Linear
 */
export function unstorableText(sent: unknown): string | null {
  const waiting: (readonly [value: unknown, path: readonly string[]])[] = [[sent, []]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, path] = next;
    if (!isStorable(value)) return path.join(".");
    for (const [key, member] of membersOf(value)) {
      if (!isStorable(key)) return path.join(".");
      waiting.push([member, [...path, key]]);
    }
  }
  return null;
}

function isStorable(value: unknown): boolean {
  return typeof value !== "string" || (value.isWellFormed() && !value.includes("\0"));
}

/** None of points: they are most of what is sent, and hold no text. */
function membersOf(value: unknown): (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === "number")) return [];
  return Object.entries(value);
}
