"use client";

import { Toaster as Sonner } from "sonner";
import { useTheme } from "#app/_components/shell/theme.tsx";

/** Where messages about what happened elsewhere appear. */
export function Toaster() {
  const { theme } = useTheme();
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      toastOptions={{
        className: "!bg-panel !text-ink !border-line !shadow-float !text-sm !font-sans !rounded-lg",
        descriptionClassName: "!text-muted",
      }}
    />
  );
}
