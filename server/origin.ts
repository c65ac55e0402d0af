import type { IncomingHttpHeaders } from "node:http";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a request that may change something comes from our own pages.
 * A browser states the origin with every such request, and with every socket; what it states must be the configured
 * address. An address on this machine may be spelled as localhost, 127.0.0.1 or [::1].
 * @param url the public address
 * @returns false also for "null" and for requests without an origin, unless the browser says they are its own page's
 */
export function originAllowed(headers: IncomingHttpHeaders, url: string): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers["sec-fetch-site"] === "same-origin";
  if (origin === url) return true;
  const ours = new URL(url);
  if (!LOOPBACK.has(ours.hostname) || !URL.canParse(origin)) return false;
  const theirs = new URL(origin);
  return LOOPBACK.has(theirs.hostname) && theirs.protocol === ours.protocol && theirs.port === ours.port;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request is safe from cross-site forgery: it changes nothing, or carries a token that no browser adds by
 * itself, or comes from our own pages.
 */
export function forgeryExcluded(method: string, headers: IncomingHttpHeaders, url: string): boolean {
  if (SAFE_METHODS.has(method) || headers.authorization !== undefined) return true;
  return headers.cookie === undefined || originAllowed(headers, url);
}
