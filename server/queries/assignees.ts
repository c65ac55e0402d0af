import type { MemberCard } from "#db/projects.ts";
import { type HeirRule, heirOf } from "#domain/assignment.ts";
import type { PersonId } from "#domain/ids.ts";
import {
  can,
  type LayerSubject,
  type Role,
  type RoundSubject,
  rolesFor,
  type TaskSubject,
} from "#domain/permissions.ts";

/** Something that has to be done, for finding who does it. */
export type About = {
  /** It is written into the record: on its layer, or by deciding disputes. */
  readonly isGroundTruth: boolean;
  /** Disputes that it is about: whoever takes it over may decide each of them. */
  readonly disputes?: readonly RoundSubject[];
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
  const leads = members.filter(({ role }) => role === "lead");
  const queue = new Map(load);
  const dealt = new Map<string, PersonId>();
  return (authorId, about) => {
    const { isGroundTruth, key, hours } = about;
    const stays = authorId !== null && isStillAble(members, authorId, isGroundTruth);
    const known = stays ? authorId : dealt.get(key);
    if (known !== undefined) {
      queue.set(known, (queue.get(known) ?? 0) + hours);
      return known;
    }
    const able = members.filter((member) => mayTake(member, about));
    // Where no lead could do it either, one of them finds somebody who can.
    const ableLeads = leads.filter((lead) => able.includes(lead));
    const inTurn = ableLeads.length === 0 ? leads : ableLeads;
    const heir = heirOf(rule, { leads: inTurn.map(idOf), able: able.map(idOf) }, queue);
    if (heir === null) throw new Error("a project without a lead");
    queue.set(heir, (queue.get(heir) ?? 0) + hours);
    dealt.set(key, heir);
    return heir;
  };
}

/** Whether somebody is still here in a role in which they may do it. */
export function isStillAble(members: readonly MemberCard[], personId: PersonId, isGroundTruth: boolean): boolean {
  return members.some((member) => member.personId === personId && mayDo(member.role, isGroundTruth));
}

function mayTake(member: MemberCard, { isGroundTruth, layer, disputes = [] }: About): boolean {
  if (!mayDo(member.role, isGroundTruth) || (layer !== null && !can(member, "layer.see", layer))) return false;
  return disputes.every((dispute) => can(member, "consensus.adjudicate", dispute));
}

function idOf({ personId }: MemberCard): PersonId {
  return personId;
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
