import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { z } from "zod";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type ProjectId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import type { InvitationCreated } from "#server/api/schemas/people.ts";
import type { Project } from "#server/api/schemas/projects.ts";
import type { ReleaseDetail } from "#server/api/schemas/releases.ts";
import type { AnnotationRow, ImportReport, Layer, Slide } from "#server/api/schemas/slides.ts";
import type { resolveAnswer, Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { type ApiWorld, apiWorld, type Name, type Page, smallTiff } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, anAnnotation, declare, square, squareRing } from "#tests/support/builders.ts";
import { until } from "#tests/support/fake-socket.ts";
import { socketWith } from "#tests/support/sync-server.ts";

let w: ApiWorld;
let project: ProjectId;
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(aGuideline(["a", "b"]));
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

let made = 0;
async function teamLayer(): Promise<string> {
  made += 1;
  const slide = await w.bareSlide(project, `slide ${made}`);
  return (await w.call<Layer>("lena", "POST", `/slides/${slide}/layers`)).body.id;
}
const imported = (name: Name, layer: string, file: unknown) =>
  w.call<ImportReport & { code?: string }>(name, "POST", `/layers/${layer}/geojson`, file);
const rowsOf = async (layer: string) =>
  (await w.call<Page<AnnotationRow>>("vic", "GET", `/layers/${layer}/annotations`)).body.items;
const feature = (name: string, coordinates: unknown, type = "Polygon", more: object = {}) => ({
  type: "Feature",
  geometry: { type, coordinates },
  properties: { objectType: "annotation", classification: { name }, ...more },
});
const closedSquare = (x: number, y: number, side: number) => [[...squareRing(x, y, side), [x, y]]];
const collection = (...features: unknown[]) => ({ type: "FeatureCollection", features });

async function putAll(layer: string, annotations: readonly Annotation[], name: Name = "ada"): Promise<void> {
  await w.running.product.world.rooms.edit(layer as never, w.people[name].id, (doc) => {
    for (const each of annotations) doc.put(each);
  });
}

describe("layers", () => {
  it("[LYR1] what is exported and imported into an empty layer is equal, byte for byte", async () => {
    const [first, ...others] = squareRing(150, 150, 50);
    const inside = [first ?? [0, 0], ...others.reverse()] as const;
    const hole = { type: "polygon", rings: [squareRing(100, 100, 300), inside] } as const;
    const parts = { type: "multipolygon", polygons: [[squareRing(600, 600, 40)], [squareRing(700, 700, 40)]] } as const;
    const geometries: Annotation["geometry"][] = [
      hole,
      parts,
      { type: "point", at: [5.25, 7] },
      { type: "line", points: squareRing(1, 1, 8) },
      square(0, 0, 2_000),
    ];
    const from = await teamLayer();
    await putAll(
      from,
      geometries.map((geometry, index) =>
        anAnnotation("x", {
          id: newId(annotationId),
          classId: aClassId(index % 2 === 0 ? "a" : "b"),
          geometry,
          attributes: index === 0 ? { grade: "3", 'quote"': "ü" } : {},
          note: index === 1 ? "a note" : "",
        }),
      ),
    );
    const exported = await w.call("eve", "GET", `/layers/${from}/geojson`);
    expect(exported.headers.get("content-type")).toBe("application/geo+json");
    expect(exported.headers.get("content-disposition")).toContain(`${from}.geojson`);
    const to = await teamLayer();
    const report = await imported("ada", to, JSON.parse(exported.text));
    expect(report).toMatchObject({ status: 200, body: { added: 5, repaired: [] } });
    const second = await w.call("eve", "GET", `/layers/${to}/geojson`);
    expect(second.text).toBe(exported.text);
    expect((await rowsOf(to)).map((row) => row.contentHash)).toEqual(
      (await rowsOf(from)).map((row) => row.contentHash),
    );
  });

  it("[LYR2] an outline whose id the layer has already comes in under another, and that is told", async () => {
    const layer = await teamLayer();
    await putAll(layer, [anAnnotation("x", { id: newId(annotationId) })]);
    const file = JSON.parse((await w.call("ada", "GET", `/layers/${layer}/geojson`)).text);
    const { body } = await imported("bea", layer, file);
    expect(body).toMatchObject({ added: 1, repaired: [{ index: 0, code: "id-taken" }] });
    const rows = await rowsOf(layer);
    expect(rows).toHaveLength(2);
    expect(rows.map((row) => row.createdBy.name).sort()).toEqual(["ada", "bea"]);
  });

  it.each([
    ["an unknown class", feature("no such class", closedSquare(10, 10, 9)), "unknown-class"],
    ["no class", feature("", closedSquare(10, 10, 9)), "class-missing"],
    ["an outline off the slide", feature("class a", closedSquare(9_000, 10, 9)), "outline-off-slide"],
    ["a line without length", feature("class a", [[[1, 1]]]), "outline-malformed"],
    ["an unsupported geometry", feature("class a", [], "GeometryCollection"), "geometry-not-supported"],
    ["a feature that is none", { type: "Feature" }, "outline-malformed"],
    ["a number", 7, "feature-malformed"],
  ])("[LYR3] a file with %s is refused whole, by place and reason, and stores nothing", async (_what, bad, code) => {
    const layer = await teamLayer();
    const good = feature("class a", closedSquare(10, 10, 9));
    const answer = await imported("ada", layer, collection(good, bad));
    expect(answer).toMatchObject({
      status: 422,
      body: { code: "import-refused", detail: { count: 1, refused: [{ index: 1, code }] } },
    });
    expect(await rowsOf(layer)).toEqual([]);
  });

  it("[LYR4] a coordinate that is no finite number is refused, also where JSON can write it", async () => {
    const layer = await teamLayer();
    const send = (body: string) =>
      w.fetch(`/api/v1/layers/${layer}/geojson`, {
        method: "POST",
        headers: { authorization: `Bearer ${w.token("ada")}`, "content-type": "application/json" },
        body,
      });
    const text = JSON.stringify(collection(feature("class a", closedSquare(10, 10, 9))));
    for (const value of ["1e999", "null", '"12"']) {
      const answer = await send(text.replace("19", value));
      expect(answer, value).toMatchObject({ status: 422, body: { code: "import-refused" } });
    }
    expect(await send("not json")).toMatchObject({ status: 400, body: { code: "bad-request" } });
    for (const none of ["7", "null", '{"type":"Topology"}']) expect((await send(none)).status).toBe(422);
    expect(await rowsOf(layer)).toEqual([]);
  });

  it("[LYR5] a class of another project is unknown here, by id and by name", async () => {
    const other = await w.project(aGuideline(["q"]));
    expect(other).not.toBe(project);
    const layer = await teamLayer();
    const own = { concord: { id: newId(annotationId), classId: aClassId("q"), under: 1, attributes: {}, note: "" } };
    const answer = await imported("ada", layer, collection(feature("class q", closedSquare(1, 1, 5), "Polygon", own)));
    expect(answer).toMatchObject({ status: 422, body: { detail: { refused: [{ code: "unknown-class" }] } } });
    await expect(putAll(layer, [anAnnotation("x", { classId: aClassId("q") })])).rejects.toThrow("unknown-class");
    expect(await rowsOf(layer)).toEqual([]);
  });

  it("[LYR6] a submitted read takes no import, another's read never does, and a viewer imports nowhere", async () => {
    const slide = await w.bareSlide(project, "read slide");
    const round = await w.round(project, "open", [slide], ["ada", "bea"]);
    const layer = round.layer(slide, "ada");
    const file = collection(feature("class a", closedSquare(10, 10, 9)));
    expect((await imported("bea", layer, file)).status).toBe(403);
    expect((await imported("vic", layer, file)).status).toBe(403);
    expect((await imported("stranger", layer, file)).status).toBe(404);
    expect((await imported("ada", layer, file)).status).toBe(200);
    await w.call("ada", "POST", `/layers/${layer}/submit`);
    expect(await imported("ada", layer, file)).toMatchObject({ status: 409, body: { code: "layer-locked" } });
    expect(await rowsOf(layer)).toHaveLength(1);
  });

  it("[LYR7] annotations are listed page by page, with who and when from the log", async () => {
    const layer = await teamLayer();
    await putAll(
      layer,
      ["1", "2", "3"].map(() => anAnnotation("x", { id: newId(annotationId) })),
      "cem",
    );
    const page = async (query: string) =>
      (await w.call<Page<AnnotationRow>>("vic", "GET", `/layers/${layer}/annotations${query}`)).body;
    const first = await page("?limit=2");
    const second = await page(`?limit=2&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map((row) => row.id);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toHaveLength(3);
    expect(second.nextCursor).toBeNull();
    expect(first.items[0]).toMatchObject({ createdBy: { name: "cem" }, under: 1, areaPx: 10_000 });
    expect(Date.parse(first.items[0]?.createdAt ?? "")).toBeGreaterThan(Date.now() - 60_000);
    const bad = await w.call("vic", "GET", `/layers/${layer}/annotations?cursor=-`);
    expect(bad).toMatchObject({ status: 400, body: { code: "bad-request" } });
  });

  it("[LYR8] an export shows each outline with the class that counts now", async () => {
    const own = await w.project(aGuideline(["a", "b", "c"]));
    const slide = await w.bareSlide(own, "s");
    const { body: layer } = await w.call<Layer>("lena", "POST", `/slides/${slide}/layers`);
    await putAll(layer.id, [anAnnotation("x", { id: newId(annotationId) })]);
    const next = aGuideline([
      aClass("a", { retired: true }),
      aClass("b", { name: "new name", colour: "#010203" }),
      "c",
    ]);
    expect((await w.publish(own, next, [declare.merge(["a"], "b")])).status).toBe(200);
    const { text } = await w.call("ada", "GET", `/layers/${layer.id}/geojson`);
    expect(JSON.parse(text).features[0].properties.classification).toEqual({ name: "new name", color: [1, 2, 3] });
    expect((await rowsOf(layer.id))[0]).toMatchObject({ classId: aClassId("a"), under: 1 });
  });
});

describe("a script", () => {
  it("[LYR9] does the whole job: project, slide, guideline, drawing by a stock client, tasks, export, release", async () => {
    const done = async <Body>(name: Name, method: "GET" | "POST" | "PUT", path: string, body?: unknown) => {
      const answer = await w.call<Body>(name, method, path, body);
      expect(answer.status, `${method} ${path}: ${answer.text.slice(0, 400)}`).toBe(200);
      return answer.body;
    };
    const { id } = await done<Project>("stranger", "POST", "/projects", { name: "by script" });
    const invitation = await done<InvitationCreated>("stranger", "POST", `/projects/${id}/invitations`, {
      role: "lead",
    });
    await done("lars", "POST", `/invitations/${invitation.url.split("/").at(-1)}/accept`, {});
    const uploaded = await w.fetch<Slide>(`/api/v1/projects/${id}/slides?name=one&case=c1`, {
      method: "POST",
      headers: { authorization: `Bearer ${w.token("stranger")}` },
      body: await smallTiff({}),
    });
    expect(uploaded.status).toBe(200);
    const guideline = `/projects/${id}/guideline`;
    const first = aGuideline(["a", "b"], { exhaustive: false });
    await done("stranger", "PUT", `${guideline}/draft`, { revision: 0, content: first, declarations: [] });
    await done("stranger", "POST", `${guideline}/publish`, { parent: 0 });
    const layer = await done<Layer>("stranger", "POST", `/slides/${uploaded.body.id}/layers`);

    const doc = new Y.Doc();
    const drawing = new LayerDoc(doc);
    const WebSocketPolyfill = socketWith({ authorization: `Bearer ${w.token("stranger")}` });
    const provider = new WebsocketProvider(`${w.base.replace("http", "ws")}/sync`, layer.id, doc, {
      WebSocketPolyfill,
      disableBc: true,
    });
    await until(() => provider.synced, "synced");
    const outlines = [100, 200, 300].map((x) =>
      anAnnotation("x", { id: newId(annotationId), geometry: square(x, 100, 50) }),
    );
    for (const outline of outlines) drawing.put(outline);
    await until(async () => {
      const { body } = await w.call<Page<AnnotationRow>>("lars", "GET", `/layers/${layer.id}/annotations`);
      return body.items.length === 3;
    }, "stored");

    const second = aGuideline([aClass("a", { retired: true }), "b", "c", "d"], { exhaustive: false });
    const declarations = [declare.split("a", ["c", "d"])];
    await done("stranger", "PUT", `${guideline}/draft`, { revision: 0, content: second, declarations });
    const published = await done<{ tasks: number }>("stranger", "POST", `${guideline}/publish`, { parent: 1 });
    expect(published.tasks).toBe(1);
    const blocked = await w.call("lars", "POST", `/projects/${id}/releases`, { name: "too early" });
    expect(blocked).toMatchObject({ status: 409, body: { code: "release-blocked" } });
    const [task] = (await done<Page<Task>>("stranger", "GET", `/projects/${id}/tasks`)).items;
    const { items } = await done<TaskDetail>("stranger", "GET", `/tasks/${task?.id}`);
    for (const [index, item] of items.entries()) {
      const { left } = await done<z.infer<typeof resolveAnswer>>("stranger", "POST", `/tasks/${task?.id}/resolve`, {
        annotationId: item.annotationId,
        contentHash: item.contentHash,
        answer: { verdict: "choose", classId: aClassId(index === 0 ? "c" : "d") },
      });
      expect(left).toBe(items.length - index - 1);
    }
    await until(() => [...drawing.all()].every((each) => each.classId !== aClassId("a")), "told to the drawing client");
    provider.destroy();
    const move = async (name: Name, to: string) => {
      const { task: now } = await done<TaskDetail>(name, "GET", `/tasks/${task?.id}`);
      await done(name, "POST", `/tasks/${task?.id}/move`, { revision: now.revision, to });
    };
    await move("stranger", "submitted");
    await move("lars", "accepted");
    const { text } = await w.call("lars", "GET", `/layers/${layer.id}/geojson`);
    const names = JSON.parse(text).features.map(
      (each: ReturnType<typeof feature>) => each.properties.classification.name,
    );
    expect(names.sort()).toEqual(["class c", "class d", "class d"]);
    const release = await done<ReleaseDetail>("stranger", "POST", `/projects/${id}/releases`, { name: "first" });
    expect(release.files.map((file) => file.path)).toEqual([
      "exceptions.json",
      `ground-truth/${uploaded.body.id}.geojson`,
      "guideline.json",
    ]);
  });
});
