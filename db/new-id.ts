import { randomBytes } from "node:crypto";
import { idFromBytes } from "#domain/ids.ts";

/**
 * A fresh random id of the kind that the schema names: `newId(personId)`.
 * @param kind one of the schemas of domain/ids.ts
 */
export function newId<Id>(kind: { parse(text: string): Id }): Id {
  return kind.parse(idFromBytes(randomBytes(16)));
}
