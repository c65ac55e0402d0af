"use client";

import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { CopyField } from "#app/_components/ui/copy-field.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import { api } from "#client/api.ts";
import { ROLE_LABELS, type Role } from "#domain/permissions.ts";
import { ROLE_OPTIONS, ROLE_WORDS, roleFrom } from "./role-words.ts";

const DAYS = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "14", label: "14 days" },
  { value: "60", label: "60 days" },
];

export function InviteMember({ projectId }: { readonly projectId: string }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Role>("annotator");
  const [days, setDays] = useState("14");
  const [url, setUrl] = useState<string | null>(null);
  const { busy, error, run, clear } = useSubmit();
  const change = (next: boolean) => {
    clear();
    setUrl(null);
    setOpen(next);
  };
  const create = () =>
    run(async () => {
      const invitation = await api.members.invite(projectId, { role, days: Number(days) });
      setUrl(invitation.url);
      router.refresh();
    });
  return (
    <>
      <Button variant="primary" onClick={() => change(true)}>
        <UserPlus aria-hidden /> Invite
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        title={url === null ? "Invite somebody" : "Send them this link"}
        description={
          url === null
            ? "You get a link to send. Whoever opens it first joins the project."
            : `Role: ${ROLE_LABELS[role].toLowerCase()}. The link works once, and is shown only now.`
        }
        footer={
          url === null ? (
            <>
              <Button onClick={() => change(false)}>Cancel</Button>
              <Button variant="primary" busy={busy} onClick={() => void create()}>
                Create link
              </Button>
            </>
          ) : (
            <Button variant="primary" onClick={() => change(false)}>
              Done
            </Button>
          )
        }
      >
        {url === null ? (
          <div className="flex flex-col gap-4">
            {error === null ? null : <Callout kind="bad">{error}</Callout>}
            <Field label="Role" hint={ROLE_WORDS[role]}>
              {({ id }) => (
                <Select
                  id={id}
                  value={role}
                  onValueChange={(value) => setRole(roleFrom(value))}
                  options={ROLE_OPTIONS}
                />
              )}
            </Field>
            <Field label="Valid for">
              {({ id }) => <Select id={id} value={days} onValueChange={setDays} options={DAYS} />}
            </Field>
          </div>
        ) : (
          <CopyField value={url} label="Invitation link" />
        )}
      </Dialog>
    </>
  );
}
