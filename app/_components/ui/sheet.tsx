"use client";

import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";

/** A panel from the right with the details of one thing of the list behind it. */
export function Sheet(props: {
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly subtitle?: ReactNode;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <RadixDialog.Root open onOpenChange={(open) => (open ? null : props.onClose())}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="scrim-in fixed inset-0 z-40 bg-scrim/60" />
        <RadixDialog.Content
          aria-describedby={undefined}
          className="surface-in fixed inset-y-0 right-0 z-50 flex w-[min(480px,100vw)] flex-col border-l bg-panel shadow-float outline-none"
        >
          <div className="flex items-start gap-3 border-b px-5 py-3.5">
            <div className="min-w-0 flex-1">
              <RadixDialog.Title className="font-semibold text-base">{props.title}</RadixDialog.Title>
              {props.subtitle === undefined ? null : <div className="text-faint text-xs">{props.subtitle}</div>}
            </div>
            <RadixDialog.Close asChild>
              <Button variant="ghost" size="icon" aria-label="Close" className="-mr-1.5">
                <X />
              </Button>
            </RadixDialog.Close>
          </div>
          <div className="scroll-thin flex-1 overflow-y-auto px-5 py-4">{props.children}</div>
          {props.footer === undefined ? null : (
            <div className="flex flex-wrap items-center justify-end gap-2 border-t bg-canvas px-5 py-3">
              {props.footer}
            </div>
          )}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
