"use client";

import { Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { type DragEvent, useCallback, useRef, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { UploadList } from "./upload-list.tsx";
import { type UploadItem, useUploadQueue } from "./upload-queue.ts";

const TYPES = ".svs,.tif,.tiff,.ome.tif,.ndpi,.scn,.mrxs,.bif,.png,.jpg,.jpeg";

function buttonText(items: readonly UploadItem[]): string {
  const done = items.filter((item) => item.state === "done").length;
  const sending = items.find((item) => item.state === "sending");
  const share = sending === undefined ? "" : ` · ${Math.floor(sending.sent * 100)} %`;
  return `Uploading ${done + 1} of ${items.length}${share}`;
}

/** Closing the dialog does not stop an upload; the button then tells how far it is. */
export function UploadSlides({ projectId }: { readonly projectId: string }) {
  const router = useRouter();
  const refresh = useCallback(() => router.refresh(), [router]);
  const queue = useUploadQueue(projectId, refresh);
  const [open, setOpen] = useState(false);
  const left = queue.items.filter((item) => item.state !== "done");
  const complete = left.every((item) => item.name.trim() !== "" && item.caseName.trim() !== "");
  const change = (next: boolean) => {
    setOpen(next);
    if (!next && !queue.busy) queue.clear();
  };
  return (
    <>
      <Button variant="primary" busy={queue.busy && !open} onClick={() => setOpen(true)}>
        {queue.busy ? null : <Upload aria-hidden />}
        {queue.busy ? buttonText(queue.items) : "Upload slides"}
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        wide
        title="Upload slides"
        description="Labels, macro images and identifying fields are left out when a file is read."
        footer={
          <>
            {queue.busy ? <Button onClick={queue.cancel}>Stop</Button> : null}
            <Button onClick={() => change(false)}>{queue.busy ? "Go on in the background" : "Close"}</Button>
            <Button
              variant="primary"
              busy={queue.busy}
              disabled={left.length === 0 || !complete}
              onClick={() => void queue.start()}
            >
              {left.length < 2 ? "Upload" : `Upload ${left.length} files`}
            </Button>
          </>
        }
      >
        <DropArea onFiles={queue.add} small={queue.items.length > 0} />
        {queue.items.length === 0 ? null : (
          <UploadList items={queue.items} onChange={queue.change} onRemove={queue.remove} />
        )}
      </Dialog>
    </>
  );
}

function DropArea({ onFiles, small }: { readonly onFiles: (files: Iterable<File>) => void; readonly small: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles(event.dataTransfer.files);
  };
  return (
    <>
      <button
        type="button"
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          "flex w-full flex-col items-center justify-center gap-1 rounded-lg border border-line-strong border-dashed bg-canvas text-muted transition-colors hover:border-accent hover:bg-accent-soft/50",
          over && "border-accent bg-accent-soft",
          small ? "h-16" : "h-40",
        )}
      >
        <span className="font-medium text-ink">Drop slide files here, or click to choose</span>
        <span className="text-faint text-xs">SVS, tiled TIFF, OME-TIFF, PNG, JPEG</span>
      </button>
      <input
        ref={input}
        type="file"
        multiple
        accept={TYPES}
        className="hidden"
        aria-label="Slide files"
        onChange={(event) => {
          onFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
    </>
  );
}
