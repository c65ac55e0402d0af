import type { Person } from "#db/people.ts";
import type { Caller } from "#server/session.ts";

/** A demo person as if they had signed in. */
export function callerFor(person: Person | undefined): Caller {
  if (person === undefined) throw new Error("a demo account is missing");
  const { id, name, colour, email } = person;
  return { personId: id, name, colour, email, scope: "write", via: "cookie" };
}
