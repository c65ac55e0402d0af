"use client";

import { Download } from "lucide-react";
import { Button } from "./button.tsx";

/** Saves a text that the page already has as a file. */
export function DownloadText({ name, text }: { readonly name: string; readonly text: string }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button size="sm" onClick={save}>
      <Download aria-hidden /> Download
    </Button>
  );
}
