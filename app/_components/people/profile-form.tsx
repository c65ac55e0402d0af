"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ColourPicker } from "#app/_components/ui/colour-picker.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Me } from "#client/answers.ts";
import { api } from "#client/api.ts";

export function ProfileForm({ me }: { readonly me: Me }) {
  const router = useRouter();
  const [name, setName] = useState(me.name);
  const [colour, setColour] = useState(me.colour);
  const { busy, error, run } = useSubmit();
  const changed = name.trim() !== me.name || colour !== me.colour;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.me.update({ name, colour });
      toast.success("Profile saved.");
      router.refresh();
    });
  };
  return (
    <Card title="You" description="How colleagues see you beside your cursor and your reads.">
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
        <div className="flex items-start gap-4">
          <Avatar name={name} colour={colour} size="lg" className="mt-5" />
          <Field label="Name" className="flex-1">
            {(control) => (
              <Input
                {...control}
                value={name}
                onChange={(event) => setName(event.target.value)}
                required
                maxLength={80}
              />
            )}
          </Field>
          <Field label="E-mail" className="flex-1">
            {(control) => <Input {...control} value={me.email} disabled />}
          </Field>
        </div>
        <Field label="Colour">{() => <ColourPicker label="Your colour" value={colour} onChange={setColour} />}</Field>
        <div>
          <Button type="submit" variant="primary" busy={busy} disabled={!changed}>
            Save profile
          </Button>
        </div>
      </form>
    </Card>
  );
}
