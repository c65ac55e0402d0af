const WORDS: Readonly<Record<string, string>> = {
  "annotations.imported": "imported annotations",
  "answer.undone": "took an answer back",
  "dispute.adjudicated": "settled a dispute",
  "draft.discarded": "discarded the guideline draft",
  "guideline.published": "published a guideline version",
  "invitation.created": "made an invitation",
  "invitation.revoked": "withdrew an invitation",
  "layer.created": "opened a team layer",
  "layer.exported": "exported a layer",
  "member.changed": "changed a role",
  "member.joined": "joined by invitation",
  "member.removed": "removed a member",
  "person.signed-in": "signed in",
  "project.changed": "changed the project",
  "project.created": "created the project",
  "read.reopened": "reopened a read",
  "read.submitted": "submitted a read",
  "release.exported": "took a file of a release",
  "release.frozen": "froze a release",
  "rework.created": "asked for rework",
  "round.opened": "planned a round",
  "round.unblinded": "unblinded a round",
  "screening.signed": "signed off a screening",
  "slide.changed": "changed a slide",
  "slide.registered": "added a slide",
  "slide.removed": "removed a slide",
  "task.answered": "answered an item",
  "task.moved": "moved a task",
  "task.planned": "changed the plan of a task",
  "token.created": "made an access token",
  "token.revoked": "revoked an access token",
  "tasks.made": "made tasks for the new guideline",
};

/** An action's code as a sentence goes on after a name; a code without a phrase is said as it is. */
export function actionWords(action: string): string {
  return WORDS[action] ?? action.replace(/[._-]+/g, " ");
}
