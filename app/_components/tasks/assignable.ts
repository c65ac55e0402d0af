import type { Member } from "#client/answers.ts";
import { rolesFor } from "#domain/permissions.ts";

/** People to whom a task can be given. */
export function assignable(members: readonly Member[]): readonly Member[] {
  return members.filter((member) => rolesFor("task.answer").includes(member.role));
}
