import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProjectId } from "#domain/ids.ts";
import type { DroppedFile, Layer, Slide, SlideView } from "#server/api/schemas/slides.ts";
import { type Answer, type ApiWorld, apiWorld, type Name, type Page, smallTiff } from "#tests/support/api-world.ts";
import { aGuideline } from "#tests/support/builders.ts";
import { until } from "#tests/support/fake-socket.ts";
import { decoded, pixelAt } from "#tests/support/slide-fixtures.ts";
import { describeWithData } from "#tests/support/slides.ts";

let w: ApiWorld;
let project: ProjectId;
let tiff: Buffer<ArrayBuffer>;
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(aGuideline(["a"]));
  tiff = await smallTiff({});
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

type Upload = { readonly name: string; readonly case?: string; readonly mpp?: number };

function upload<Body = Slide>(
  bytes: Uint8Array<ArrayBuffer>,
  { name, case: of = "c1", mpp }: Upload,
  who: Name = "lena",
) {
  const query = new URLSearchParams({ name, case: of, ...(mpp === undefined ? {} : { mpp: String(mpp) }) });
  return w.fetch<Body>(`/api/v1/projects/${project}/slides?${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${w.token(who)}`, "content-type": "application/octet-stream" },
    body: bytes,
  });
}

async function png(side: number): Promise<Buffer<ArrayBuffer>> {
  const background = { r: 10, g: 200, b: 10 };
  const image = sharp({ create: { width: side, height: side, channels: 3, background } });
  return Buffer.from(await image.png({ compressionLevel: 1 }).toBuffer());
}

async function tile(
  view: SlideView,
  level: number,
  column: number,
  row: number,
  init: RequestInit = {},
  who: Name = "vic",
) {
  const path = view.tileUrl
    .replace("{level}", String(level))
    .replace("{column}", String(column))
    .replace("{row}", String(row));
  const headers = { authorization: `Bearer ${w.token(who)}`, ...init.headers };
  const response = await fetch(`${w.base}${path}`, { ...init, headers });
  return { response, bytes: Buffer.from(await response.arrayBuffer()), path };
}

const viewOf = async (slide: Pick<Slide, "id">) =>
  (await w.call<SlideView>("vic", "GET", `/slides/${slide.id}/view`)).body;

describe("slides", () => {
  it("[SLD1] a tiled pyramid is uploaded as it is, with its scale, and its tiles have their colours", async () => {
    const { status, body } = await upload(tiff, { name: "red and blue" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "red and blue", caseName: "c1", width: 600, height: 600, mpp: 0.5 });
    const view = await viewOf(body);
    expect(view).toMatchObject({ slide: body, layers: [], me: { role: "viewer" } });
    expect(view.levels.map((level) => level.width)).toEqual([600, 300]);
    expect(view.guideline.map((version) => version.number)).toEqual([1]);
    const left = await tile(view, 0, 0, 1);
    const right = await tile(view, 0, 2, 1);
    expect(left.response.headers.get("content-type")).toBe("image/jpeg");
    const near = (seen: number[], wanted: number[]) => {
      for (const [index, value] of seen.entries()) expect(Math.abs(value - (wanted[index] ?? 0))).toBeLessThan(8);
    };
    near(pixelAt(await decoded(left.bytes), 50, 50), [200, 30, 30]);
    near(pixelAt(await decoded(right.bytes), 20, 20), [30, 30, 200]);
    expect(w.files().filter((file) => file.startsWith("pixels/"))).toEqual([`pixels/${body.id} ${tiff.length}`]);
    expect(w.files().filter((file) => file.startsWith("incoming/"))).toEqual([]);
  });

  it("[QST13] a crop shows its box to members, in fixed sizes, immutable and with a strong tag", async () => {
    const { body } = await upload(tiff, { name: "cropped" });
    const base = (await viewOf(body)).tileUrl.split("/").slice(0, 4).join("/");
    const crop = async (rest: string, who: Name = "vic", more: Record<string, string> = {}) => {
      const headers = { authorization: `Bearer ${w.token(who)}`, ...more };
      const response = await fetch(`${w.base}${base}/crop/${rest}`, { headers });
      return { response, bytes: Buffer.from(await response.arrayBuffer()) };
    };
    const red = await crop("100_100_260_260/160");
    expect(red.response.status).toBe(200);
    expect(red.response.headers.get("content-type")).toBe("image/jpeg");
    expect(red.response.headers.get("cache-control")).toContain("immutable");
    const picture = await decoded(red.bytes);
    expect([picture.width, picture.height]).toEqual([160, 160]);
    expect(Math.abs((pixelAt(picture, 80, 80)[0] ?? 0) - 200)).toBeLessThan(8);
    const blue = await decoded((await crop("400_100_560_260/160")).bytes);
    expect(Math.abs((pixelAt(blue, 80, 80)[2] ?? 0) - 200)).toBeLessThan(8);
    const etag = red.response.headers.get("etag") ?? "";
    expect((await crop("100_100_260_260/160", "vic", { "if-none-match": etag })).response.status).toBe(304);
    expect((await crop("100_100_260_260/160", "stranger")).response.status).toBe(404);
    expect((await fetch(`${w.base}${base}/crop/100_100_260_260/160`)).status).toBe(401);
    for (const off of [
      "9000_9000_9100_9100/160",
      "100_100_100_260/160",
      "100_100_260_260/161",
      "1_1_2/160",
      "-1_0_9_9/160",
    ]) {
      expect((await crop(off)).response.status, off).toBe(404);
    }
  });

  it("[SLD2] a plain picture becomes a pyramid; its scale is asked for, never invented", async () => {
    const { body } = await upload(await png(700), { name: "plain" });
    expect(body).toMatchObject({ width: 700, height: 700, mpp: null });
    expect((await viewOf(body)).levels.length).toBeGreaterThan(1);
    const overview = await w.call<{ nextSteps: { kind: string; count: number }[] }>(
      "lena",
      "GET",
      `/projects/${project}/overview`,
    );
    expect(overview.body.nextSteps).toContainEqual(expect.objectContaining({ kind: "mpp", count: 1 }));
    for (const mpp of [0, -1, 1_000, "0.5"]) {
      expect((await w.call("lena", "PATCH", `/slides/${body.id}`, { mpp })).status).toBe(400);
    }
    expect((await w.call("ada", "PATCH", `/slides/${body.id}`, { mpp: 0.25 })).status).toBe(403);
    const stated = await w.call<Slide>("lena", "PATCH", `/slides/${body.id}`, { mpp: 0.25, case: "c2", stain: "H&E" });
    expect(stated.body).toMatchObject({ mpp: 0.25, caseName: "c2", stain: "H&E", name: "plain" });
    const given = await upload(await png(40), { name: "stated at once", mpp: 0.4 });
    expect(given.body.mpp).toBe(0.4);
  });

  it("[SLD3] an upload above the limit is refused before and while it comes, and leaves nothing", async () => {
    const before = w.files();
    const huge = Buffer.alloc(2 * 1024 * 1024 + 1);
    const refused = { status: 413, body: { code: "slide-too-large" } };
    expect(await upload(huge, { name: "huge" })).toMatchObject(refused);
    expect(await streamed(huge, "huge")).toMatchObject(refused);
    await until(() => w.files().join() === before.join(), "nothing left");
  });

  it.each([
    ["a text", () => Buffer.from("this is no image at all"), 415, "slide-not-an-image"],
    ["nothing", () => Buffer.alloc(0), 415, "slide-not-an-image"],
    [
      "an SVG",
      () => Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
      415,
      "slide-not-an-image",
    ],
    ["a pyramid that was cut off", () => tiff.subarray(0, tiff.length - 40), 422, "slide-damaged"],
    ["a pyramid with a damaged tile", () => damaged(tiff), 422, "slide-tile-damaged"],
  ])("[SLD4] %s is refused with what is wrong with it, and leaves nothing", async (_what, bytes, status, code) => {
    const before = w.files();
    const answer = await upload<{ code: string; detail: { problem: string } }>(Buffer.from(bytes()), { name: "bad" });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.detail.problem).toMatch(/\w+ \w+/);
    expect(w.files()).toEqual(before);
    const list = await w.call<Page<Slide>>("lena", "GET", `/projects/${project}/slides`);
    expect(list.body.items.map((slide) => slide.name)).not.toContain("bad");
  });

  it("[SLD5] a name is used once in a project, for a new slide and for a renamed one", async () => {
    const first = await upload(tiff, { name: "twin" });
    const before = w.files();
    expect(await upload(tiff, { name: "twin" })).toMatchObject({ status: 409, body: { code: "name-taken" } });
    expect(w.files()).toEqual(before);
    const other = await upload(tiff, { name: "other" });
    const rename = await w.call("lena", "PATCH", `/slides/${other.body.id}`, { name: "twin" });
    expect(rename).toMatchObject({ status: 409, body: { code: "name-taken" } });
    expect((await w.call("lena", "PATCH", `/slides/${first.body.id}`, { name: "twin" })).status).toBe(200);
  });

  it("[SLD6] a dropped file is listed, registered and moved; a refused one stays where it is", async () => {
    const drop = (name: string, bytes: Uint8Array) => writeFileSync(join(w.dataDir, "slides", name), bytes);
    drop("one.tiff", tiff);
    drop("bad.txt", Buffer.from("no image"));
    drop(".hidden", tiff);
    const list = async () =>
      (await w.call<Page<DroppedFile>>("lena", "GET", `/projects/${project}/dropped-files`)).body.items;
    expect(await list()).toEqual([
      { file: "bad.txt", bytes: 8 },
      { file: "one.tiff", bytes: tiff.length },
    ]);
    const register = (file: string) =>
      w.call("lena", "POST", `/projects/${project}/slides/register`, { file, name: `of ${file}`, case: "c" });
    expect(await register("bad.txt")).toMatchObject({ status: 415, body: { code: "slide-not-an-image" } });
    expect(await register("one.tiff")).toMatchObject({ status: 200, body: { name: "of one.tiff", mpp: 0.5 } });
    for (const file of ["one.tiff", ".hidden", "../../etc/passwd", "/etc/passwd", "..", "slides/bad.txt"]) {
      expect((await register(file)).status, file).toBe(404);
    }
    expect(await list()).toEqual([{ file: "bad.txt", bytes: 8 }]);
  });

  it("[SLD7] a tile is immutable with a strong tag, answers 304 to it, and HEAD without a body", async () => {
    const view = await viewOf((await upload(tiff, { name: "tagged" })).body);
    const { response, bytes } = await tile(view, 1, 0, 0);
    const etag = response.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(response.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    const again = await tile(view, 1, 0, 0, { headers: { "if-none-match": `"x", ${etag}` } });
    expect([again.response.status, again.bytes.length]).toEqual([304, 0]);
    const head = await tile(view, 1, 0, 0, { method: "HEAD" });
    expect([head.response.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.response.headers.get("content-length")).toBe(String(bytes.length));
    expect((await tile(view, 1, 0, 0, { method: "POST" })).response.status).toBe(405);
  });

  it("[SLD8] tiles and thumbnail are answered to members only; foreign, absent and out of the grid are 404", async () => {
    const { body } = await upload(tiff, { name: "mine" });
    const view = await viewOf(body);
    expect((await tile(view, 0, 0, 0)).response.status).toBe(200);
    expect((await tile(view, 0, 0, 0, {}, "stranger")).response.status).toBe(404);
    expect((await fetch(`${w.base}${(await tile(view, 0, 0, 0)).path}`)).status).toBe(401);
    for (const [level, column, row] of [
      [0, 3, 0],
      [2, 0, 0],
      [9, 0, 0],
    ] as const) {
      expect((await tile(view, level, column, row)).response.status).toBe(404);
    }
    const other = view.tileUrl.replace(/[0-9a-f]{16}/, "0".repeat(16));
    expect((await tile({ ...view, tileUrl: other }, 0, 0, 0)).response.status).toBe(404);
    const thumbnail = (who: Name) =>
      w.fetch(body.thumbnailUrl, { headers: { authorization: `Bearer ${w.token(who)}` } });
    expect((await thumbnail("vic")).status).toBe(200);
    expect((await thumbnail("stranger")).status).toBe(404);
  });

  it("[SLD9] a removed slide is gone: its row, its file, its tiles; one with a layer stays", async () => {
    const { body } = await upload(tiff, { name: "going" });
    const view = await viewOf(body);
    expect((await tile(view, 0, 0, 0)).response.status).toBe(200);
    const team = await w.call<Layer>("lena", "POST", `/slides/${body.id}/layers`);
    expect(team.body).toMatchObject({ kind: "team", name: "Team", write: true });
    expect((await w.call<Layer>("lena", "POST", `/slides/${body.id}/layers`)).body.id).toBe(team.body.id);
    expect(await w.call("lena", "DELETE", `/slides/${body.id}`)).toMatchObject({
      status: 409,
      body: { code: "slide-in-use" },
    });
    const plain = await upload(tiff, { name: "unused" });
    const unused = await viewOf(plain.body);
    expect((await tile(unused, 0, 0, 0)).response.status).toBe(200);
    expect((await w.call("ada", "DELETE", `/slides/${plain.body.id}`)).status).toBe(403);
    expect((await w.call("lena", "DELETE", `/slides/${plain.body.id}`)).status).toBe(200);
    expect((await tile(unused, 0, 0, 0)).response.status).toBe(404);
    expect((await w.call("lena", "GET", `/slides/${plain.body.id}`)).status).toBe(404);
    expect(w.files().join("\n")).not.toContain(plain.body.id);
  });

  it("[SLD10] two people who make the team layer at once make one", async () => {
    const slide = await w.bareSlide(project, "at once");
    const made = await Promise.all([1, 2, 3, 4].map(() => w.call<Layer>("lena", "POST", `/slides/${slide}/layers`)));
    expect(new Set(made.map((each) => each.body.id)).size).toBe(1);
  });

  it("[SLD11] an upload that breaks off leaves nothing and disturbs nobody", async () => {
    const before = w.files();
    await brokenOff(tiff.subarray(0, 2_000), "broken");
    await until(() => w.files().join() === before.join(), "nothing left");
    expect((await w.call("vic", "GET", `/projects/${project}/slides`)).status).toBe(200);
  });
});

describeWithData("a real slide", "slides/cmu-1-small-region.svs", (path) => {
  it("[SLD12] comes through the API with right colours, without label, macro or identity", async () => {
    const answer = await upload(readFileSync(path), { name: "cmu" });
    expect(answer).toMatchObject({
      status: 200,
      body: { format: "aperio", width: 2220, height: 2967, mpp: 0.499, objective: 20 },
    });
    const { body } = answer;
    expect(body.strippedImages).toEqual(["thumbnail", "label", "macro"]);
    expect(body.strippedFields).toContain("User");
    const view = await viewOf(body);
    expect(JSON.stringify(view)).not.toMatch(/CMU-1|b414003d|CPAPERIOCS/);
    const { bytes } = await tile(view, 0, 4, 6);
    const { data } = await decoded(bytes);
    const means = [0, 1, 2].map((channel) => {
      const samples = data.filter((_, index) => index % 3 === channel);
      return samples.reduce((sum, value) => sum + value, 0) / samples.length;
    });
    const [red = 0, green = 0, blue = 0] = means;
    expect(red, String(means)).toBeGreaterThan(green + 15);
    expect(blue, String(means)).toBeGreaterThan(green + 5);
    for (let level = view.levels.length; level < view.levels.length + 4; level++) {
      expect((await tile(view, level, 0, 0)).response.status).toBe(404);
    }
  });
});

/** Zeroes in the middle of the image data, which lies between header and directories. */
function damaged(bytes: Buffer): Buffer {
  return Buffer.from(bytes).fill(0, 16, Math.floor(bytes.length / 2));
}

/** The same upload without saying how long it is. */
async function streamed(bytes: Uint8Array, name: string): Promise<Pick<Answer, "status" | "body">> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${w.base}/api/v1/projects/${project}/slides?name=${name}&case=c`,
      { method: "POST", headers: { authorization: `Bearer ${w.token("lena")}` } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    sent.on("error", reject);
    for (let at = 0; at < bytes.length; at += 65_536) sent.write(bytes.subarray(at, at + 65_536));
    sent.end();
  });
}

/** An upload whose line breaks in the middle. */
async function brokenOff(bytes: Uint8Array, name: string): Promise<void> {
  const sent = request(`${w.base}/api/v1/projects/${project}/slides?name=${name}&case=c`, {
    method: "POST",
    headers: { authorization: `Bearer ${w.token("lena")}`, "content-length": "1000000" },
  });
  const ended = new Promise<void>((resolve) => sent.on("error", () => resolve()));
  sent.write(bytes);
  await until(() => w.files().some((file) => file.startsWith("incoming/")), "the upload has begun");
  sent.destroy();
  await ended;
}
