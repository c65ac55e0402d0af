export type Theme = "light" | "dark";

/** A cookie, so that the server renders in the chosen theme and nothing flashes. */
export const THEME_COOKIE = "concord-theme";

export function themeFrom(cookie: string | undefined): Theme {
  return cookie === "dark" ? "dark" : "light";
}
