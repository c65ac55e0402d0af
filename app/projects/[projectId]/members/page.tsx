import type { Metadata } from "next";
import { HeirSetting } from "#app/_components/people/heir-setting.tsx";
import { InviteMember } from "#app/_components/people/invite-member.tsx";
import { MemberTable } from "#app/_components/people/member-table.tsx";
import { PendingInvitations } from "#app/_components/people/pending-invitations.tsx";
import { RoleGuide } from "#app/_components/people/role-guide.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { load, loadMe, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/members`;
  const [me, project, members] = await Promise.all([
    loadMe(here),
    loadProject(projectId),
    load(here, (api) => api.members.list(projectId)),
  ]);
  const manages = offers(project.role, "member.manage");
  const invitations = manages ? await load(here, (api) => api.members.invitations(projectId)) : [];
  const pending = invitations.filter((invitation) => invitation.usedAt === null);
  return (
    <>
      <PageHeader
        title="Members"
        meta={plural(members.length, "person", "people")}
        actions={manages ? <InviteMember projectId={projectId} /> : null}
      />
      <PageBody>
        <MemberTable projectId={projectId} members={members} meId={me.id} manages={manages} />
        {pending.length === 0 ? null : <PendingInvitations projectId={projectId} invitations={pending} />}
        {offers(project.role, "project.configure") ? (
          <HeirSetting projectId={projectId} heirs={project.heirs} members={members} />
        ) : null}
        <RoleGuide />
      </PageBody>
    </>
  );
}
