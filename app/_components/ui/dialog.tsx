"use client";

import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { cn } from "./class-names.ts";

/** A modal question. `open` is owned by the caller, so that a failed submit keeps it open. */
export function Dialog(props: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <RadixDialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="scrim-in fixed inset-0 z-40 bg-scrim" />
        <RadixDialog.Content
          className={cn(
            "surface-in -translate-x-1/2 fixed top-[12vh] left-1/2 z-50 flex max-h-[78vh] w-[calc(100vw-2rem)] flex-col rounded-xl border border-line bg-panel shadow-float outline-none",
            props.wide ? "max-w-3xl" : "max-w-lg",
          )}
          {...(props.description === undefined ? { "aria-describedby": undefined } : {})}
        >
          <div className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <RadixDialog.Title className="font-semibold text-base">{props.title}</RadixDialog.Title>
              {props.description === undefined ? null : (
                <RadixDialog.Description asChild>
                  <div className="mt-1 text-muted">{props.description}</div>
                </RadixDialog.Description>
              )}
            </div>
            <RadixDialog.Close asChild>
              <Button variant="ghost" size="icon" aria-label="Close" className="-mr-1.5">
                <X />
              </Button>
            </RadixDialog.Close>
          </div>
          <div className="scroll-thin min-h-0 flex-1 overflow-y-auto px-5 pb-4">{props.children}</div>
          {props.footer === undefined ? null : (
            <div className="flex items-center justify-end gap-2 rounded-b-xl border-t bg-canvas px-5 py-3">
              {props.footer}
            </div>
          )}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
