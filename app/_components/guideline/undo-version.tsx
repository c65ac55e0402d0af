"use client";

import { Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { PublishedVersion } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { rollbackOf } from "#domain/draft-rollback.ts";
import { clashPlace } from "./clash-words.ts";

type Props = {
  readonly projectId: string;
  readonly versions: readonly PublishedVersion[];
  readonly number: number;
  /** A draft is being written, which this would replace. */
  readonly hasDraft: boolean;
};

/** Takes back what a version changed, by a draft of the next one; nothing is erased. */
export function UndoVersion(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="link" size="sm" onClick={() => setOpen(true)}>
        <Undo2 aria-hidden /> Undo version {props.number}
      </Button>
      {open ? <UndoDialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function UndoDialog({ projectId, versions, number, hasDraft, onClose }: Props & { readonly onClose: () => void }) {
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const found = rollbackOf(versions, number);
  const newest = versions.at(-1);
  if (found === null || newest === undefined) return null;
  const start = async () => {
    const { content, declarations } = found.draft;
    const body = { revision: 0, content, declarations: [...declarations] };
    if (await run(() => api.guideline.saveDraft(projectId, body))) {
      router.push(`${projectPath(projectId, "guideline")}/draft`);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Undo version ${number}?`}
      description={`A draft after version ${newest.number} takes back what version ${number} changed. What merged by itself is told apart again, exactly; what people decided meanwhile stays as history.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={hasDraft} onClick={() => void start()}>
            Make the draft
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {hasDraft ? <Callout kind="warn">A draft is being written. Publish it or discard it first.</Callout> : null}
        {found.clashes.length === 0 ? null : (
          <Callout kind="warn" title="Later versions wrote on the same">
            {[...new Set(found.clashes.map((clash) => clashPlace(clash, newest.content)))].join(", ")}: what version{" "}
            {newest.number} says stands there. Change it in the draft if you want to.
          </Callout>
        )}
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
        <p className="text-muted">You see what it causes in the preview, before anything is published.</p>
      </div>
    </Dialog>
  );
}
