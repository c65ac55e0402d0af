import type { ReaderTest } from "#client/answers.ts";

type Option = ReaderTest["options"][number];

/** The key of each class: its own, else a digit that no class has; null where none is left. */
export function optionKeys(options: readonly Option[]): (Option & { readonly key: string | null })[] {
  const taken = new Set(options.flatMap(({ hotkey }) => hotkey ?? []));
  const free = DIGITS.filter((digit) => !taken.has(digit));
  return options.map((option) => {
    const digit = option.hotkey ?? free.shift();
    return { ...option, key: digit === undefined ? null : String(digit) };
  });
}

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
