"use client";

import { KeyRound } from "lucide-react";
import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useHydrated } from "#app/_components/use-hydrated.ts";
import type { SignInProvider } from "#app/_lib/sign-in-providers.ts";

const SENTENCES: Readonly<Record<string, string>> = {
  CredentialsSignin: "E-mail and password do not match.",
  "wrong-credentials": "E-mail and password do not match.",
  "too-many-attempts": "Too many attempts. Wait a minute and try again.",
  SessionRequired: "Sign in to go on.",
  AccessDenied: "This account may not sign in here. Ask the lead of your project for an invitation.",
  OAuthAccountNotLinked: "This account is not known here. Ask the lead of your project for an invitation.",
};

function sentenceFor(error: string): string {
  return SENTENCES[error] ?? "Signing in did not work. Try again; if it stays so, tell whoever runs this server.";
}

/** A form sent before the page is alive must not put a password into an address: it posts, and the button waits. */
export function SignInForm(props: {
  readonly next: string;
  readonly providers: readonly SignInProvider[];
  readonly failed: string | null;
  readonly email: string;
}) {
  const [error, setError] = useState(props.failed === null ? null : sentenceFor(props.failed));
  const [busy, setBusy] = useState(false);
  const hydrated = useHydrated();

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    const answer = await signIn("credentials", {
      redirect: false,
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
    }).catch(() => undefined);
    if (answer?.ok === true && !answer.error) {
      window.location.assign(props.next);
      return;
    }
    setError(
      answer === undefined
        ? "The server does not answer. Check the connection and try again."
        : sentenceFor(answer.error ?? ""),
    );
    setBusy(false);
  };

  return (
    <div className="flex flex-col gap-4 rounded-xl border bg-panel p-6 shadow-soft">
      {error === null ? null : <Callout kind="bad">{error}</Callout>}
      <form method="post" className="flex flex-col gap-4" onSubmit={submit}>
        <Field label="E-mail">
          {(control) => (
            <Input
              {...control}
              name="email"
              type="email"
              autoComplete="username"
              required
              autoFocus={props.email === ""}
              defaultValue={props.email}
            />
          )}
        </Field>
        <Field label="Password">
          {(control) => (
            <Input
              {...control}
              name="password"
              type="password"
              autoComplete="current-password"
              required
              autoFocus={props.email !== ""}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" busy={busy} disabled={!hydrated}>
          Sign in
        </Button>
      </form>
      {props.providers.length === 0 ? null : (
        <>
          <div className="flex items-center gap-3 text-faint text-xs">
            <span className="h-px flex-1 bg-line" />
            or
            <span className="h-px flex-1 bg-line" />
          </div>
          {props.providers.map((provider) => (
            <Button key={provider.id} size="lg" onClick={() => signIn(provider.id, { callbackUrl: props.next })}>
              <KeyRound aria-hidden /> Continue with {provider.name}
            </Button>
          ))}
        </>
      )}
    </div>
  );
}
