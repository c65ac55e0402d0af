"use client";

import { signOut } from "next-auth/react";
import type { FormEvent } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { api } from "#client/api.ts";

export function ChangePassword({ hasPassword }: { readonly hasPassword: boolean }) {
  const { busy, error, run } = useSubmit();
  if (!hasPassword) {
    return (
      <Card title="Password">
        <p className="text-muted">You sign in through your identity provider; there is no password here to change.</p>
      </Card>
    );
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void run(async () => {
      await api.me.changePassword({ current: String(form.get("current")), next: String(form.get("next")) });
      await signOut({ callbackUrl: "/sign-in?callbackUrl=/profile" });
    });
  };
  return (
    <Card title="Password" description="Changing it signs you out everywhere, this browser included.">
      <form method="post" className="flex flex-col gap-4" onSubmit={submit}>
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
        <div className="flex gap-4">
          <Field label="Current password" className="flex-1">
            {(control) => (
              <Input {...control} name="current" type="password" autoComplete="current-password" required />
            )}
          </Field>
          <Field label="New password" hint="At least 8 characters." className="flex-1">
            {(control) => (
              <Input {...control} name="next" type="password" autoComplete="new-password" required minLength={8} />
            )}
          </Field>
        </div>
        <div>
          <Button type="submit" busy={busy}>
            Change password
          </Button>
        </div>
      </form>
    </Card>
  );
}
