import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "./errors.ts";
import type { Handler } from "./http.ts";
import { type Metric, metricsText } from "./metrics.ts";

/**
 * Answers whoever holds the operator's token with the metrics of now. Without a token there is no such address: what is
 * counted says how busy people are, and a server on the same machine may be a proxy for the whole world.
 */
export function createMetricsRoute(token: string | null, metrics: () => readonly Metric[]): Handler {
  return (req, res) => {
    if (token === null) throw new AppError("not-found");
    if (req.method !== "GET" && req.method !== "HEAD") throw new AppError("method-not-allowed");
    if (!bears(req, token)) throw new AppError("not-signed-in");
    res.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    res.setHeader("cache-control", "no-store");
    res.end(req.method === "HEAD" ? undefined : metricsText(metrics()));
  };
}

function bears(req: IncomingMessage, token: string): boolean {
  const given = /^Bearer ([\x21-\x7e]+)$/.exec(req.headers.authorization ?? "")?.[1];
  if (given === undefined) return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
