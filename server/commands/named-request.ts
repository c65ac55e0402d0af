import { isDeepStrictEqual } from "node:util";
import { AppError } from "#server/errors.ts";

/**
 * Whoever sends a request names what is to be made, so that the same request, sent again because its answer was not heard,
 * is told from another one: what was made under that name already is not made again.
 * @param made what is there under the name, and who made it; null where there is nothing
 * @param asked the same of what is asked for
 * @returns whether it is there already
 * @throws AppError bad-request for a name that something else has, or that somebody else gave
 */
export function isMadeAlready(made: readonly unknown[] | null, asked: readonly unknown[]): boolean {
  if (made === null) return false;
  if (!isDeepStrictEqual(made, asked)) throw new AppError("bad-request", { in: "json", path: "id" });
  return true;
}
