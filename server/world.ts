import { randomBytes } from "node:crypto";
import { createAttempts } from "./attempts.ts";
import { attemptsOfAll } from "./bus/nodes.ts";
import type { Env } from "./env.ts";
import { type Foundation, openFoundation } from "./foundation.ts";
import { createHttp, type Http } from "./http.ts";
import { createLog, type Logger } from "./log.ts";
import { processMetrics } from "./metrics.ts";
import { createMetricsRoute } from "./metrics-route.ts";
import { type NextChild, startNextChild } from "./next-child.ts";
import { type NextCommand, nextCommand, nextEnvironment } from "./next-command.ts";
import { freePort } from "./port.ts";
import { openProduct, type Product } from "./product.ts";
import { createSignIn } from "./sign-in.ts";

/** The whole product, running. */
export type RunningWorld = {
  readonly port: number;
  /** Public origin, without a closing slash. */
  readonly url: string;
  readonly foundation: Foundation;
  readonly product: Product;
  readonly log: Logger;
  /** Resolves when pages are answered; at once without pages. */
  ready(timeoutMs: number): Promise<void>;
  /** Ends everything in reverse order of its start; safe to call twice. */
  stop(): Promise<void>;
};

export type WorldOptions = {
  /** False: no process for pages, for tests of everything else. */
  readonly pages: boolean;
  readonly dev?: boolean;
  readonly log?: Logger;
  /** Told lines for the operator's eyes. */
  readonly say?: (line: string) => void;
  /** Called when another Concord took the database while it was away. */
  readonly onLost?: () => void;
};

/** Starts the product: database, rooms and routes, listener, pages. @throws with a sentence for the operator */
export async function startWorld(env: Env, options: WorldOptions): Promise<RunningWorld> {
  const dev = options.dev ?? false;
  const command = options.pages ? nextCommand({ dev }) : null;
  const port = await freePort(env.port, env.host);
  const url = env.url ?? `http://localhost:${port}`;
  const log = options.log ?? createLog(env.logLevel);
  const { say = () => undefined, onLost = () => undefined } = options;

  const foundation = await openFoundation(env, { log, say, url, onLost });
  const opened: (() => Promise<void>)[] = [() => foundation.close()];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const product = await openProduct(foundation);
    const internalKey = randomBytes(32).toString("base64url");
    const next = command === null ? null : startPages(command, { env, foundation, internalKey, port, dev });
    if (next !== null) opened.push(() => next.stop());
    const http = listener({ foundation, product, next, internalKey, dev });
    opened.push(() => stopAnswering(http, product));
    await http.listen(port, env.host);
    log.info("product.started", { port, pages: options.pages, dev });
    const stop = once(closeAll);
    return { port, url, foundation, product, log, stop, ready: async (timeoutMs) => await next?.ready(timeoutMs) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

type PagesStart = {
  readonly env: Env;
  readonly foundation: Foundation;
  readonly internalKey: string;
  readonly port: number;
  readonly dev: boolean;
};

function startPages(command: NextCommand, { env, foundation, internalKey, port, dev }: PagesStart): NextChild {
  const { url, secret, log } = foundation;
  const host = ["0.0.0.0", "::"].includes(env.host) ? "127.0.0.1" : env.host;
  const internalUrl = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const variables = nextEnvironment(env, { dev, url, secret, internalUrl, internalKey });
  return startNextChild({ command, env: variables, url, dev, log });
}

function listener(parts: {
  readonly foundation: Foundation;
  readonly product: Product;
  readonly next: NextChild | null;
  readonly internalKey: string;
  readonly dev: boolean;
}): Http {
  const { foundation, product, next, internalKey, dev } = parts;
  const { database, sessions, others, log, url } = foundation;
  const attempts = others === null ? createAttempts() : attemptsOfAll(createAttempts(), others.bus);
  const internal = createSignIn({ db: database.db, sessions, log, attempts });
  const { api, tiles, sync } = product;
  const metrics = createMetricsRoute(foundation.env.metricsToken, () => [
    ...product.world.rooms.metrics(),
    ...processMetrics(foundation.metrics, database.pool),
  ]);
  return createHttp({ url, api, metrics, tiles, sync, internal, internalKey, next, dev, log });
}

/** No new connections first; then sockets are closed and the log is drained; then answers under way are waited for. */
async function stopAnswering(http: Http, product: Product): Promise<void> {
  const closed = http.close();
  await product.close();
  await closed;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}
