"use client";

import { Scan, SendHorizontal } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Swatch } from "#app/_components/ui/swatch.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Layer } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { blockingIn } from "#client/blocking.ts";
import type { FindingOf } from "#domain/findings.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { findingText } from "./finding-words.ts";
import { SeenShare, SeenWarning } from "./seen-share.tsx";
import { useLive, useVisit } from "./session.tsx";

/** Hands in one's own read: from then on it is locked. */
export function SubmitRead() {
  const { session } = useVisit();
  const [open, setOpen] = useState(false);
  useLive((state) => state.layers);
  useLive((state) => state.status);
  const layer = session.drawingLayer;
  if (layer === null || layer.kind !== "read" || !layer.mine || layer.state === "submitted") return null;
  return (
    <>
      <Button variant="primary" size="sm" data-testid="submit-read" onClick={() => setOpen(true)}>
        <SendHorizontal aria-hidden /> Submit read
      </Button>
      {open ? <SubmitDialog layer={layer} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function SubmitDialog({ layer, onClose }: { readonly layer: Layer; readonly onClose: () => void }) {
  const { session, projectId } = useVisit();
  const router = useRouter();
  const { busy, error, run } = useSubmit();
  const waiting = useLive((state) => state.waiting);
  const screening = useLive((state) => state.screening);
  const shapes = [...(session.workbench.scene.layer(layer.id)?.shapes.values() ?? [])];
  const findings = shapes.flatMap(({ annotation }) => session.findings(layer.id, annotation));
  const [blocking, setBlocking] = useState(() => blockingIn(session, layer.id));
  const show = (id: AnnotationId) => {
    onClose();
    session.workbench.focus(layer.id, id);
  };
  const submit = async () => {
    const isDone = await run(async () => {
      await screening?.flush();
      await api.layers.submit(layer.id);
      session.update(await api.slides.view(session.slideId));
      toast.success("Your read is submitted.", {
        action: { label: "Worklist", onClick: () => router.push(`/projects/${projectId}`) },
      });
      onClose();
    });
    // What was drawn or published since the dialog was opened may be what it was refused for.
    if (!isDone) setBlocking(blockingIn(session, layer.id));
  };
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title="Submit this read?"
      description="It is locked afterwards. The lead can open it again."
      footer={
        <>
          <Button onClick={onClose}>Go on drawing</Button>
          <Button
            variant="primary"
            busy={busy}
            disabled={waiting > 0}
            onClick={() => void submit()}
            data-testid="confirm-submit"
          >
            Submit
          </Button>
        </>
      }
    >
      <dl className="grid grid-cols-2 gap-x-6 gap-y-1.5">
        <dt className="text-muted">Outlines</dt>
        <dd className="tabular text-right">{shapes.length}</dd>
        <dt className="text-muted">Findings</dt>
        <dd className="tabular text-right">{findings.length}</dd>
        {screening === null ? null : <SeenShare screening={screening} />}
      </dl>
      {screening === null ? null : <SeenWarning screening={screening} />}
      <BlockingFindings found={blocking} onShow={show} />
      {waiting > 0 ? (
        <Callout kind="warn" className="mt-3">
          {waiting} of your changes are not saved yet. Submitting waits for them.
        </Callout>
      ) : null}
      {error === null ? null : (
        <Callout kind="bad" className="mt-3">
          {error}
        </Callout>
      )}
    </Dialog>
  );
}

const BLOCKING_SHOWN = 200;

/** Findings that stop a submit, each with the way to its outline. */
function BlockingFindings(props: {
  readonly found: readonly FindingOf[];
  readonly onShow: (id: AnnotationId) => void;
}) {
  const { session } = useVisit();
  if (props.found.length === 0) return null;
  const more = props.found.length - BLOCKING_SHOWN;
  const { checked } = session.workbench.guideline;
  return (
    <Callout
      kind="bad"
      className="mt-3"
      title={props.found.length === 1 ? "This has to be put right first" : "These have to be put right first"}
    >
      <ul aria-label="What stops it" className="scroll-thin -mx-1.5 mt-1 max-h-56 overflow-y-auto">
        {props.found.slice(0, BLOCKING_SHOWN).map(({ annotationId, classId, finding }) => (
          <li key={`${annotationId} ${finding.code} ${finding.other ?? ""}`}>
            <button
              type="button"
              className="group flex w-full items-baseline gap-2 rounded px-1.5 py-1 text-left hover:bg-bad/10"
              onClick={() => props.onShow(annotationId)}
            >
              <Swatch colour={checked.get(classId)?.colour ?? "#8b93a1"} className="translate-y-0.5" />
              <span className="min-w-0 flex-1">
                <span className="font-medium">{checked.get(classId)?.name}</span>:{" "}
                {findingText(finding, session.slide.mpp)}
              </span>
              <Scan aria-hidden className="size-3.5 shrink-0 translate-y-0.5 opacity-60 group-hover:opacity-100" />
            </button>
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="mt-1">And {more} more.</p> : null}
    </Callout>
  );
}
