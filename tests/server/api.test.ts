import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditHead, verifyAudit } from "#db/audit.ts";
import { ROLES, rolesFor } from "#domain/permissions.ts";
import type { Invitation, InvitationCreated, Member as MemberView, TokenCreated } from "#server/api/schemas/people.ts";
import type { Project } from "#server/api/schemas/projects.ts";
import { secretHash } from "#server/session.ts";
import { joined, listening } from "#tests/support/api-listening.ts";
import { type Study, wholeStudy } from "#tests/support/api-study.ts";
import { type ApiWorld, apiWorld, MEMBERS, type Name, type Page, roleOf } from "#tests/support/api-world.ts";
import { until } from "#tests/support/fake-socket.ts";
import { livedTime } from "#tests/support/lived-time.ts";

const ABSENT = "zzzzzzzzzzzzzzzz";

let w: ApiWorld;
let study: Study;
beforeAll(async () => {
  w = await apiWorld();
  study = await wholeStudy(w);
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

type Operation = { readonly "x-roles"?: readonly string[]; readonly security?: readonly unknown[] };
type Described = { readonly openapi: string; readonly paths: Record<string, Record<string, Operation>> };
type Called = { readonly method: string; readonly path: string; readonly roles: readonly string[] };

async function operations(): Promise<Called[]> {
  const { body } = await w.call<Described>(null, "GET", "/openapi.json");
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      roles: operation["x-roles"] ?? [],
    })),
  );
}

/** A body that the operation would take, by method and path without its prefix. */
function bodyOf({ method, path }: Called): unknown {
  const bodies: Record<string, unknown> = study.bodies;
  const key = `${method} ${path.replace("/api/v1", "")}`;
  return bodies[key];
}

/** Calls an operation as somebody; streams are left after their head. */
async function tried(operation: Called, name: Name | null, ids: Readonly<Record<string, string>>) {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(ids[key] ?? ABSENT));
  const query = operation.method === "POST" && path.endsWith("/slides") ? "?name=n&case=c" : "";
  const body = bodyOf(operation);
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  if (name !== null) headers["authorization"] = `Bearer ${w.token(name)}`;
  const leave = new AbortController();
  const response = await fetch(`${w.base}${path}${query}`, {
    method: operation.method,
    headers,
    signal: leave.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const endless = response.headers.get("content-type") === "text/event-stream";
  const text = endless ? "" : await response.text();
  leave.abort();
  return { status: response.status, text, type: response.headers.get("content-type") ?? "" };
}

const label = ({ method, path }: Called, name: Name | null) => `${method} ${path} as ${name ?? "nobody"}`;
const isConcerned = ({ path }: Called, name: Name) =>
  Object.entries(study.concerned).every(([part, names]) => !path.includes(part) || names.includes(name));
const isOpen = ({ roles }: Called) => roles.includes("open");
const isForAll = ({ roles }: Called) => roles.includes("open") || roles.includes("signed-in");

describe("every operation of the description", () => {
  it("[API1] says who may call it, and is one of those that are tried here", async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(50);
    for (const operation of all) {
      expect(operation.roles, label(operation, null)).not.toHaveLength(0);
      for (const role of operation.roles) expect(["open", "signed-in", ...ROLES]).toContain(role);
      const writes = operation.method !== "GET" && operation.method !== "DELETE";
      if (writes)
        expect(study.writes, label(operation, null)).toContain(
          `${operation.method} ${operation.path.replace("/api/v1", "")}`,
        );
    }
  });

  it("[API2] is 401 for nobody, unless it is open to all", async () => {
    for (const operation of await operations()) {
      const { status, text } = await tried(operation, null, study.ids);
      if (isOpen(operation)) expect(status, label(operation, null)).toBeLessThan(500);
      else {
        expect(status, label(operation, null)).toBe(401);
        expect(JSON.parse(text)).toMatchObject({ code: "not-signed-in" });
      }
    }
  });

  it("[API3] is the same 404 for a stranger, whether the ids are of another project or of nothing", async () => {
    for (const operation of await operations()) {
      if (isForAll(operation)) continue;
      const foreign = await tried(operation, "stranger", study.ids);
      const absent = await tried(operation, "stranger", {});
      expect(foreign.status, `${label(operation, "stranger")} ${foreign.text}`).toBe(404);
      expect(withoutIds(foreign.text), label(operation, "stranger")).toBe(withoutIds(absent.text));
    }
  });

  it("[API4] never answers 5xx, whoever calls it with whatever ids, and refuses with a problem", async () => {
    for (const operation of await operations()) {
      if (isForAll(operation) && operation.method !== "GET") continue;
      for (const name of ["vic", "lars"] as const) {
        const { status, text, type } = await tried(operation, name, {});
        expect(status, `${label(operation, name)} ${text}`).toBeLessThan(500);
        if (status >= 400) expect(type).toBe("application/problem+json");
      }
    }
  });

  it("[API5] declares the roles that it obeys: a GET answers them, and no other", async () => {
    const gets = (await operations()).filter((each) => each.method === "GET" && !isForAll(each));
    expect(gets.length).toBeGreaterThan(20);
    for (const operation of gets) {
      for (const name of MEMBERS) {
        const { status, text } = await tried(operation, name, study.ids);
        const expected = operation.roles.includes(roleOf(name)) && isConcerned(operation, name) ? [200] : [403, 404];
        expect(expected, `${label(operation, name)}: ${status} ${text.slice(0, 300)}`).toContain(status);
      }
    }
  });

  it("[API6] that changes something refuses a viewer, and changes nothing", async () => {
    const before = await auditHead(w.db);
    for (const operation of await operations()) {
      if (operation.method === "GET" || isForAll(operation)) continue;
      const { status, text } = await tried(operation, "vic", study.ids);
      expect([403, 404], `${label(operation, "vic")} ${text}`).toContain(status);
    }
    expect(await auditHead(w.db)).toEqual(before);
  });
});

function withoutIds(text: string): string {
  return text.replaceAll(/"[a-z0-9]{16}"/g, '"ID"');
}

describe("the API", () => {
  it("[API7] answers health without sign-in: status, version, lag, memory; and no more than that", async () => {
    const { status, body, headers } = await w.call(null, "GET", "//api/health");
    expect(status).toBe(200);
    expect(body).toEqual({
      status: "ok",
      degraded: [],
      version: expect.stringMatching(/^\d+\.\d+/),
      lagMs: expect.any(Number),
      rssMiB: expect.any(Number),
      database: true,
    });
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("[API8] refuses with problem+json: type, title, status, code, detail, and nothing of its insides", async () => {
    const { status, body, headers } = await w.call("vic", "PATCH", `/projects/${study.ids.projectId}`, { name: "x" });
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(status).toBe(403);
    expect(body).toEqual({
      type: "urn:concord:error:not-allowed",
      title: "Your role in this project does not allow this.",
      status: 403,
      code: "not-allowed",
      detail: { action: "project.configure", role: "viewer" },
    });
    expect(await w.call("lena", "GET", "/no/such/route")).toMatchObject({ status: 404, body: { code: "not-found" } });
  });

  it("[API9] refuses every write of a token that may only read", async () => {
    const headers = { authorization: `Bearer ${w.token("lena", "read")}`, "content-type": "application/json" };
    expect((await w.fetch("/api/v1/projects", { headers })).status).toBe(200);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const answer = await w.fetch(`/api/v1/projects/${study.ids.projectId}`, { method, headers, body: "{}" });
      expect(answer).toMatchObject({ status: 403, body: { code: "read-only-token" } });
    }
  });

  it("[API10] refuses a write that a browser sends from another site, and takes it from our own page", async () => {
    const own: Record<string, string> = { ...(await w.browser("lena")), "content-type": "application/json" };
    const write = (headers: Record<string, string>) =>
      w.fetch("/api/v1/me", { method: "PATCH", headers, body: JSON.stringify({ name: "lena" }) });
    for (const origin of ["https://evil.example", "null", `${w.running.url}.evil.example`]) {
      expect(await write({ ...own, origin })).toMatchObject({ status: 403, body: { code: "origin-refused" } });
    }
    const cookie = own["cookie"] ?? "";
    expect((await write({ cookie, "content-type": "application/json" })).status).toBe(403);
    expect((await write(own)).status).toBe(200);
  });

  it("[API11] pages lists by a cursor, each item once, and refuses a cursor or limit that is none", async () => {
    const project = await w.project();
    for (const name of ["c", "a", "e", "b", "d"]) await w.bareSlide(project, name);
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 9; pages++) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const path = `/projects/${project}/slides?limit=2${query}`;
      const { body } = await w.call<Page<{ name: string }>>("vic", "GET", path);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map((slide) => slide.name));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(["a", "b", "c", "d", "e"]);
    const audit = `/projects/${project}/audit`;
    const first = await w.call<Page<{ seq: number }>>("lena", "GET", `${audit}?limit=1`);
    expect(first.body.items).toHaveLength(1);
    for (const bad of ["limit=0", "limit=1000000", "limit=x", "cursor=x", "cursor=-1"]) {
      expect(await w.call("lena", "GET", `${audit}?${bad}`), bad).toMatchObject({
        status: 400,
        body: { code: "bad-request" },
      });
    }
  });

  it("[API12] refuses a body that is no JSON, of another shape, or larger than any honest one", async () => {
    const headers = { authorization: `Bearer ${w.token("lena")}`, "content-type": "application/json" };
    const send = (body: string, more: Record<string, string> = {}) =>
      w.fetch("/api/v1/projects", { method: "POST", headers: { ...headers, ...more }, body });
    for (const body of ["{", "null", "[]", '{"name":""}', '{"name":7}', ""]) {
      expect(await send(body), body).toMatchObject({ status: 400, body: { code: "bad-request" } });
    }
    expect(await send("name=x", { "content-type": "text/plain" })).toMatchObject({ status: 400 });
    const huge = JSON.stringify({ name: "x", description: "y".repeat(9_000_000) });
    expect(await send(huge)).toMatchObject({ status: 413, body: { code: "body-too-large" } });
  });

  it("[API13] has roles in its description that come from the table of permissions", async () => {
    const all = await operations();
    const freeze = all.find((each) => each.method === "POST" && each.path.endsWith("/releases"));
    expect(freeze?.roles).toEqual(rolesFor("release.freeze"));
  });
});

describe("people", () => {
  const invite = async (role = "annotator", project = study.ids.projectId) => {
    const { body } = await w.call<InvitationCreated>("lena", "POST", `/projects/${project}/invitations`, { role });
    return { id: body.id, token: body.url.split("/").at(-1) ?? "" };
  };
  const newcomer = (email: string) => ({ name: "New", email, password: "correct horse" });

  it("[API14] an invitation makes a new person a member, once", async () => {
    const { token, id } = await invite("viewer");
    expect(await w.call(null, "GET", `/invitations/${token}`)).toMatchObject({
      status: 200,
      body: { projectName: "Glands", role: "viewer" },
    });
    const accept = (email: string) => w.call(null, "POST", `/invitations/${token}/accept`, newcomer(email));
    expect(await accept("new@example.org")).toMatchObject({ status: 200, body: { email: "new@example.org" } });
    expect(await accept("other@example.org")).toMatchObject({ status: 410, body: { code: "invitation-expired" } });
    const people = await w.call<Page<MemberView>>("lena", "GET", `/projects/${study.ids.projectId}/members`);
    expect(people.body.items.map((each) => each.email)).not.toContain("other@example.org");
    expect(people.body.items.find((each) => each.email === "new@example.org")?.role).toBe("viewer");
    const list = await w.call<Page<Invitation>>("lena", "GET", `/projects/${study.ids.projectId}/invitations`);
    expect(list.body.items.find((each) => each.id === id)?.usedAt).not.toBeNull();
    expect(JSON.stringify(list.body)).not.toContain(token);
  });

  it("[API15] a second account with the same e-mail is refused, and the invitation is still good", async () => {
    const { token } = await invite();
    const accept = (email: string) => w.call(null, "POST", `/invitations/${token}/accept`, newcomer(email));
    expect(await accept("ADA@example.org ".trim())).toMatchObject({ status: 409, body: { code: "email-taken" } });
    expect((await accept("ada2@example.org")).status).toBe(200);
  });

  it("[API16] an expired invitation is refused and one that was taken back is too", async () => {
    const { token } = await invite();
    await w.pool.query("update invitations set expires_at = now() - interval '1 s' where hash = $1", [
      secretHash(token),
    ]);
    expect((await w.call(null, "GET", `/invitations/${token}`)).status).toBe(410);
    const late = await w.call(null, "POST", `/invitations/${token}/accept`, newcomer("late@example.org"));
    expect(late).toMatchObject({ status: 410, body: { code: "invitation-expired" } });
    const back = await invite();
    const path = `/projects/${study.ids.projectId}/invitations/${back.id}`;
    expect((await w.call("lena", "DELETE", path)).status).toBe(200);
    expect((await w.call(null, "GET", `/invitations/${back.token}`)).status).toBe(410);
    expect((await w.call("lena", "DELETE", path)).status).toBe(404);
  });

  it("[API17] a person who is signed in joins as who they are; nobody cannot join as nobody", async () => {
    const project = await w.project();
    const { token } = await invite("engineer", project);
    expect((await w.call(null, "POST", `/invitations/${token}/accept`, {})).status).toBe(401);
    expect((await w.call("stranger", "POST", `/invitations/${token}/accept`, {})).status).toBe(200);
    const own = await w.call<Page<Project>>("stranger", "GET", "/projects");
    expect(own.body.items.find((each) => each.id === project)?.role).toBe("engineer");
    await w.call("lena", "DELETE", `/projects/${project}/members/${w.people.stranger.id}`);
    expect((await w.call("stranger", "GET", `/projects/${project}`)).status).toBe(404);
  });

  it("[API18] a project keeps a lead", async () => {
    const { body } = await w.call<Project>("lena", "POST", "/projects", { name: "alone" });
    const path = `/projects/${body.id}/members/${w.people.lena.id}`;
    const refused = { status: 409, body: { code: "last-lead" } };
    expect(await w.call("lena", "PATCH", path, { role: "viewer" })).toMatchObject(refused);
    expect(await w.call("lena", "DELETE", path)).toMatchObject(refused);
  });

  it("[API19] a change of role takes effect on an open socket within two seconds, and a removal ends it", async () => {
    const project = await w.project(study.guideline);
    const slide = await w.bareSlide(project, "s");
    const { body: layer } = await w.call<{ id: string }>("lena", "POST", `/slides/${slide}/layers`);
    const socket = await joined(w, layer.id, { authorization: `Bearer ${w.token("ada")}` });
    await until(() => socket.standing !== null, "told what may be done");
    expect(socket.standing).toEqual({ write: true, code: null });
    const time = livedTime();
    const path = `/projects/${project}/members/${w.people.ada.id}`;
    await w.call("lena", "PATCH", path, { role: "viewer" });
    await until(() => socket.standing?.write === false, "may not write");
    expect(socket.standing?.code).toBe("not-allowed");
    await w.call("lena", "DELETE", path);
    await until(() => socket.closed !== null, "closed");
    expect(socket.closed?.code).toBe(4404);
    expect(time.now()).toBeLessThan(2_000);
    time.stop();
  });

  it("[API20] a revoked token is nobody at once, also on the sockets and streams that it opened", async () => {
    const made = await w.call<TokenCreated>("bea", "POST", "/me/tokens", { name: "t", scope: "write", days: 1 });
    expect(made.body.secret).toMatch(/^cpt_/);
    const listed = await w.call("bea", "GET", "/me/tokens");
    expect(listed.text).toContain(made.body.id);
    expect(listed.text).not.toContain(made.body.secret);
    const headers = { authorization: `Bearer ${made.body.secret}` };
    expect((await w.fetch("/api/v1/me", { headers })).status).toBe(200);
    const socket = await joined(w, study.teamLayerId, headers);
    const stream = await listening(w, study.ids["projectId"] ?? "", headers);
    expect((await w.call("ada", "DELETE", `/me/tokens/${made.body.id}`)).status).toBe(404);
    expect((await w.call("bea", "DELETE", `/me/tokens/${made.body.id}`)).status).toBe(200);
    expect((await w.fetch("/api/v1/me", { headers })).status).toBe(401);
    await until(() => socket.closed !== null && stream.ended, "socket and stream ended");
    expect(socket.closed?.code).toBe(4401);
  });

  it("[API21] a new password ends the sessions of before, and needs the old one", async () => {
    const { token } = await invite();
    await w.call(null, "POST", `/invitations/${token}/accept`, newcomer("pass@example.org"));
    const browser = await w.browser("cem");
    const set = (headers: Record<string, string>, body: object) =>
      w.fetch("/api/v1/me/password", {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await set(browser, { current: "", next: "short" })).status).toBe(400);
    expect((await set(browser, { current: "", next: "battery staple" })).status).toBe(200);
    expect((await w.fetch("/api/v1/me", { headers: browser })).status).toBe(401);
    const again = await w.browser("cem");
    expect(await set(again, { current: "wrong", next: "other staple" })).toMatchObject({
      status: 401,
      body: { code: "wrong-credentials" },
    });
    expect((await set(again, { current: "battery staple", next: "other staple" })).status).toBe(200);
  });

  it("[API22] somebody who left a project hears nothing more of it on a stream that was open", async () => {
    const project = await w.project();
    const stream = await listening(w, project, { authorization: `Bearer ${w.token("eve")}` });
    await w.call("lena", "DELETE", `/projects/${project}/members/${w.people.eve.id}`);
    await until(() => stream.ended, "the stream ends");
    const heard = stream.text();
    await w.bareSlide(project, "later");
    expect(stream.text()).toBe(heard);
  });

  it("[NTF9] what happened between the rendering of a page and its listening comes with the stream", async () => {
    const project = await w.project();
    const headers = { authorization: `Bearer ${w.token("ada")}` };
    await until(async () => {
      const stream = await listening(w, project, headers, 0);
      stream.leave();
      return !stream.text().includes("event: gap");
    }, "the server has been there for a while");
    await w.call("lena", "PATCH", `/projects/${project}/members/${w.people.eve.id}`, { role: "viewer" });
    const [told, untold, unsure] = [
      await listening(w, project, headers, 0),
      await listening(w, project, headers),
      await listening(w, project, headers, 600_000),
    ];
    await until(() => told.text().includes('{"kind":"members","toast":null}'), "told again");
    await until(() => unsure.text().includes("event: gap"), "a gap");
    expect(untold.text()).not.toContain("data:");
    for (const each of [told, untold, unsure]) each.leave();
    const response = await fetch(`${w.base}/api/v1/projects/${project}/events?age=-1`, { headers });
    expect(response.status).toBe(400);
  });

  it("[API24] a stopping server does not wait for pages that listen", async () => {
    const other = await apiWorld();
    const project = await other.project();
    const stream = await listening(other, project, { authorization: `Bearer ${other.token("ada")}` });
    const time = livedTime();
    await other.running.stop();
    expect(time.now()).toBeLessThan(3_000);
    time.stop();
    await until(() => stream.ended, "the stream ends");
    await other.close();
  });

  it("[API23] the audit chain holds after all of this", async () => {
    expect((await verifyAudit(w.db)).brokenAt).toBeNull();
  });
});
