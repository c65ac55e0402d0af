import type { Member } from "#client/answers.ts";
import { rolesFor } from "#domain/permissions.ts";

/** People to whom a task can be given; deciding where reads differ is not for everybody. */
export function assignable(
  members: readonly Member[],
  needs: "task.answer" | "consensus.adjudicate" = "task.answer",
): readonly Member[] {
  return members.filter((member) => rolesFor(needs).includes(member.role));
}
