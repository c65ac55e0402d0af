import type { MemberCard } from "#db/projects.ts";
import { type HeirRule, heirOf } from "#domain/assignment.ts";
import type { PersonId } from "#domain/ids.ts";
import { can, type LayerSubject, type Role, rolesFor, type TaskSubject } from "#domain/permissions.ts";

/** Something that has to be done, for finding who does it. */
export type About = {
  readonly isGroundTruth: boolean;
  /** Null for what is not on a layer. */
  readonly layer: LayerSubject | null;
  /** What has one name goes to one person. */
  readonly key: string;
  /** What it adds to what that person has to do; 0 for what is counted already. */
  readonly hours: number;
};

/** Who is given work about something: its author where they may still do it, else who takes over by the project's rule. */
export type Heirs = (authorId: PersonId | null, about: About) => PersonId;

/**
 * @param members in order of joining
 * @param load hours that each person has to do, for the rule "balanced"; what is dealt out counts from then on
 */
export function heirsBy(rule: HeirRule, members: readonly MemberCard[], load: ReadonlyMap<PersonId, number>): Heirs {
  const leads = members.filter(({ role }) => role === "lead").map(({ personId }) => personId);
  const queue = new Map(load);
  const dealt = new Map<string, PersonId>();
  return (authorId, { isGroundTruth, layer, key, hours }) => {
    const author = members.find((member) => member.personId === authorId && mayDo(member.role, isGroundTruth));
    const known = author?.personId ?? dealt.get(key);
    if (known !== undefined) {
      queue.set(known, (queue.get(known) ?? 0) + hours);
      return known;
    }
    const able = members
      .filter((member) => mayDo(member.role, isGroundTruth) && (layer === null || can(member, "layer.see", layer)))
      .map(({ personId }) => personId);
    const heir = heirOf(rule, { leads, able }, queue);
    if (heir === null) throw new Error("a project without a lead");
    queue.set(heir, (queue.get(heir) ?? 0) + hours);
    dealt.set(key, heir);
    return heir;
  };
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
