import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Env } from "./env.ts";

/** How the process that renders pages is started: arguments of node, and the folder it runs in. */
export type NextCommand = { readonly args: readonly string[]; readonly cwd: string };

/** The project's folder, from its sources (server/) and from the bundle (dist/) alike. */
export function projectRoot(): string {
  return fileURLToPath(new URL("..", import.meta.url));
}

/**
 * The page framework's own development server, or the built standalone one.
 * @throws with a sentence where nothing has been built
 */
export function nextCommand({ dev }: { readonly dev: boolean }): NextCommand {
  const root = projectRoot();
  if (dev) {
    const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
    return { args: [next, "dev", "--hostname", "127.0.0.1"], cwd: root };
  }
  const cwd = join(root, ".next", "standalone");
  if (!existsSync(join(cwd, "server.js"))) throw new Error("The pages have not been built; run: npm run build");
  return { args: ["server.js"], cwd };
}

/** What the child knows: its public address, how sessions are signed, and how to reach us. */
export function nextEnvironment(env: Env, start: NextStart): Record<string, string> {
  const variables: Record<string, string> = {
    ...env.inherited,
    NODE_ENV: start.dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    NEXTAUTH_URL: start.url,
    NEXTAUTH_SECRET: start.secret,
    CONCORD_INTERNAL_URL: start.internalUrl,
    CONCORD_INTERNAL_KEY: start.internalKey,
  };
  if (env.oidc === null) return variables;
  const { issuer, clientId, clientSecret, name } = env.oidc;
  return {
    ...variables,
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_NAME: name,
  };
}

export type NextStart = {
  readonly dev: boolean;
  readonly url: string;
  readonly secret: string;
  readonly internalUrl: string;
  readonly internalKey: string;
};
