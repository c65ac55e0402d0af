"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { CopyField } from "#app/_components/ui/copy-field.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { api } from "#client/api.ts";

const SCOPES = [
  { value: "read", label: "Read only" },
  { value: "write", label: "Read and change" },
];
const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "never", label: "Until revoked" },
];

export function CreateToken(props: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const router = useRouter();
  const [name, setName] = useState("");
  const [scope, setScope] = useState("read");
  const [days, setDays] = useState("90");
  const [secret, setSecret] = useState<string | null>(null);
  const { busy, error, run, clear } = useSubmit();
  const change = (open: boolean) => {
    clear();
    setSecret(null);
    setName("");
    props.onOpenChange(open);
  };
  const create = () =>
    run(async () => {
      const token = await api.me.createToken({
        name,
        scope: scope === "write" ? "write" : "read",
        days: days === "never" ? null : Number(days),
      });
      setSecret(token.secret);
      router.refresh();
    });
  const footer =
    secret === null ? (
      <>
        <Button onClick={() => change(false)}>Cancel</Button>
        <Button variant="primary" busy={busy} disabled={name.trim() === ""} onClick={() => void create()}>
          Create token
        </Button>
      </>
    ) : (
      <Button variant="primary" onClick={() => change(false)}>
        Done
      </Button>
    );
  return (
    <Dialog
      open={props.open}
      onOpenChange={change}
      title={secret === null ? "New access token" : "Copy the token now"}
      {...(secret === null ? {} : { description: "It is shown this once. If it is lost, revoke it and make another." })}
      footer={footer}
    >
      {secret === null ? (
        <div className="flex flex-col gap-4">
          {error === null ? null : <Callout kind="bad">{error}</Callout>}
          <Field label="Name" hint="What will use it.">
            {(control) => (
              <Input
                {...control}
                value={name}
                onChange={(event) => setName(event.target.value)}
                placeholder="Nightly export"
                maxLength={80}
              />
            )}
          </Field>
          <div className="grid grid-cols-2 gap-4">
            <Field label="May">
              {({ id }) => <Select id={id} value={scope} onValueChange={setScope} options={SCOPES} />}
            </Field>
            <Field label="Valid for">
              {({ id }) => <Select id={id} value={days} onValueChange={setDays} options={LIFETIMES} />}
            </Field>
          </div>
        </div>
      ) : (
        <CopyField value={secret} label="Access token" />
      )}
    </Dialog>
  );
}
