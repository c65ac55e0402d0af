"use client";

import { Check, X } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Progress } from "#app/_components/ui/progress.tsx";
import { bytes } from "#app/_lib/format.ts";
import type { UploadItem } from "./upload-queue.ts";

type Props = {
  readonly items: readonly UploadItem[];
  readonly onChange: (key: string, part: Partial<UploadItem>) => void;
  readonly onRemove: (key: string) => void;
};

export function UploadList({ items, onChange, onRemove }: Props) {
  return (
    <ul className="mt-3 flex flex-col gap-2">
      {items.map((item) => (
        <li key={item.key} className="rounded-lg border p-3">
          <div className="flex items-center gap-2">
            <span className="truncate font-medium">{item.file.name}</span>
            <span className="tabular text-faint text-xs">{bytes(item.file.size)}</span>
            <span className="ml-auto">
              {item.state === "done" ? (
                <span className="inline-flex items-center gap-1 font-medium text-good-ink text-xs">
                  <Check className="size-3.5" aria-hidden /> Added
                </span>
              ) : (
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label={`Leave out ${item.file.name}`}
                  disabled={item.state === "sending" || item.state === "reading"}
                  onClick={() => onRemove(item.key)}
                >
                  <X />
                </Button>
              )}
            </span>
          </div>
          <UploadBody item={item} onChange={onChange} />
        </li>
      ))}
    </ul>
  );
}

function UploadBody({ item, onChange }: { readonly item: UploadItem; readonly onChange: Props["onChange"] }) {
  if (item.state === "done") return null;
  if (item.state === "sending" || item.state === "reading") {
    const words = item.state === "reading" ? "Reading the file" : `${Math.floor(item.sent * 100)} %`;
    return (
      <div className="mt-1 flex items-center gap-3">
        <Progress value={item.state === "reading" ? null : item.sent} label={`Upload of ${item.file.name}`} />
        <span className="tabular w-28 text-right text-muted text-xs">{words}</span>
      </div>
    );
  }
  return (
    <>
      <div className="mt-2 grid grid-cols-[2fr_2fr_1fr] gap-x-2 gap-y-0.5">
        <span className="text-2xs text-faint">Name</span>
        <span className="text-2xs text-faint">Case</span>
        <span className="text-2xs text-faint">µm per pixel</span>
        <Input
          aria-label="Name"
          placeholder="Name"
          value={item.name}
          maxLength={200}
          onChange={(event) => onChange(item.key, { name: event.target.value })}
        />
        <Input
          aria-label="Case"
          placeholder="Case"
          value={item.caseName}
          maxLength={120}
          onChange={(event) => onChange(item.key, { caseName: event.target.value })}
        />
        <Input
          aria-label="Microns per pixel, where the file does not say"
          placeholder="from the file"
          type="number"
          min={0.05}
          max={100}
          step="any"
          value={item.mpp}
          onChange={(event) => onChange(item.key, { mpp: event.target.value })}
        />
      </div>
      {item.refusal === null ? null : (
        <p role="alert" className="mt-2 text-bad-ink text-xs">
          {item.refusal}
        </p>
      )}
      {item.state === "stopped" ? <p className="mt-2 text-warn-ink text-xs">Stopped; nothing of it was kept.</p> : null}
    </>
  );
}
