import type { Metadata } from "next";
import { AccessTokens } from "#app/_components/people/access-tokens.tsx";
import { ChangePassword } from "#app/_components/people/change-password.tsx";
import { ProfileForm } from "#app/_components/people/profile-form.tsx";
import { PageBody } from "#app/_components/shell/page.tsx";
import { SiteHeader } from "#app/_components/shell/site-header.tsx";
import { load, loadMe } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Profile" };

export default async function ProfilePage() {
  const [me, tokens] = await Promise.all([loadMe("/profile"), load("/profile", (api) => api.me.tokens())]);
  return (
    <>
      <SiteHeader me={me} />
      <main>
        <PageBody className="max-w-[760px] pt-8">
          <h1 className="font-semibold text-xl tracking-tight">Profile</h1>
          <ProfileForm me={me} />
          <ChangePassword hasPassword={me.hasPassword} />
          <AccessTokens tokens={tokens} />
        </PageBody>
      </main>
    </>
  );
}
