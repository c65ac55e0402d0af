import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Provider from "oidc-provider";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#db/client.ts";
import { createPerson } from "#db/people.ts";
import { hashPassword } from "#server/password.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

const LONG = 240_000;
const EMAIL = "ada@example.org";
const PASSWORD = "correct horse battery";

let identityServer: Server;
let issuer: string;
let app: App;
let database: Database;

beforeAll(async () => {
  await buildApp();
  identityServer = createServer();
  await new Promise<void>((resolve) => identityServer.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(identityServer.address() as AddressInfo).port}`;
  app = await startApp({
    env: {
      CONCORD_MODE: "production",
      CONCORD_SECRET: "a secret of at least 32 characters",
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: "concord",
      OIDC_CLIENT_SECRET: "shared",
      OIDC_NAME: "Hospital",
    },
  });
  identityServer.on("request", identityProvider(app.url).callback());
  database = openDatabase(`postgres://postgres@localhost/concord?host=${encodeURIComponent(join(app.dataDir, "run"))}`);
  const made = await createPerson(database.db, {
    email: EMAIL,
    name: "Ada",
    passwordHash: await hashPassword(PASSWORD),
  });
  expect(made.ok).toBe(true);
}, LONG);
afterAll(async () => {
  await database?.close();
  await app?.stop();
  identityServer?.close();
}, LONG);

/** A real provider that insists on PKCE and knows whoever gives their e-mail as login. */
function identityProvider(product: string): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: "concord",
        client_secret: "shared",
        redirect_uris: [`${product}/api/auth/callback/oidc`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email"], profile: ["name"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of the test"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@id.example.org`, name: `Reader ${id}` }),
    }),
  });
}

/** A browser without a screen: keeps cookies per site and follows redirects one at a time. */
class Jar {
  readonly #cookies = new Map<string, Map<string, string>>();

  async fetch(url: string, init: { method?: string; form?: Record<string, string> } = {}): Promise<Response> {
    const site = new URL(url).origin;
    const kept = this.#cookies.get(site) ?? new Map<string, string>();
    this.#cookies.set(site, kept);
    const headers: Record<string, string> = { cookie: [...kept].map(([key, value]) => `${key}=${value}`).join("; ") };
    if (init.form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
    const response = await fetch(url, {
      method: init.method ?? (init.form === undefined ? "GET" : "POST"),
      headers,
      redirect: "manual",
      ...(init.form === undefined ? {} : { body: new URLSearchParams(init.form).toString() }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "" || /expires=thu, 01 jan 1970/i.test(cookie)) kept.delete(name);
      else kept.set(name, value);
    }
    return response;
  }

  /** Another browser with the same cookies: a thief's. */
  copy(): Jar {
    const other = new Jar();
    for (const [site, kept] of this.#cookies) other.#cookies.set(site, new Map(kept));
    return other;
  }

  names(site: string): string[] {
    return [...(this.#cookies.get(site)?.keys() ?? [])];
  }

  /** Follows redirects until an answer is none. @returns it and where it came from */
  async follow(first: Response, from: string): Promise<{ response: Response; url: string }> {
    let response = first;
    let url = from;
    for (let hops = 0; hops < 12 && response.status >= 300 && response.status < 400; hops++) {
      url = new URL(response.headers.get("location") ?? "", url).href;
      response = await this.fetch(url);
    }
    return { response, url };
  }
}

async function csrf(jar: Jar): Promise<string> {
  const answer = await jar.fetch(`${app.url}/api/auth/csrf`);
  return ((await answer.json()) as { csrfToken: string }).csrfToken;
}

async function signIn(jar: Jar, email: string, password: string): Promise<Response> {
  const form = { csrfToken: await csrf(jar), email, password, json: "true" };
  return await jar.fetch(`${app.url}/api/auth/callback/credentials`, { form });
}

async function whoAmI(jar: Jar): Promise<{ status: number; name?: string; email?: string }> {
  const response = await jar.fetch(`${app.url}/api/v1/me`);
  return { ...((await response.json()) as object), status: response.status };
}

test("[AUT19] a person signs in with e-mail and password, and is who they are", {
  timeout: LONG,
}, async () => {
  const jar = new Jar();
  expect((await whoAmI(jar)).status).toBe(401);
  expect((await signIn(jar, EMAIL, "wrong")).status).toBe(401);
  expect((await whoAmI(jar)).status).toBe(401);
  expect((await signIn(jar, EMAIL, PASSWORD)).status).toBe(200);
  expect(jar.names(app.url)).toContain("next-auth.session-token");
  expect(await whoAmI(jar)).toMatchObject({ status: 200, name: "Ada", email: EMAIL });
});

test("[AUT20] a copy of the cookie of somebody who signed out is worth nothing", { timeout: LONG }, async () => {
  const jar = new Jar();
  await signIn(jar, EMAIL, PASSWORD);
  const copy = await jar.fetch(`${app.url}/api/v1/me`);
  expect(copy.status).toBe(200);
  const session = await jar.fetch(`${app.url}/api/auth/session`);
  expect(JSON.stringify(await session.json())).not.toContain("tokenVersion");
  const thief = jar.copy();
  await jar.fetch(`${app.url}/api/auth/signout`, { form: { csrfToken: await csrf(jar), json: "true" } });
  expect((await whoAmI(jar)).status).toBe(401);
  expect((await whoAmI(thief)).status).toBe(401);
});

test("[AUT21] a person signs in through an identity provider with PKCE, state and nonce", {
  timeout: LONG,
}, async () => {
  const jar = new Jar();
  const providers = await (await jar.fetch(`${app.url}/api/auth/providers`)).json();
  expect(providers).toMatchObject({ oidc: { name: "Hospital" } });
  const begin = await jar.fetch(`${app.url}/api/auth/signin/oidc`, {
    form: { csrfToken: await csrf(jar), callbackUrl: `${app.url}/projects`, json: "true" },
  });
  const { url: authorize } = (await begin.json()) as { url: string };
  const asked = new URL(authorize).searchParams;
  expect(authorize.startsWith(issuer)).toBe(true);
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(asked.get("state")).toMatch(/.{20,}/);
  expect(asked.get("nonce")).toMatch(/.{20,}/);

  const login = await jar.follow(await jar.fetch(authorize), authorize);
  const consent = await submit(jar, login, { prompt: "login", login: "grace", password: "any" });
  const back = await submit(jar, consent, { prompt: "consent" });
  expect(back.url).toBe(`${app.url}/projects`);
  expect(await whoAmI(jar)).toMatchObject({ status: 200, name: "Reader grace", email: "grace@id.example.org" });
});

/** Sends the form of the provider's page. */
async function submit(jar: Jar, page: { response: Response; url: string }, fields: Record<string, string>) {
  const action = /action="([^"]+)"/.exec(await page.response.text())?.[1] ?? "";
  const url = new URL(action, page.url).href;
  return await jar.follow(await jar.fetch(url, { form: fields }), url);
}
