/** A path on this site to go to after signing in; anything else (another site, a script) becomes the projects page. */
export function localPath(wanted: string | undefined): string {
  if (wanted === undefined) return "/projects";
  try {
    const base = "http://concord.invalid";
    const url = new URL(wanted, base);
    const isLocal = url.origin === base || wanted.startsWith("http");
    const path = `${url.pathname}${url.search}${url.hash}`;
    if (!isLocal || path.startsWith("//") || path.startsWith("/sign-in") || path.startsWith("/api/"))
      return "/projects";
    return path;
  } catch {
    return "/projects";
  }
}
