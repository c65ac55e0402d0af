/** What a page may load, given the number that marks our own scripts. Styles are set by the interface libraries at run time. */
export function contentPolicy(nonce: string, { dev }: { readonly dev: boolean }): string {
  // The framework's development scripts are evaluated; nothing else ever is.
  const evaluated = dev ? " 'unsafe-eval'" : "";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'${evaluated}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Nothing but data: for answers that no browser should ever render or run. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
const ONE_YEAR = 31_536_000;

/** Headers of every answer; the pages replace the content policy by their own. */
export function secureHeaders(url: string): readonly (readonly [name: string, value: string])[] {
  const headers: [string, string][] = [
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "same-origin"],
    ["x-frame-options", "DENY"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"],
    ["content-security-policy", DATA_POLICY],
  ];
  if (url.startsWith("https:")) headers.push(["strict-transport-security", `max-age=${ONE_YEAR}`]);
  return headers;
}
