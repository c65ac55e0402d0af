import "@fontsource-variable/inter/wght.css";
import "./globals.css";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { ThemeProvider } from "#app/_components/shell/theme.tsx";
import { Toaster } from "#app/_components/ui/toaster.tsx";
import { TooltipProvider } from "#app/_components/ui/tooltip.tsx";
import { THEME_COOKIE, themeFrom } from "#app/_lib/theme.ts";

export const metadata: Metadata = {
  title: { default: "Concord", template: "%s · Concord" },
  description: "Several pathologists annotate whole-slide images together.",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1 };

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const theme = themeFrom((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html lang="en" data-theme={theme}>
      <body>
        <ThemeProvider initial={theme}>
          <TooltipProvider delayDuration={350}>{children}</TooltipProvider>
          <Toaster />
        </ThemeProvider>
      </body>
    </html>
  );
}
