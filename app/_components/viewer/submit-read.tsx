"use client";

import { SendHorizontal } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
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
  const [blocking] = useState(() => blockingIn(session, layer.id));
  const show = (id: AnnotationId) => {
    onClose();
    session.workbench.focus(layer.id, id);
  };
  const submit = () =>
    run(async () => {
      await screening?.flush();
      await api.layers.submit(layer.id);
      session.update(await api.slides.view(session.slideId));
      toast.success("Your read is submitted.", {
        action: { label: "Worklist", onClick: () => router.push(`/projects/${projectId}`) },
      });
      onClose();
    });
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

const BLOCKING_SHOWN = 5;

/** Findings that stop a submit; one click leads to the outline. */
function BlockingFindings(props: {
  readonly found: readonly FindingOf[];
  readonly onShow: (id: AnnotationId) => void;
}) {
  const { session } = useVisit();
  if (props.found.length === 0) return null;
  const more = props.found.length - BLOCKING_SHOWN;
  const { checked } = session.workbench.guideline;
  return (
    <Callout kind="bad" className="mt-3" title="These have to be put right first">
      <ul className="mt-1 space-y-1">
        {props.found.slice(0, BLOCKING_SHOWN).map(({ annotationId, classId, finding }) => (
          <li key={`${annotationId} ${finding.code} ${finding.other ?? ""}`}>
            <button type="button" className="text-left hover:underline" onClick={() => props.onShow(annotationId)}>
              {checked.get(classId)?.name}: {findingText(finding, session.slide.mpp)}
            </button>
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="mt-1">And {more} more.</p> : null}
    </Callout>
  );
}
