import * as encoding from "lib0/encoding";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { newId } from "#db/new-id.ts";
import { annotationId, type ProjectId } from "#domain/ids.ts";
import { ANNOTATIONS_ROOT, LayerDoc } from "#domain/layer-doc.ts";
import type { InvitationCreated } from "#server/api/schemas/people.ts";
import type { AnnotationRow, Layer } from "#server/api/schemas/slides.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { secretHash } from "#server/session.ts";
import { updateFrame } from "#server/sync/protocol.ts";
import { type Joined, joined } from "#tests/support/api-listening.ts";
import { type Answer, type ApiWorld, apiWorld, type Name, type Page } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, anAnnotation, declare, square } from "#tests/support/builders.ts";
import { until } from "#tests/support/fake-socket.ts";

let w: ApiWorld;
let project: ProjectId;
let layer: string;
let witness: Joined;
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(aGuideline(["a", "b"], { exhaustive: false }));
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

let made = 0;
/** Each test has a team layer with one outline, and somebody in its room who must not be disturbed. */
beforeEach(async () => {
  made += 1;
  const slide = await w.bareSlide(project, `slide ${made}`);
  layer = (await w.call<Layer>("lena", "POST", `/slides/${slide}/layers`)).body.id;
  await w.draw("ada", layer, [{ classId: "a", geometry: square(10, 10, 50) }]);
  witness = await joined(w, layer, { authorization: `Bearer ${w.token("cem")}` });
});

type Problem = { readonly code: string; readonly title: string };

/** A refusal: its status, its code, and a sentence for a person. */
function expectRefused(answer: Answer<Partial<Problem>>, status: number, code: string): void {
  expect([answer.status, answer.body.code], answer.text).toEqual([status, code]);
  expect(answer.body.title).toMatch(/^[A-Z].* .*\.$/);
}
const rowsOf = async (id = layer) =>
  (await w.call<Page<AnnotationRow>>("lena", "GET", `/layers/${id}/annotations`)).body.items;

/** What others have is what is stored, and they are still there. */
async function expectUndisturbed(outlines = 1): Promise<void> {
  expect(await rowsOf()).toHaveLength(outlines);
  await w.draw("bea", layer, [{ classId: "b", geometry: square(500, 500, 10) }]);
  await until(() => witness.layer.size === outlines + 1, "the witness is told of others' work");
  expect(witness.closed).toBeNull();
  expect([...witness.layer.all()]).toHaveLength(outlines + 1);
  witness.leave();
}

/** Joins as somebody and sends one frame; resolves with how it ended. */
async function sending(name: Name, frame: (doc: Y.Doc) => Uint8Array | string, scope: "read" | "write" = "write") {
  const socket = new WebSocket(`${w.base.replace("http", "ws")}/sync/${layer}`, {
    headers: { authorization: `Bearer ${w.token(name, scope)}` },
  });
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise<void>((resolve) => socket.once("open", () => resolve()));
  socket.send(frame(new Y.Doc()));
  return { ended, leave: () => socket.terminate() };
}

/** What was sent before has come, and the room is through with it. */
async function settled(name: Name, id: string): Promise<void> {
  await w.call(name, "GET", "/me");
  await w.draw(name, id, []);
}

/** The update of a client that has drawn this. */
function drawn(doc: Y.Doc, change: (layerDoc: LayerDoc) => void): Uint8Array {
  change(new LayerDoc(doc));
  return updateFrame(Y.encodeStateAsUpdate(doc));
}
const outline = (change: Parameters<typeof anAnnotation>[1] = {}) =>
  anAnnotation("x", { id: newId(annotationId), ...change });

describe("bad input", () => {
  it("[BAD1] a malformed outline is refused in a stroke and in a file", async () => {
    const garbage = (doc: Y.Doc) => {
      doc.getMap(ANNOTATIONS_ROOT).set(newId(annotationId), Uint8Array.of(1, 2, 3));
      return updateFrame(Y.encodeStateAsUpdate(doc));
    };
    expect((await (await sending("ada", garbage)).ended).reason).toMatch(/outline-malformed|update-refused/);
    const nested = (doc: Y.Doc) => {
      doc.getMap(ANNOTATIONS_ROOT).set(newId(annotationId), new Y.Map());
      return updateFrame(Y.encodeStateAsUpdate(doc));
    };
    expect(await (await sending("ada", nested)).ended).toEqual({ code: 4403, reason: "update-refused" });
    const line = { type: "Feature", geometry: { type: "Polygon", coordinates: [[[1, 1]]] }, properties: {} };
    expectRefused(await w.call("ada", "POST", `/layers/${layer}/geojson`, line), 422, "import-refused");
    await expectUndisturbed();
  });

  it("[BAD2] an unknown class and a class of another project are refused alike", async () => {
    const other = await w.project(aGuideline(["q"]));
    expect(other).not.toBe(project);
    for (const classId of [aClassId("q"), aClassId("zz")]) {
      const ended = await (await sending("ada", (doc) => drawn(doc, (layerDoc) => layerDoc.put(outline({ classId })))))
        .ended;
      expect(ended).toEqual({ code: 4422, reason: "unknown-class" });
    }
    await expectUndisturbed();
  });

  it("[BAD3] coordinates off the slide are refused, and those that are not finite cannot be written", async () => {
    const off = outline({ geometry: square(1_990, 1_990, 50) });
    const ended = await (await sending("ada", (doc) => drawn(doc, (layerDoc) => layerDoc.put(off)))).ended;
    expect(ended).toEqual({ code: 4422, reason: "outline-off-slide" });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const geometry = { type: "point", at: [bad, 1] } as const;
      expect(() => drawn(new Y.Doc(), (layerDoc) => layerDoc.put(outline({ geometry })))).toThrow(
        "coordinates-not-finite",
      );
      await expect(
        w.running.product.world.rooms.edit(layer as never, w.people.ada.id, (doc) => doc.put(outline({ geometry }))),
      ).rejects.toThrow("coordinates-not-finite");
    }
    await expectUndisturbed();
  });

  it("[BAD4] an oversize upload and a wrong file type are refused, and leave neither file nor row", async () => {
    const [files, before] = [w.files(), await w.call("lena", "GET", `/projects/${project}/slides`)];
    const upload = (body: BodyInit) =>
      w.fetch<Problem>(`/api/v1/projects/${project}/slides?name=bad&case=c`, {
        method: "POST",
        headers: { authorization: `Bearer ${w.token("lena")}` },
        body,
      });
    expectRefused(await upload(new Uint8Array(2 * 1024 * 1024 + 1)), 413, "slide-too-large");
    expectRefused(await upload("%PDF-1.7 not a slide"), 415, "slide-not-an-image");
    expect(w.files()).toEqual(files);
    expect((await w.call("lena", "GET", `/projects/${project}/slides`)).text).toBe(before.text);
    await expectUndisturbed();
  });

  it("[BAD5] a duplicate e-mail and an expired invitation are refused, and make neither account nor member", async () => {
    const people = async () => (await w.pool.query("select count(*)::int as n from people")).rows[0].n;
    const members = async () => (await w.call("lena", "GET", `/projects/${project}/members`)).text;
    const [count, list] = [await people(), await members()];
    const { body } = await w.call<InvitationCreated>("lena", "POST", `/projects/${project}/invitations`, {
      role: "viewer",
    });
    const token = body.url.split("/").at(-1) ?? "";
    const accept = (email: string) =>
      w.call<Problem>(null, "POST", `/invitations/${token}/accept`, { name: "N", email, password: "correct horse" });
    expectRefused(await accept("bea@example.org"), 409, "email-taken");
    await w.pool.query("update invitations set expires_at = now() where hash = $1", [secretHash(token)]);
    expectRefused(await accept("fresh@example.org"), 410, "invitation-expired");
    expect([await people(), await members()]).toEqual([count, list]);
    await expectUndisturbed();
  });

  it("[BAD6] a stale publish and a stale draft are refused, and the version in force stays", async () => {
    const path = `/projects/${project}/guideline`;
    const versions = async () => (await w.call<{ versions: unknown[] }>("lena", "GET", path)).body.versions.length;
    const before = await versions();
    const content = aGuideline(["a", "b", aClass("n", { name: `new ${made}` })], { exhaustive: false });
    const save = (who: Name, revision: number) =>
      w.call<Problem>(who, "PUT", `${path}/draft`, { revision, content, declarations: [] });
    expect((await save("lena", 0)).status).toBe(200);
    expectRefused(await save("lars", 0), 409, "stale-draft");
    const publish = (parent: number) => w.call<Problem>("lars", "POST", `${path}/publish`, { parent });
    expectRefused(await publish(before - 1), 409, "stale-publish");
    expect(await versions()).toBe(before);
    const both = await Promise.all([publish(before), publish(before)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(await versions()).toBe(before + 1);
    await expectUndisturbed();
  });

  it("[BAD7] of two answers to one item one is refused, and one judgement is stored", async () => {
    const own = await w.project(aGuideline(["a", "b"], { exhaustive: false }));
    const slide = await w.bareSlide(own, "s");
    const team = (await w.call<Layer>("lena", "POST", `/slides/${slide}/layers`)).body.id;
    await w.draw("ada", team, [{ classId: "a", geometry: square(10, 10, 50) }]);
    const next = aGuideline([aClass("a", { retired: true }), "b", "c", "d"], { exhaustive: false });
    expect((await w.publish(own, next, [declare.split("a", ["c", "d"])])).status).toBe(200);
    const tasks = await w.call<Page<Task>>("ada", "GET", `/projects/${own}/tasks`);
    const task = tasks.body.items[0]?.id;
    const { body } = await w.call<TaskDetail>("ada", "GET", `/tasks/${task}`);
    const [item] = body.items;
    const answer = (who: Name, classId: string) =>
      w.call<Problem>(who, "POST", `/tasks/${task}/resolve`, {
        annotationId: item?.annotationId,
        contentHash: item?.contentHash,
        answer: { verdict: "choose", classId: aClassId(classId) },
      });
    expectRefused(await answer("lena", "c"), 403, "task-not-yours");
    expectRefused(await answer("ada", "a"), 422, "class-retired");
    expectRefused(await answer("ada", "zz"), 422, "unknown-class");
    const both = await Promise.all([answer("ada", "c"), answer("ada", "d")]);
    expect(both.map((each) => each.status).sort()).toEqual([200, 409]);
    const late = await answer("ada", "c");
    expect([late.status, ["content-changed", "task-not-open"].includes(late.body.code)]).toEqual([409, true]);
    const answers = await w.pool.query("select id from task_answers where task_id = $1", [task]);
    expect(answers.rows).toHaveLength(1);
    expect(await rowsOf(team)).toHaveLength(1);
    await expectUndisturbed();
  });

  it("[BAD8] a submitted read takes no stroke, from an open socket either, and not of its own reader", async () => {
    const slide = await w.bareSlide(project, `read ${made}`);
    const round = await w.round(project, "blind", [slide], ["ada"]);
    const read = round.layer(slide, "ada");
    await w.draw("ada", read, [{ classId: "a", geometry: square(10, 10, 50) }]);
    const socket = await joined(w, read, { authorization: `Bearer ${w.token("ada")}` });
    expect((await w.call("ada", "POST", `/layers/${read}/submit`)).status).toBe(200);
    await until(() => socket.standing?.code === "layer-locked", "told that it is locked");
    socket.send(drawn(socket.layer.doc, (layerDoc) => layerDoc.put(outline())));
    await settled("ada", read);
    const file = { type: "FeatureCollection", features: [] };
    expectRefused(await w.call("ada", "POST", `/layers/${read}/geojson`, file), 409, "layer-locked");
    expectRefused(await w.call("ada", "POST", `/layers/${read}/submit`), 409, "read-not-open");
    expect(await rowsOf(read)).toHaveLength(1);
    socket.leave();
    await expectUndisturbed();
  });

  it("[BAD9] a stroke of somebody who may only look is dropped, by role and by token, and they are told so", async () => {
    const may = async (headers: Record<string, string>) => {
      const socket = await joined(w, layer, headers);
      await until(() => socket.standing !== null, "told what may be done");
      socket.send(drawn(socket.layer.doc, (layerDoc) => layerDoc.put(outline())));
      await settled("ada", layer);
      socket.leave();
      return socket.standing;
    };
    const viewer = await may({ authorization: `Bearer ${w.token("vic")}` });
    expect(viewer).toEqual({ write: false, code: "not-allowed" });
    const reading = await may({ authorization: `Bearer ${w.token("ada", "read")}` });
    expect(reading).toMatchObject({ write: false });
    await expectUndisturbed();
  });

  it.each([
    ["no message", () => new Uint8Array(0), 4400],
    ["an unknown kind", () => Uint8Array.of(77, 1), 4400],
    ["a length beyond its end", () => Uint8Array.of(0, 2, 200, 1), 4400],
    ["an update that is none", () => updateFrame(Uint8Array.of(255, 255, 255, 255, 1)), 4400],
    ["a text", () => "hello", 4400],
    ["presence that is no JSON", () => presence("{"), 4400],
    ["a frame of 3 MiB", () => updateFrame(new Uint8Array(3 * 1024 * 1024)), 4413],
  ])("[BAD10] %s ends its own socket with a code, and no other", async (_what, frame, code) => {
    const ended = await (await sending("bea", frame)).ended;
    expect(ended.code, ended.reason).toBe(code);
    await expectUndisturbed();
  });

  it("[BAD11] ids that are none are not found, in paths and in bodies, and never a fault of ours", async () => {
    const none = ["x", "../../etc", "%00", "A".repeat(40), "' or 1=1 --", "__proto__"];
    for (const id of none) {
      for (const path of [`/projects/${encodeURIComponent(id)}`, `/slides/${encodeURIComponent(id)}/view`]) {
        expect((await w.call("lena", "GET", path)).status, path).toBe(404);
      }
      const round = { name: "r", mode: "open", slideIds: [id], readerIds: [w.people.ada.id] };
      expect((await w.call("lena", "POST", `/projects/${project}/rounds`, round)).status, id).toBe(404);
      const rework = { layerId: id, annotationIds: [newId(annotationId)], assigneeId: w.people.ada.id, reason: "slip" };
      expect((await w.call("lena", "POST", `/projects/${project}/tasks`, rework)).status, id).toBe(404);
    }
    await expectUndisturbed();
  });
});

function presence(text: string): Uint8Array {
  const inner = encoding.createEncoder();
  encoding.writeVarUint(inner, 1);
  encoding.writeVarUint(inner, 7);
  encoding.writeVarUint(inner, 1);
  encoding.writeVarString(inner, text);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(inner));
  return encoding.toUint8Array(encoder);
}
