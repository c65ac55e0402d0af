import { type LayerFacts, layerAuthority, layerFacts, memberOf } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import type { LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import { type Action, can, type Member, type Subject } from "#domain/permissions.ts";
import type { Refusal, Result } from "#domain/result.ts";
import type { Caller } from "#server/session.ts";
import { AppError, isErrorCode } from "./errors.ts";

/**
 * The caller's membership. A stranger gets the same answer as somebody who asks for a thing that does not exist.
 * @param asked the ids that the caller asked by, where these are not the project's: an answer names no other
 */
export async function requireMember(
  db: Db,
  caller: Caller,
  projectId: ProjectId,
  asked: Readonly<Record<string, string>> = { projectId },
): Promise<Member> {
  const member = await memberOf(db, caller.personId, projectId);
  if (member === null) throw new AppError("not-found", asked);
  return member;
}

/** Membership, and that permissions allow the action on this subject. */
export async function requireRole(
  db: Db,
  caller: Caller,
  projectId: ProjectId,
  action: Action,
  subject?: Subject,
): Promise<Member> {
  const member = await requireMember(db, caller, projectId);
  allow(member, action, subject);
  return member;
}

/** Ends the request unless permissions allow the action. */
export function allow(member: Member, action: Action, subject?: Subject): void {
  if (!can(member, action, subject)) throw new AppError("not-allowed", { action, role: member.role });
}

/** A layer that the caller may see, or the answer that there is none. */
export async function requireLayer(
  db: Db,
  caller: Caller,
  layerId: LayerId,
): Promise<LayerFacts & { readonly member: Member }> {
  const [facts] = await layerFacts(db, { layerId });
  if (facts === undefined) throw new AppError("not-found", { layerId });
  const member = await memberOf(db, caller.personId, facts.subject.projectId);
  if (member === null || !can(member, "layer.see", facts.subject)) throw new AppError("not-found", { layerId });
  return { ...facts, member };
}

/** What a socket or a commit needs to know; null where the person may not even know of the layer. */
export async function layerAccess(
  db: Db,
  personId: PersonId,
  layerId: LayerId,
): Promise<{ readonly see: true; readonly write: boolean; readonly locked: boolean } | null> {
  const { subject, member } = (await layerAuthority(db, layerId, personId)) ?? NOTHING_KNOWN;
  if (subject === null || member === null || !can(member, "layer.see", subject)) return null;
  return { see: true, write: can(member, "layer.write", subject), locked: subject.state === "submitted" };
}

const NOTHING_KNOWN = { subject: null, member: null } as const;

/** The value of a result, or the refusal as an error of the edge. */
export function unwrap<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw refused(result);
}

export function refused(refusal: Refusal): AppError {
  if (!isErrorCode(refusal.reason)) throw new Error(`no error code for the refusal ${refusal.reason}`);
  return new AppError(refusal.reason, refusal.detail);
}
