import type { MemberCard } from "#db/projects.ts";
import type { PersonId } from "#domain/ids.ts";
import { can, type Role, rolesFor, type TaskSubject } from "#domain/permissions.ts";

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

/** The members who could do a task, in order of joining. */
export function ableTo(subject: TaskSubject, members: readonly MemberCard[]): readonly MemberCard[] {
  const isGroundTruth = subject.layer?.kind === "ground-truth";
  return members.filter(
    (member) =>
      mayDo(member.role, isGroundTruth) && can(member, "task.answer", { ...subject, assigneeId: member.personId }),
  );
}

function mayDo(role: Role, isGroundTruth: boolean): boolean {
  return rolesFor(isGroundTruth ? "consensus.adjudicate" : "task.answer").includes(role);
}
