import type { Db } from "#db/client.ts";
import { draftOf, type StoredDraft, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { Draft, GuidelineView } from "#server/api/schemas/guideline.ts";

/** Published versions, and the draft for those who write it. */
export async function guidelineFor(db: Db, member: Member): Promise<GuidelineView> {
  const draft = can(member, "guideline.edit") ? await draftOf(db, member.projectId) : null;
  return {
    versions: (await versionsOf(db, member.projectId)).map(toVersion),
    draft: draft === null ? null : toDraft(draft),
  };
}

export function toDraft({ parent, content, declarations, revision, updatedAt, updatedBy }: StoredDraft): Draft {
  return { parent, content, declarations, revision, updatedAt: updatedAt.toISOString(), updatedBy };
}

function toVersion({ number, content, changes, note, publishedAt, publishedBy }: StoredVersion) {
  return { number, content, changes, note, publishedAt: publishedAt.toISOString(), publishedBy };
}
