/** A run of words that is the same in both texts, only in the old one, or only in the new one. */
export type WordRun = { readonly kind: "same" | "removed" | "added"; readonly text: string };

/** Beyond this many words in either text the whole is shown as replaced: the table of the comparison grows with the product. */
const MOST_WORDS = 1_500;

function wordsOf(text: string): string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}

/**
 * What changed between two texts, word by word: the longest common run of words stays.
 * @returns runs in reading order; the same and removed ones together are the old text, the same and added ones the new
 * Cost: product of the numbers of words. Source: Wagner and Fischer 1974, J. ACM 21(1).
 */
export function diffWords(before: string, after: string): WordRun[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  if (old.length > MOST_WORDS || now.length > MOST_WORDS) return joined([...old.map(removed), ...now.map(added)]);
  const table = commonLengths(old, now);
  const width = now.length + 1;
  const runs: WordRun[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    if (left !== undefined && left === right) {
      runs.push({ kind: "same", text: left });
      i++;
      j++;
    } else if (
      left !== undefined &&
      (right === undefined || at(table, (i + 1) * width + j) >= at(table, i * width + j + 1))
    ) {
      runs.push(removed(left));
      i++;
    } else if (right !== undefined) {
      runs.push(added(right));
      j++;
    }
  }
  return joined(runs);
}

function removed(text: string): WordRun {
  return { kind: "removed", text };
}

function added(text: string): WordRun {
  return { kind: "added", text };
}

function at(table: Uint16Array, index: number): number {
  return table[index] ?? 0;
}

/** Length of the longest common run of words of `old` from i and `now` from j, at i * (now.length + 1) + j. */
function commonLengths(old: readonly string[], now: readonly string[]): Uint16Array {
  const width = now.length + 1;
  const table = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      table[i * width + j] =
        old[i] === now[j]
          ? at(table, (i + 1) * width + j + 1) + 1
          : Math.max(at(table, (i + 1) * width + j), at(table, i * width + j + 1));
    }
  }
  return table;
}

function joined(runs: readonly WordRun[]): WordRun[] {
  const result: WordRun[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last?.kind === run.kind) result[result.length - 1] = { kind: run.kind, text: last.text + run.text };
    else result.push(run);
  }
  return result;
}
