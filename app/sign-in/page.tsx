import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "#app/_components/people/sign-in-form.tsx";
import { Logo } from "#app/_components/shell/logo.tsx";
import { localPath } from "#app/_lib/local-path.ts";
import { currentPerson } from "#app/_lib/server-api.ts";
import { signInProviders } from "#app/_lib/sign-in-providers.ts";

export const metadata: Metadata = { title: "Sign in" };

type Search = { readonly callbackUrl?: string; readonly error?: string; readonly email?: string };

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const search = await searchParams;
  const next = localPath(search.callbackUrl);
  if ((await currentPerson()) !== null) redirect(next);
  const providers = await signInProviders();
  return (
    <main className="grid min-h-dvh place-items-center px-4 pb-24">
      <div className="w-full max-w-90">
        <div className="mb-6 flex flex-col items-center gap-2">
          <Logo className="size-9 text-accent" />
          <h1 className="font-semibold text-xl tracking-tight">Sign in to Concord</h1>
        </div>
        <SignInForm next={next} providers={providers} failed={search.error ?? null} email={search.email ?? ""} />
      </div>
    </main>
  );
}
