"use client";

import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { THEME_COOKIE, type Theme } from "#app/_lib/theme.ts";

type ThemeChoice = { readonly theme: Theme; readonly toggle: () => void };

const ThemeContext = createContext<ThemeChoice>({ theme: "light", toggle: () => undefined });

const A_YEAR_IN_SECONDS = 31_536_000;

function wear(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: reason: the Cookie Store API is missing in Firefox and on plain http.
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${A_YEAR_IN_SECONDS}; samesite=lax`;
}

export function ThemeProvider(props: { readonly initial: Theme; readonly children: ReactNode }) {
  const [theme, setTheme] = useState(props.initial);
  const choice = useMemo<ThemeChoice>(() => {
    const toggle = () => {
      const next = theme === "dark" ? "light" : "dark";
      wear(next);
      setTheme(next);
    };
    return { theme, toggle };
  }, [theme]);
  return <ThemeContext value={choice}>{props.children}</ThemeContext>;
}

export function useTheme(): ThemeChoice {
  return useContext(ThemeContext);
}
