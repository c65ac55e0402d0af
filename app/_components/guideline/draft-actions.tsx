"use client";

import { ArrowRight, FlaskConical, MoreHorizontal, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import { api } from "#client/api.ts";
import type { DraftSave } from "#client/draft-session.ts";

const WORDS: Readonly<Record<DraftSave["state"], string>> = {
  saved: "Saved",
  unsaved: "Not saved yet",
  saving: "Saving",
  refused: "Not saved",
};

export function DraftActions(props: {
  readonly projectId: string;
  readonly save: DraftSave;
  readonly hasStored: boolean;
  readonly onSave: () => Promise<unknown>;
  readonly onPreview: () => Promise<unknown>;
  readonly onDiscarded: () => void;
}) {
  const router = useRouter();
  const [discarding, setDiscarding] = useState(false);
  const path = projectPath(props.projectId, "guideline");
  const isSaving = props.save.state === "saving";
  return (
    <>
      <span role="status" className={props.save.state === "saved" ? "text-faint text-xs" : "text-warn-ink text-xs"}>
        {props.hasStored || props.save.state !== "saved" ? WORDS[props.save.state] : "Nothing changed yet"}
      </span>
      <Button busy={isSaving} disabled={props.save.state === "saved"} onClick={() => void props.onSave()}>
        Save draft
      </Button>
      <Button variant="primary" disabled={isSaving} onClick={() => void props.onPreview()}>
        Preview <ArrowRight aria-hidden />
      </Button>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label="More for this draft">
            <MoreHorizontal />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem asChild disabled={!props.hasStored}>
            <Link href={`${path}/trials`}>
              <FlaskConical aria-hidden /> Try it out on some slides
            </Link>
          </DropdownMenuItem>
          <DropdownMenuItem danger disabled={!props.hasStored} onSelect={() => setDiscarding(true)}>
            <Trash2 aria-hidden /> Discard the draft
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Confirm
        open={discarding}
        onOpenChange={setDiscarding}
        title="Discard this draft?"
        confirm="Discard"
        danger
        action={async () => {
          await api.guideline.discardDraft(props.projectId);
          props.onDiscarded();
          router.push(path);
          router.refresh();
        }}
      >
        Everything since the version in force is thrown away, for all leads. Published versions are not touched.
      </Confirm>
    </>
  );
}
