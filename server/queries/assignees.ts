import type { MemberCard } from "#db/projects.ts";
import type { PersonId } from "#domain/ids.ts";
import { type Role, rolesFor } from "#domain/permissions.ts";

/**
 * Who is given work about something: its author where they may still do it, else the lead who has been here longest.
 * @param members in order of joining
 */
export function assigneeOf(
  authorId: PersonId | null,
  { isGroundTruth }: { readonly isGroundTruth: boolean },
  members: readonly MemberCard[],
): PersonId {
  const author = members.find((member) => member.personId === authorId && mayDo(member.role, isGroundTruth));
  const heir = author ?? members.find((member) => member.role === "lead");
  if (heir === undefined) throw new Error("a project without a lead");
  return heir.personId;
}

function mayDo(role: Role, isGroundTruth: boolean): boolean {
  return rolesFor(isGroundTruth ? "consensus.adjudicate" : "task.answer").includes(role);
}
