import { AppError } from "#server/errors.ts";

/**
 * One page of a list that is whole in memory.
 * @param keyOf names an item; the key of a page's last item is the cursor of the next
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): { items: Item[]; nextCursor: string | null } {
  const from = cursor === undefined ? 0 : items.findIndex((item) => keyOf(item) === cursor) + 1;
  if (cursor !== undefined && from === 0) throw new AppError("bad-request", { in: "query", path: "cursor" });
  const shown = items.slice(from, from + limit);
  const last = shown.at(-1);
  const more = from + limit < items.length;
  return { items: shown, nextCursor: more && last !== undefined ? keyOf(last) : null };
}
