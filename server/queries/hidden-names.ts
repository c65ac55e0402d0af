import type { PersonId } from "#domain/ids.ts";
import { can, type LayerSubject, type Member, type TaskSubject } from "#domain/permissions.ts";

/** People whom this member must not recognise as the reader of what is talked about. */
export function hiddenFrom(member: Member, subject: LayerSubject | TaskSubject): ReadonlySet<PersonId> {
  const layer = "assigneeId" in subject ? subject.layer : subject;
  if (layer === null || can(member, "layer.reader", layer)) return new Set();
  const concerned = "assigneeId" in subject ? [subject.assigneeId, ...subject.authorIds] : [];
  const reader = layer.readerId === null ? [] : [layer.readerId];
  return new Set([...reader, ...concerned].filter((each) => each !== member.personId));
}
