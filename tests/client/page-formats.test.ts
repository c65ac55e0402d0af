import { describe, expect, it } from "vitest";
import { ago, area, bytes, coefficient, hours, percent, plural } from "#app/_lib/format.ts";
import { localPath } from "#app/_lib/local-path.ts";
import { ApiError, createSend, withQuery } from "#client/http.ts";

describe("what pages show", () => {
  it("[PAG8] numbers are shown in the unit that reads best", () => {
    expect([area(12), area(99_999), area(2_500_000)]).toEqual(["12 µm²", "100,000 µm²", "2.5 mm²"]);
    expect([bytes(0), bytes(999), bytes(1_500), bytes(3_200_000_000)]).toEqual(["0 B", "999 B", "1.5 kB", "3.2 GB"]);
    expect([percent(0), percent(0.0001), percent(0.042), percent(0.5)]).toEqual(["0 %", "<0.1 %", "4.2 %", "50 %"]);
    expect([coefficient(0.846), coefficient(-0.001), coefficient(-0.01)]).toEqual(["0.85", "0.00", "-0.01"]);
    expect([plural(1, "slide"), plural(2_000, "slide")]).toEqual(["1 slide", "2,000 slides"]);
    expect([hours(0.001), hours(0.5), hours(3)]).toEqual(["under a minute", "about 30 minutes", "about 3 hours"]);
    expect([hours(1.02), hours(1.93), hours(27.6)]).toEqual(["about 1 hour", "about 1.9 hours", "about 28 hours"]);
    expect([ago(0, 10_000), ago(0, 300_000), ago(0, 7_200_000), ago(0, 8 * 86_400_000)]).toEqual([
      "just now",
      "5 min ago",
      "2 h ago",
      null,
    ]);
  });

  it("[PAG9] signing in leads only to pages of this site", () => {
    expect(localPath("/projects/abc?x=1#here")).toBe("/projects/abc?x=1#here");
    expect(localPath("http://localhost:3000/profile")).toBe("/profile");
    for (const bad of [
      undefined,
      "javascript:alert(1)",
      "//other.example/x",
      "/sign-in",
      "/api/auth/signout",
      "\\\\other",
    ]) {
      expect(localPath(bad)).toBe("/projects");
    }
  });
});

describe("asking the API", () => {
  const answer = (status: number, body: unknown) =>
    createSend({ baseUrl: "http://c", fetch: async () => new Response(JSON.stringify(body), { status }) });

  it("[PAG10] a refusal is thrown with its code, sentence and detail", async () => {
    const send = answer(409, { code: "stale-publish", title: "Another version.", status: 409, detail: { newest: 3 } });
    const error = await send("POST", "/x").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "stale-publish",
      title: "Another version.",
      status: 409,
      detail: { newest: 3 },
    });
  });

  it("[PAG10] an answer that is not ours, or none, is a server that does not answer", async () => {
    await expect(answer(502, "<html>")("GET", "/x")).rejects.toMatchObject({ code: "unreachable", status: 502 });
    const cut = createSend({ baseUrl: "", fetch: () => Promise.reject(new TypeError("fetch failed")) });
    await expect(cut("GET", "/x")).rejects.toMatchObject({ code: "unreachable", status: 0 });
  });

  it("[PAG10] only the defined values of a query are sent", () => {
    expect(withQuery("/tasks", { kind: "rework", slide: undefined, limit: 5 })).toBe("/tasks?kind=rework&limit=5");
  });
});
