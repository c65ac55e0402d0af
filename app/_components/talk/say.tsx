"use client";

import { AtSign, Send } from "lucide-react";
import { useRef, useState } from "react";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { PersonRef } from "#client/answers.ts";

/** A field to say something in, with a way to name people so that they are told. Ctrl Enter sends. */
export function Say(props: {
  readonly members: readonly PersonRef[];
  readonly placeholder: string;
  readonly onSay: (text: string, mentions: readonly string[]) => Promise<unknown>;
}) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const { busy, error, run } = useSubmit();
  const send = async () => {
    if (text.trim() === "") return;
    const mentions = props.members.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id);
    if (await run(() => props.onSay(text.trim(), mentions))) setText("");
  };
  const name = (person: PersonRef) => {
    setText((before) => `${before}${before === "" || before.endsWith(" ") ? "" : " "}@${person.name} `);
    field.current?.focus();
  };
  return (
    <div className="flex flex-col gap-1.5">
      <Textarea
        ref={field}
        aria-label={props.placeholder}
        placeholder={props.placeholder}
        rows={2}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
        }}
      />
      <div className="flex items-center gap-2">
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="ghost" size="sm">
              <AtSign aria-hidden /> Mention
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="start" className="max-h-64 overflow-y-auto">
            {props.members.map((person) => (
              <DropdownMenuItem key={person.id} onSelect={() => name(person)}>
                <Avatar name={person.name} colour={person.colour} size="sm" /> {person.name}
              </DropdownMenuItem>
            ))}
          </DropdownMenuContent>
        </DropdownMenu>
        {error === null ? null : (
          <span role="alert" className="min-w-0 flex-1 truncate text-bad-ink text-xs" title={error}>
            {error}
          </span>
        )}
        <Button size="sm" className="ml-auto" busy={busy} disabled={text.trim() === ""} onClick={() => void send()}>
          <Send aria-hidden /> Say it
        </Button>
      </div>
    </div>
  );
}
