import { and, asc, count, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { type PersonId, type ProjectId, personId, projectId } from "#domain/ids.ts";
import type { Role } from "#domain/permissions.ts";
import { ok, type Result, refuse } from "#domain/result.ts";
import type { Db } from "./client.ts";
import { newId } from "./new-id.ts";
import { invitations, members, people, projects, slides } from "./schema.ts";

export type Project = typeof projects.$inferSelect;
export type Membership = typeof members.$inferSelect;
export type Invitation = typeof invitations.$inferSelect;
/** A project as one of its members sees it in a list. */
export type ProjectCard = Project & { readonly role: Role; readonly slideCount: number; readonly memberCount: number };
export type MemberCard = Membership & { readonly name: string; readonly email: string; readonly colour: string };

/** Makes a project whose maker is its first lead. */
export async function createProject(
  db: Db,
  project: Pick<Project, "name" | "description" | "createdBy"> & Partial<Pick<Project, "createdAt">>,
): Promise<Project> {
  return await db.transaction(async (tx) => {
    const [created] = await tx
      .insert(projects)
      .values({ id: newId(projectId), ...project })
      .returning();
    if (created === undefined) throw new Error("a project was not stored");
    await tx.insert(members).values({ projectId: created.id, personId: project.createdBy, role: "lead" });
    return created;
  });
}

export async function projectById(db: Db, id: ProjectId): Promise<Project | null> {
  const [row] = await db.select().from(projects).where(eq(projects.id, id));
  return row ?? null;
}

/** @returns the changed project, or null where there is none */
export async function updateProject(
  db: Db,
  id: ProjectId,
  change: Partial<Pick<Project, "name" | "description" | "heirs">>,
): Promise<Project | null> {
  if (Object.keys(change).length === 0) return await projectById(db, id);
  const [row] = await db.update(projects).set(change).where(eq(projects.id, id)).returning();
  return row ?? null;
}

/** The projects that a person is a member of, newest first. */
export async function projectsOf(db: Db, person: PersonId): Promise<ProjectCard[]> {
  const slideCounts = db
    .select({ projectId: slides.projectId, n: count().as("slide_count") })
    .from(slides)
    .groupBy(slides.projectId)
    .as("slide_counts");
  const memberCounts = db
    .select({ projectId: members.projectId, n: count().as("member_count") })
    .from(members)
    .groupBy(members.projectId)
    .as("member_counts");
  const rows = await db
    .select({ project: projects, role: members.role, slideCount: slideCounts.n, memberCount: memberCounts.n })
    .from(members)
    .innerJoin(projects, eq(projects.id, members.projectId))
    .leftJoin(slideCounts, eq(slideCounts.projectId, projects.id))
    .leftJoin(memberCounts, eq(memberCounts.projectId, projects.id))
    .where(eq(members.personId, person))
    .orderBy(desc(projects.createdAt), asc(projects.id));
  return rows.map(({ project, role, slideCount, memberCount }) => ({
    ...project,
    role,
    slideCount: slideCount ?? 0,
    memberCount: memberCount ?? 0,
  }));
}

/** Members with their names, in order of joining. */
export async function membersOf(db: Db, project: ProjectId): Promise<MemberCard[]> {
  const rows = await db
    .select({ member: members, name: people.name, email: people.email, colour: people.colour })
    .from(members)
    .innerJoin(people, eq(people.id, members.personId))
    .where(eq(members.projectId, project))
    .orderBy(asc(members.joinedAt), asc(people.name));
  return rows.map(({ member, ...person }) => ({ ...member, ...person }));
}

/** Adds a member; somebody who is one already keeps the role they have. */
export async function addMember(db: Db, member: Pick<Membership, "projectId" | "personId" | "role">): Promise<void> {
  await db.insert(members).values(member).onConflictDoNothing();
}

/**
 * Gives a member another role.
 * @returns refused with "not-found" for somebody who is no member, with "last-lead" where no lead would be left
 */
export async function setRole(
  db: Db,
  { projectId: project, personId: person, role }: Pick<Membership, "projectId" | "personId" | "role">,
): Promise<Result<Membership, "not-found" | "last-lead">> {
  return await db.transaction(async (tx) => {
    const refused = await leadsLeave(tx, project, person, role);
    if (refused !== null) return refused;
    const [row] = await tx
      .update(members)
      .set({ role })
      .where(and(eq(members.projectId, project), eq(members.personId, person)))
      .returning();
    return row === undefined ? refuse("not-found", { personId: person }) : ok(row);
  });
}

/** Ends a membership. Refused as in setRole. */
export async function removeMember(
  db: Db,
  project: ProjectId,
  person: PersonId,
): Promise<Result<undefined, "not-found" | "last-lead">> {
  return await db.transaction(async (tx) => {
    const refused = await leadsLeave(tx, project, person, null);
    if (refused !== null) return refused;
    const rows = await tx
      .delete(members)
      .where(and(eq(members.projectId, project), eq(members.personId, person)))
      .returning({ role: members.role });
    return rows.length === 0 ? refuse("not-found", { personId: person }) : ok();
  });
}

/** The refusal where this change would leave the project without a lead. Two leads who step down at once wait here for each other. */
async function leadsLeave(tx: Db, project: ProjectId, person: PersonId, next: Role | null) {
  await tx.execute(sql`select 1 from ${projects} where ${projects.id} = ${project} for update`);
  if (next === "lead") return null;
  const leads = await tx
    .select({ personId: members.personId })
    .from(members)
    .where(and(eq(members.projectId, project), eq(members.role, "lead")));
  const last = leads.length === 1 && leads[0]?.personId === person;
  return last ? refuse("last-lead", { personId: person }) : null;
}

/** @param invitation.hash SHA-256 of the link's secret, hexadecimal; the secret itself is never stored */
export async function createInvitation(
  db: Db,
  invitation: Pick<Invitation, "projectId" | "hash" | "role" | "createdBy" | "expiresAt">,
): Promise<Invitation> {
  const [row] = await db
    .insert(invitations)
    .values({ id: newId(personId), ...invitation })
    .returning();
  if (row === undefined) throw new Error("an invitation was not stored");
  return row;
}

/** All invitations of a project, used and expired ones too, newest first. */
export async function invitationsOf(db: Db, project: ProjectId): Promise<Invitation[]> {
  return await db
    .select()
    .from(invitations)
    .where(eq(invitations.projectId, project))
    .orderBy(desc(invitations.createdAt), asc(invitations.id));
}

/** The invitation that can still be accepted, with its project's name; null where there is none, used or expired. */
export async function openInvitation(
  db: Db,
  hash: string,
  now: Date,
): Promise<{ readonly invitation: Invitation; readonly projectName: string } | null> {
  const [row] = await db
    .select({ invitation: invitations, projectName: projects.name })
    .from(invitations)
    .innerJoin(projects, eq(projects.id, invitations.projectId))
    .where(and(eq(invitations.hash, hash), isNull(invitations.usedAt), gt(invitations.expiresAt, now)));
  return row ?? null;
}

/**
 * Makes a person a member by an invitation, once. Somebody who is a member already keeps their role and uses it up.
 * @returns the used invitation; refused with "invitation-expired" where it is absent, used or expired
 */
export async function acceptInvitation(
  db: Db,
  { hash, personId: person, now }: { readonly hash: string; readonly personId: PersonId; readonly now: Date },
): Promise<Result<Invitation, "invitation-expired">> {
  return await db.transaction(async (tx) => {
    const [used] = await tx
      .update(invitations)
      .set({ usedAt: now, usedBy: person })
      .where(and(eq(invitations.hash, hash), isNull(invitations.usedAt), gt(invitations.expiresAt, now)))
      .returning();
    if (used === undefined) return refuse("invitation-expired");
    await addMember(tx, { projectId: used.projectId, personId: person, role: used.role });
    return ok(used);
  });
}

/** Takes an unused invitation back. @returns false where the project has no such unused invitation */
export async function revokeInvitation(db: Db, project: ProjectId, id: string, now: Date): Promise<boolean> {
  const rows = await db
    .update(invitations)
    .set({ expiresAt: now })
    .where(
      and(
        eq(invitations.id, id),
        eq(invitations.projectId, project),
        isNull(invitations.usedAt),
        gt(invitations.expiresAt, now),
      ),
    )
    .returning({ id: invitations.id });
  return rows.length === 1;
}
