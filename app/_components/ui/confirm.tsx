"use client";

import type { ReactNode } from "react";
import { useSubmit } from "#app/_components/use-submit.ts";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { Dialog } from "./dialog.tsx";

/** Asks before something that cannot be taken back; stays open with the reason where it was refused. */
export function Confirm(props: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly action: () => Promise<unknown>;
  readonly children: ReactNode;
}) {
  const { busy, error, run, clear } = useSubmit();
  const change = (open: boolean) => {
    clear();
    props.onOpenChange(open);
  };
  const submit = async () => {
    if (await run(props.action)) change(false);
  };
  return (
    <Dialog
      open={props.open}
      onOpenChange={change}
      title={props.title}
      footer={
        <>
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button
            ref={props.danger ? null : takeFocus}
            variant={props.danger ? "danger" : "primary"}
            busy={busy}
            onClick={() => void submit()}
          >
            {props.confirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-muted">
        {props.children}
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
      </div>
    </Dialog>
  );
}

/** Enter says yes, except to what is dangerous. */
function takeFocus(button: HTMLButtonElement | null): void {
  button?.focus();
}
