"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Textarea } from "#app/_components/ui/input.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Preview } from "#client/answers.ts";
import { ApiError, api, sentenceOf } from "#client/api.ts";
import { type LateDraft, RebaseDialog } from "./rebase-dialog.tsx";

type Failure = { readonly sentence: string; readonly isStale: boolean };

function after(parent: number): string {
  return parent === 0 ? "the first version" : `the version after ${parent}`;
}

function consequenceOf(preview: Preview): string {
  const asks = preview.totals.review + preview.totals.choose;
  const screens = preview.rescreens.length;
  const parts = [
    ...(asks === 0 ? [] : [`${plural(asks, "annotation waits", "annotations wait")} for an answer`]),
    ...(screens === 0 ? [] : [`${plural(screens, "finished slide is", "finished slides are")} to be screened again`]),
  ];
  if (parts.length === 0) return "No annotation waits for an answer; readers are told of the new words.";
  return `${parts.join(", and ")}. Each reader gets tasks for their own.`;
}

/** Publishing names the version that the lead saw when the dialog opened, whatever is published meanwhile; a second publisher is refused, and their draft put on the new version. */
export function PublishDraft({
  projectId,
  preview: latest,
  draft,
  isApproved,
}: {
  readonly projectId: string;
  /** Null once the draft is gone: a dialog that is open stays, so that what was about to be published can be put on the new version. */
  readonly preview: Preview | null;
  /** The text that was previewed. */
  readonly draft: LateDraft | null;
  /** Nobody else has to approve the draft first. */
  readonly isApproved: boolean;
}) {
  const router = useRouter();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [seen, setSeen] = useState<Preview | null>(null);
  const [text, setText] = useState<LateDraft | null>(null);
  const preview = seen ?? latest;
  const setOpen = (open: boolean) => {
    setFailure(null);
    setSeen(open ? latest : null);
    setText(open ? draft : null);
  };
  const [isLate, setIsLate] = useState(false);
  const [note, setNote] = useState("");
  const [forced, setForced] = useState(false);
  const [busy, setBusy] = useState(false);
  const path = projectPath(projectId, "guideline");
  if (preview === null) return null;
  const publish = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const answer = await api.guideline.publish(projectId, { parent: preview.parent, note, forced });
      toast.success(
        answer.tasks === 0
          ? `Version ${answer.number} is in force.`
          : `Version ${answer.number} is in force; ${plural(answer.tasks, "task was", "tasks were")} made.`,
      );
      router.push(answer.tasks === 0 ? path : projectPath(projectId, "tasks"));
      router.refresh();
    } catch (error) {
      setFailure({
        sentence: sentenceOf(error),
        isStale: error instanceof ApiError && error.code === "stale-publish",
      });
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        variant="primary"
        disabled={latest === null || latest.refusal !== null || !isApproved}
        onClick={() => setOpen(true)}
      >
        Publish version {preview.number}…
      </Button>
      <Dialog
        open={seen !== null && !isLate}
        onOpenChange={setOpen}
        title={`Publish version ${preview.number}?`}
        description={`It becomes ${after(preview.parent)} and is in force for everybody at once. A version is never changed; what it changes can be taken back by another.`}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            {failure?.isStale === true ? (
              <Button variant="primary" onClick={() => setIsLate(true)}>
                Put it on the new version
              </Button>
            ) : (
              <Button variant="primary" busy={busy} onClick={() => void publish()}>
                Publish
              </Button>
            )}
          </>
        }
      >
        <div className="flex flex-col gap-4">
          <p>{consequenceOf(preview)}</p>
          <Field label="Why" hint="Everybody reads it beside the version.">
            {(control) => (
              <Textarea
                {...control}
                rows={3}
                maxLength={4_000}
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
            )}
          </Field>
          {preview.openBlindRounds.length === 0 ? null : (
            <Field
              label="Reach the open blind rounds at once"
              hint="Each reader gets their own items and learns nothing of the others; left off, it takes effect when a round closes."
            >
              {({ id }) => <Switch id={id} checked={forced} onCheckedChange={setForced} />}
            </Field>
          )}
          {failure === null ? null : (
            <Callout kind="bad" title={failure.sentence}>
              {failure.isStale
                ? "What you wrote is kept: put it on the new version, and preview it again before you publish."
                : null}
            </Callout>
          )}
        </div>
      </Dialog>
      {isLate && text !== null ? (
        <RebaseDialog
          projectId={projectId}
          late={text}
          onClose={() => setIsLate(false)}
          onDone={() => {
            setIsLate(false);
            setOpen(false);
            router.push(`${path}/draft`);
            router.refresh();
          }}
        />
      ) : null}
    </>
  );
}
