import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unstorableText } from "#server/api/storable.ts";
import { type Study, wholeStudy } from "#tests/support/api-study.ts";
import { type ApiWorld, apiWorld } from "#tests/support/api-world.ts";

/** HTTP_FUZZ=20000 sends so many, for a long run. */
const REQUESTS = Number(process.env["HTTP_FUZZ"] ?? 500);

let w: ApiWorld;
let study: Study;
beforeAll(async () => {
  w = await apiWorld();
  study = await wholeStudy(w);
});
afterAll(() => w.close());

/** What no honest page sends: text that Postgres or UTF-8 cannot hold, numbers out of every range, keys of objects. */
const ODD: readonly unknown[] = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "x\udc00y",
  "\u202e\ufeff\uffff",
  "x".repeat(70_000),
  "",
  " ",
  "null",
  "../../../etc/passwd",
  "<script>alert(1)</script>",
  "'; drop table people; --",
  "%00",
  "1e400",
  null,
  true,
  false,
  0,
  -1,
  0.5,
  -0,
  1e308,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  [],
  [[]],
  {},
  [null],
  { $ne: null },
  JSON.parse('{"__proto__":{"admin":true}}'),
  JSON.parse('{"constructor":{"prototype":{}}}'),
  Array.from({ length: 3_000 }, () => 0),
  nested(3_000),
];

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Changes a value somewhere within: at each step the path says which member of what is there. */
function changed(value: unknown, path: readonly number[], odd: unknown): unknown {
  const [at = 0, ...rest] = path;
  if (path.length === 0 || typeof value !== "object" || value === null) return odd;
  if (Array.isArray(value)) {
    if (value.length === 0) return [odd];
    return value.map((each, index) => (index === at % value.length ? changed(each, rest, odd) : each));
  }
  const keys = Object.keys(value);
  const key = keys[at % (keys.length + 1)] ?? "__proto__";
  const entries = Object.entries(value).filter(([name]) => name !== key);
  const there: unknown = Reflect.get(value, key);
  return Object.fromEntries([...entries, [key, changed(there, rest, odd)]]);
}

const change = fc.record({ path: fc.array(fc.nat(40), { maxLength: 5 }), odd: fc.constantFrom(...ODD) });
const oddText = fc.constantFrom(
  "",
  "%00",
  "a%00",
  "%ff",
  "%ed%a0%80",
  "..",
  "__proto__",
  "-1",
  "1e99",
  "x".repeat(3_000),
);
const request = fc.record({
  operation: fc.nat(10_000),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  /** Cuts the text of the body. */
  cut: fc.option(fc.nat(200), { freq: 8 }),
  /** Puts something else in the place of an id of the path. */
  id: fc.option(fc.tuple(fc.nat(3), oddText), { freq: 4 }),
  query: fc.array(
    fc.tuple(fc.constantFrom("limit", "cursor", "classId", "kind", "state", "age", "name", "x"), oddText),
    {
      maxLength: 3,
    },
  ),
  who: fc.constantFrom("lena", "ada", "jo", "vic", "stranger"),
});

type Operation = { readonly method: string; readonly path: string };

async function operations(): Promise<Operation[]> {
  const { body } = await w.call<{ paths: Record<string, Record<string, unknown>> }>(null, "GET", "/openapi.json");
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

it(
  "[API25] whatever is put into whatever request, the answer is no fault of ours, and a refusal is a problem",
  async () => {
    const all = await operations();
    const seen = new Map<number, number>();
    const ids: Readonly<Record<string, string>> = study.ids;
    const bodies: Readonly<Record<string, unknown>> = study.bodies;
    await fc.assert(
      fc.asyncProperty(request, async ({ operation, changes, cut, id, query, who }) => {
        const { method, path } = all[operation % all.length] ?? { method: "GET", path: "/api/v1/me" };
        let nth = 0;
        const address = path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
          id !== null && nth++ === id[0] ? id[1] : encodeURIComponent(ids[key] ?? "zzzzzzzzzzzzzzzz"),
        );
        const template = bodies[`${method} ${path.replace("/api/v1", "")}`];
        const body = changes.reduce<unknown>((value, each) => changed(value, each.path, each.odd), template);
        const text = method === "GET" ? undefined : JSON.stringify(body)?.slice(0, cut ?? undefined);
        const leave = new AbortController();
        const response = await fetch(
          `${w.base}${address}?${query.map(([key, value]) => `${key}=${value}`).join("&")}`,
          {
            method,
            headers: { authorization: `Bearer ${w.token(who)}`, "content-type": "application/json" },
            signal: leave.signal,
            ...(text === undefined ? {} : { body: text }),
          },
        );
        const type = response.headers.get("content-type") ?? "";
        const answer = type === "text/event-stream" ? "" : await response.text();
        leave.abort();
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
        expect(response.status, `${method} ${address} ${answer.slice(0, 500)}`).toBeLessThan(500);
        if (response.status >= 400) expect(type).toBe("application/problem+json");
        expect(w.faults).toEqual([]);
      }),
      { numRuns: REQUESTS },
    );
    // It reached what lies behind the first refusals.
    for (const status of [200, 400, 403, 404])
      expect(seen.get(status) ?? 0, `${status}`).toBeGreaterThan(REQUESTS / 100);
  },
  240_000 + REQUESTS * 50,
);

it("[API25] text that cannot be stored is refused with its place, wherever it stands", async () => {
  const refused = (path: string) => ({
    status: 400,
    body: { code: "bad-request", detail: { path, message: "text with NUL or half a surrogate pair" } },
  });
  const project = (body: object) => w.call("lena", "POST", "/projects", body);
  expect(await project({ name: "a\0b" })).toMatchObject(refused("name"));
  expect(await project({ name: "a", description: "\ud800" })).toMatchObject(refused("description"));
  expect(await project({ name: "a \\u0000 and \u{1f52c}" })).toMatchObject({ status: 200 });
  expect(unstorableText({ a: [1, { b: ["x", "\udfff"] }] })).toBe("a.1.b.1");
  expect(unstorableText({ a: [[1, 2], { "\0": 1 }] })).toBe("a.1");
  expect(unstorableText(nested(3_000))).toBeNull();
});
