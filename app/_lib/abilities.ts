import type { Role } from "#client/answers.ts";
import { type Action, rolesFor } from "#domain/permissions.ts";

/** Whether a role may ever do this, for showing a button; whether it may do it now is decided by the API. */
export function offers(role: Role, action: Action): boolean {
  return rolesFor(action).includes(role);
}
