import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import type { Database } from "#db/client.ts";
import { createAccessToken } from "#db/people.ts";
import { members } from "#db/schema.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";
import { type Env, readEnv } from "#server/env.ts";
import { SILENT_LOG } from "#server/log.ts";
import { secretHash, TOKEN_PREFIX } from "#server/session.ts";
import { type RunningWorld, startWorld } from "#server/world.ts";
import { type SyncWorld, syncWorld } from "./sync-world.ts";

const SECRET = "the same secret on every node of it";

export type Person = {
  readonly personId: PersonId;
  readonly token: string;
  readonly headers: { readonly authorization: string };
};

/** A database with a project, its people with access tokens, and a team layer; and what nodes on it are started with. */
export type NodeStudy = {
  readonly world: SyncWorld;
  readonly layerId: LayerId;
  readonly people: readonly Person[];
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Env;
  remove(): void;
};

/** The first person is the lead. */
export async function nodeStudy(
  { db, url }: Pick<Database, "db"> & { readonly url: string },
  redisUrl: string,
  names: readonly string[] = ["lea", "ada", "bea"],
): Promise<NodeStudy> {
  const world = await syncWorld(db, names);
  const [lead] = world.people;
  if (lead) await db.update(members).set({ role: "lead" }).where(eq(members.personId, lead.personId));
  const people = await Promise.all(
    world.people.map(async ({ personId }): Promise<Person> => {
      const token = `${TOKEN_PREFIX}${personId}`;
      await createAccessToken(db, { personId, name: "test", hash: secretHash(token), scope: "write", expiresAt: null });
      return { personId, token, headers: { authorization: `Bearer ${token}` } };
    }),
  );
  const dataDir = mkdtempSync(join(tmpdir(), "concord-nodes-"));
  const variables = {
    PORT: "0",
    HOST: "127.0.0.1",
    CONCORD_MODE: "production",
    CONCORD_SECRET: SECRET,
    CONCORD_DATA: dataDir,
    DATABASE_URL: url,
    REDIS_URL: redisUrl,
    LOG_LEVEL: "warn",
  };
  return {
    world,
    layerId: await world.layer(),
    people,
    variables,
    env: readEnv(variables),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** A node of this process, without pages. */
export function startNode({ env }: Pick<NodeStudy, "env">): Promise<RunningWorld> {
  return startWorld(env, { pages: false, log: SILENT_LOG });
}

export const originOf = ({ port }: Pick<RunningWorld, "port">): string => `http://127.0.0.1:${port}`;

/** Asks the API of a node. */
export async function ask(
  node: Pick<RunningWorld, "port">,
  { headers }: Person,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${originOf(node)}/api/v1${path}`, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}
