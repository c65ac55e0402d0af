import { ROLE_LABELS, ROLES, type Role } from "#domain/permissions.ts";

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  lead: "Owns the guideline, plans rounds, assigns and accepts work, freezes releases, manages members.",
  adjudicator: "Settles where readers differ, and reads slides like an annotator.",
  annotator: "Reads slides, submits reads and answers the tasks assigned to them.",
  engineer: "Takes releases and layers as files; sees slides and reads but does not draw.",
  viewer: "Looks at everything that is not blinded; changes nothing.",
};

export const ROLE_OPTIONS = ROLES.map((role) => ({ value: role, label: ROLE_LABELS[role] }));

export function roleFrom(value: string): Role {
  return ROLES.find((role) => role === value) ?? "viewer";
}
