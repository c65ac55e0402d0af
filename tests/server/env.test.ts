import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ENV_SCHEMA, readEnv } from "#server/env.ts";
import { createLog, describeError } from "#server/log.ts";
import { keptSecret } from "#server/secret.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concord-env-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("configuration", () => {
  test("[ENV1] with nothing set it is a demo on port 3000 with the embedded database", () => {
    const env = readEnv({});
    expect(env).toMatchObject({ port: 3000, mode: "demo", databaseUrl: null, secret: null, url: null, oidc: null });
    expect(env.dataDir).toBe(join(process.cwd(), "data"));
    expect(readEnv({ PORT: "", DATABASE_URL: "" })).toEqual(env);
  });

  test("[ENV2] all faults are told at once, and no secret is repeated", () => {
    const faults = () =>
      readEnv({
        PORT: "70000",
        DATABASE_URL: "mysql://x",
        CONCORD_SECRET: "short",
        CONCORD_MODE: "prod",
        LOG_LEVEL: "loud",
      });
    expect(faults).toThrow(/PORT[\s\S]*DATABASE_URL[\s\S]*CONCORD_SECRET[\s\S]*CONCORD_MODE[\s\S]*LOG_LEVEL/);
    expect(faults).not.toThrow(/short/);
  });

  test("[ENV3] production wants a secret of its own and a secure address", () => {
    const secret = "s".repeat(32);
    expect(() => readEnv({ CONCORD_MODE: "production", CONCORD_URL: "http://example.org" })).toThrow(
      /CONCORD_SECRET[\s\S]*CONCORD_URL/,
    );
    const env = readEnv({ CONCORD_MODE: "production", CONCORD_SECRET: secret, CONCORD_URL: "https://example.org/" });
    expect(env).toMatchObject({ mode: "production", url: "https://example.org", logLevel: "info" });
    expect(
      readEnv({ CONCORD_MODE: "production", CONCORD_SECRET: secret, CONCORD_URL: "http://localhost:3000" }).url,
    ).toBe("http://localhost:3000");
  });

  test("[ENV4] an identity provider comes whole or not at all", () => {
    expect(() => readEnv({ OIDC_ISSUER: "https://id.example.org" })).toThrow("set all three or none");
    const env = readEnv({ OIDC_ISSUER: "https://id.example.org", OIDC_CLIENT_ID: "c", OIDC_CLIENT_SECRET: "s" });
    expect(env.oidc).toEqual({
      issuer: "https://id.example.org",
      clientId: "c",
      clientSecret: "s",
      name: "Single sign-on",
    });
  });

  test("[ENV5] .env.example names every key that is read, and no other", () => {
    const lines = readFileSync(join(import.meta.dirname, "../../.env.example"), "utf8").split("\n");
    const named = lines.flatMap((line) => /^#?\s?([A-Z][A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(named.sort()).toEqual(Object.keys(ENV_SCHEMA.shape).sort());
    const values = Object.fromEntries(lines.flatMap((line) => (/^[A-Z_]+=/.test(line) ? [line.split(/=(.*)/s)] : [])));
    expect(() => readEnv(values)).not.toThrow();
  });

  test("[ENV6] child processes get what finds programs and the network, and nothing of ours", () => {
    const env = readEnv({ PATH: "/bin", HTTPS_PROXY: "http://p", DATABASE_URL: "postgres://u:p@h/d", OTHER: "x" });
    expect(env.inherited).toEqual({ PATH: "/bin", HTTPS_PROXY: "http://p" });
  });
});

describe("secret", () => {
  test("[ENV7] it is made once, kept for its owner only, and a broken one is not used", () => {
    const secret = keptSecret(folder);
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(keptSecret(folder)).toBe(secret);
    expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "secret"), "");
    expect(() => keptSecret(folder)).toThrow("does not hold a secret");
  });
});

describe("log", () => {
  test("[ENV8] an event is one line of JSON, and the values of a failed query are not in it", () => {
    const file = join(folder, "log");
    const log = createLog("info", { file });
    const cause = new Error("duplicate key");
    log.debug("unseen.happened");
    log.info("layer.flushed", { ms: 3 });
    log.error("query.failed", new Error("Failed query: insert into people\nparams: ada@example.org", { cause }));
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", event: "layer.flushed", ms: 3 });
    const error = JSON.parse(lines[1] ?? "").error;
    expect(error).toMatchObject({ message: "Failed query: insert into people", cause: { message: "duplicate key" } });
    expect(lines[1]).not.toContain("ada@");
    expect(describeError("text\nparams: x")).toEqual({ message: "text" });
  });
});
