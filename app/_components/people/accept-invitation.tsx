"use client";

import Link from "next/link";
import { signIn } from "next-auth/react";
import type { FormEvent } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useHydrated } from "#app/_components/use-hydrated.ts";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Me } from "#client/answers.ts";
import { api } from "#client/api.ts";

const panel = "flex flex-col gap-4 rounded-xl border bg-panel p-6 shadow-soft";

export function AcceptInvitation({ token, me }: { readonly token: string; readonly me: Me | null }) {
  return me === null ? <AcceptAsNewPerson token={token} /> : <AcceptAsMe token={token} me={me} />;
}

function AcceptAsMe({ token, me }: { readonly token: string; readonly me: Me }) {
  const { busy, error, run } = useSubmit();
  const accept = () =>
    run(async () => {
      const { projectId } = await api.invitations.accept(token, {});
      window.location.assign(projectPath(projectId));
    });
  return (
    <div className={panel}>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
      <div className="flex items-center gap-3">
        <Avatar name={me.name} colour={me.colour} size="lg" />
        <div>
          <p className="font-medium">{me.name}</p>
          <p className="text-faint text-xs">{me.email}</p>
        </div>
      </div>
      <Button variant="primary" size="lg" busy={busy} onClick={() => void accept()}>
        Join the project
      </Button>
    </div>
  );
}

function AcceptAsNewPerson({ token }: { readonly token: string }) {
  const ready = useHydrated();
  const { busy, error, run } = useSubmit();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password"));
    void run(async () => {
      const { projectId, email } = await api.invitations.accept(token, {
        name: String(form.get("name")),
        email: String(form.get("email")).trim(),
        password,
      });
      await signIn("credentials", { redirect: false, email, password });
      window.location.assign(projectPath(projectId));
    });
  };
  return (
    <form method="post" className={panel} onSubmit={submit}>
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
      <Field label="Name" hint="Colleagues see it beside your cursor and your reads.">
        {(control) => (
          <Input {...control} name="name" autoComplete="name" required maxLength={80} placeholder="Dr. Jane Smith" />
        )}
      </Field>
      <Field label="E-mail">
        {(control) => <Input {...control} name="email" type="email" autoComplete="username" required />}
      </Field>
      <Field label="Password" hint="At least 8 characters.">
        {(control) => (
          <Input {...control} name="password" type="password" autoComplete="new-password" required minLength={8} />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" busy={busy} disabled={!ready}>
        Create account and join
      </Button>
      <p className="text-center text-muted text-xs">
        Already have an account?{" "}
        <Link
          className="text-accent-ink hover:underline"
          href={`/sign-in?callbackUrl=${encodeURIComponent(`/invite/${token}`)}`}
        >
          Sign in first
        </Link>
      </p>
    </form>
  );
}
