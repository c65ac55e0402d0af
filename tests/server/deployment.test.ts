import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ENV_SCHEMA, readEnv } from "#server/env.ts";
import { portOf } from "#server/port.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const DOCKER = join(ROOT, "docker");
const read = (name: string): string => readFileSync(join(DOCKER, name), "utf8");

type Service = {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly command?: readonly string[];
};
type Compose = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};

/** What an operator sets. */
const SET: Readonly<Record<string, string>> = {
  CONCORD_SECRET: "a secret of at least 32 characters, as asked for",
  CONCORD_DB_PASSWORD: "s3cret",
  CONCORD_URL: "https://concord.example",
};

/** A compose file as it is with these variables. @throws where one is missing that it asks for */
function composeOf(name: string, given: Readonly<Record<string, string>> = SET): Compose {
  const filled = (text: string): string =>
    text.replaceAll(/\$\{(\w+)(:[?-])([^}]*)\}/g, (_all, key: string, kind: string, rest: string) => {
      const value = given[key];
      if (value === undefined && kind === ":?") throw new Error(`${key}: ${rest}`);
      return value ?? rest;
    });
  return parse(read(name), (_key, value) => (typeof value === "string" ? filled(value) : value), { merge: true });
}

const dockerfile = read("Dockerfile");
/** What the image itself sets. */
const IMAGE: Readonly<Record<string, string>> = Object.fromEntries(
  [...dockerfile.slice(dockerfile.lastIndexOf("FROM ")).matchAll(/^ENV (.*)$/gm)].flatMap((line) =>
    (line[1] ?? "").split(" ").map((pair) => pair.split("=")),
  ),
);
/** The program and its arguments of an instruction: of the image, or of its health check, which stands further in. */
const commandOf = (indent: string): string[] =>
  JSON.parse(new RegExp(`^${indent}CMD (\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]");

const nodesOf = ({ services }: Compose) => Object.entries(services).filter(([, { build }]) => build !== undefined);
const versionOf = (image = "") => Number(/:(\d+)/.exec(image)?.[1]);

for (const file of ["compose.yaml", "compose.nodes.yaml"]) {
  describe(file, () => {
    const compose = composeOf(file);
    const nodes = nodesOf(compose);

    it("[DEP1] sets what Concord reads, and nothing else, so that it starts", () => {
      expect(nodes).toHaveLength(file === "compose.yaml" ? 1 : 2);
      for (const [, { environment = {} }] of nodes) {
        expect(Object.keys(ENV_SCHEMA.shape)).toEqual(expect.arrayContaining(Object.keys(environment)));
        const env = readEnv({ ...IMAGE, ...environment });
        expect(env).toMatchObject({ mode: "production", url: SET["CONCORD_URL"], port: 3_000, dataDir: "/data" });
        expect(env.redisUrl === null).toBe(file === "compose.yaml");
      }
    });

    it("[DEP1] asks for each setting without which it would not start", () => {
      for (const key of Object.keys(SET)) {
        const { [key]: _left, ...others } = SET;
        expect(() => composeOf(file, others), key).toThrow(key);
      }
    });

    it("[DEP2] leads to services that are there, in versions that are good enough, with the same names and passwords", () => {
      const { services } = compose;
      for (const [, { environment = {}, depends_on = {} }] of nodes) {
        const database = new URL(environment["DATABASE_URL"] ?? "");
        const postgres = services[database.hostname];
        expect(versionOf(postgres?.image)).toBeGreaterThanOrEqual(15);
        expect(postgres?.environment).toEqual({
          POSTGRES_USER: database.username,
          POSTGRES_DB: database.pathname.slice(1),
          POSTGRES_PASSWORD: database.password,
        });
        const redis = environment["REDIS_URL"] === undefined ? null : new URL(environment["REDIS_URL"]);
        if (redis !== null) {
          expect(versionOf(services[redis.hostname]?.image)).toBeGreaterThanOrEqual(6);
          expect(services[redis.hostname]?.command?.[0]).toBe("redis-server");
        }
        expect(Object.keys(depends_on).sort()).toEqual(
          [database.hostname, ...(redis === null ? [] : [redis.hostname])].sort(),
        );
      }
    });

    it("[DEP2] keeps what has to be kept: slides in one volume for all, and the database", () => {
      const named = Object.values(compose.services).flatMap(({ volumes = [] }) =>
        volumes.map((each) => each.split(":")),
      );
      const kept = named.filter(([source = ""]) => !source.startsWith("."));
      expect(new Set(kept.map(([source]) => source))).toEqual(new Set(Object.keys(compose.volumes)));
      for (const [, { volumes = [] }] of nodes) expect(volumes).toEqual([`slides:${IMAGE["CONCORD_DATA"]}`]);
      for (const [source = "", target] of named.filter(([path = ""]) => path.startsWith("."))) {
        expect([readFileSync(join(DOCKER, source), "utf8").length > 0, target]).toEqual([
          true,
          "/etc/nginx/conf.d/default.conf",
        ]);
      }
    });

    it("[DEP3] publishes the port that listens, and no other", () => {
      const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
        ports.map((each) => [name, each] as const),
      );
      const expected = file === "compose.yaml" ? [["concord", `3000:${IMAGE["PORT"]}`]] : [["proxy", "3000:80"]];
      expect(published).toEqual(expected);
    });
  });
}

describe("the proxy in front of nodes", () => {
  const nginx = read("nginx.conf");
  const nodes = nodesOf(composeOf("compose.nodes.yaml"));

  it("[DEP3] sends people to every node at the port where it listens, and takes slides of any size that they take", () => {
    const upstreams = [...nginx.matchAll(/^ +server ([\w-]+:\d+)/gm)].map((each) => each[1]);
    expect(upstreams).toEqual(nodes.map(([name]) => `${name}:${IMAGE["PORT"]}`));
    expect(nginx).toMatch(/^ +listen 80;$/m);
    const { maxUploadBytes } = readEnv({});
    expect(/client_max_body_size (\d+)g;/.exec(nginx)?.[1]).toBe(String(maxUploadBytes / 2 ** 30));
  });
});

describe("the image", () => {
  it("[DEP4] starts what npm start starts, and exposes the port where that listens", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(ROOT, "package.json"), "utf8"),
    );
    expect(`exec ${commandOf("").join(" ")}`).toBe(scripts["start"]);
    expect(dockerfile).toContain(`\nEXPOSE ${IMAGE["PORT"]}\n`);
    expect(dockerfile).toContain(`\nVOLUME ${IMAGE["CONCORD_DATA"]}\n`);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it("[DEP4] asks the health of Concord at its port, and takes only a good answer for one", async () => {
    const asked: (string | undefined)[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const [program, ...args] = commandOf("  ");
    expect(program).toBe("node");
    const env = { PORT: String(portOf(server)), NODE_ENV: "production" as const };
    const check = async (): Promise<unknown> => (await once(spawn(process.execPath, args, { env }), "exit"))[0];
    expect(await check()).toBe(0);
    status = 503;
    expect(await check()).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(await check()).toBe(1);
    expect(asked).toEqual(["/api/health", "/api/health"]);
  });
});
