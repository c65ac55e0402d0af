import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "#db/audit.ts";
import { newId } from "#db/new-id.ts";
import { annotationId, type ProjectId } from "#domain/ids.ts";
import type { ConsensusView } from "#server/api/schemas/consensus.ts";
import type { Blocker, Release, ReleaseDetail } from "#server/api/schemas/releases.ts";
import type { Layer } from "#server/api/schemas/slides.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { type ApiWorld, apiWorld, type Name, type Page } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, anAnnotation, declare, square, squareRing } from "#tests/support/builders.ts";

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

const blockersOf = async (project: ProjectId) =>
  (await w.call<Page<Blocker>>("lena", "GET", `/projects/${project}/blockers`)).body.items;
const codesOf = async (project: ProjectId) => (await blockersOf(project)).map((each) => `${each.code} ${each.count}`);
const freeze = (project: ProjectId, name = "r", more: object = {}, who: Name = "lena") =>
  w.call<ReleaseDetail & { code?: string; detail?: { blockers: Blocker[] } }>(
    who,
    "POST",
    `/projects/${project}/releases`,
    { name, ...more },
  );
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const fileOf = (release: Pick<Release, "id">, path: string, who: Name = "eve") =>
  w.call(who, "GET", `/releases/${release.id}/files/${encodeURIComponent(path)}`);
async function done<Body>(answer: Promise<{ status: number; body: Body; text: string }>): Promise<Body> {
  const { status, body, text } = await answer;
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return body;
}

/** A slide with a team layer that holds one outline. */
async function drawnSlide(project: ProjectId, name: string, classId = "a"): Promise<{ slide: string; layer: string }> {
  const slide = await w.bareSlide(project, name);
  const { id: layer } = await done(w.call<Layer>("lena", "POST", `/slides/${slide}/layers`));
  await w.draw("ada", layer, [{ classId, geometry: square(100, 100, 300) }]);
  return { slide, layer };
}

/** Two submitted reads that differ at one place; everything else that a release can hold. */
async function readSlide(project: ProjectId, name: string) {
  const slide = await w.bareSlide(project, name);
  const round = await w.round(project, "blind", [slide], ["ada", "bea"]);
  const layers = { ada: round.layer(slide, "ada"), bea: round.layer(slide, "bea") };
  await w.draw("ada", layers.ada, [{ classId: "a", geometry: square(100, 100, 200) }]);
  await w.draw("bea", layers.bea, [
    { classId: "a", geometry: square(100, 100, 200) },
    { classId: "b", geometry: square(900, 900, 200) },
  ]);
  const path = `/rounds/${round.id}`;
  const consensus = () => done(w.call<ConsensusView>("jo", "GET", `${path}/slides/${slide}/consensus`));
  return {
    slide,
    round: round.id,
    layers,
    submit: async () => {
      for (const name of ["ada", "bea"] as const) await done(w.call(name, "POST", `/layers/${layers[name]}/submit`));
    },
    unblind: () => done(w.call("lena", "POST", `${path}/unblind`)),
    decideAll: async () => {
      const { key, disputes } = await consensus();
      for (const dispute of disputes.filter((each) => !each.settled)) {
        const decision = { method: "exclude", reason: "artefact" };
        const body = { consensusKey: key, disputeKey: dispute.key, decision };
        await done(w.call("jo", "POST", `${path}/slides/${slide}/adjudications`, body));
      }
    },
  };
}

describe("a release", () => {
  it("[FRZ1] is refused with a list of what stands in its way, each with links, until it is dealt with", async () => {
    const project = await w.project();
    expect(await codesOf(project)).toEqual(["no-guideline 1", "no-slides 1"]);
    await done(w.publish(project, aGuideline(["a", "b"], { exhaustive: false })));
    const read = await readSlide(project, "read");
    expect(await codesOf(project)).toEqual(["unsubmitted-reads 2", "blinded-rounds 1", "no-ground-truth 1"]);
    await read.submit();
    expect(await codesOf(project)).toEqual(["blinded-rounds 1", "undecided-disputes 1"]);
    await read.unblind();
    const [dispute] = await blockersOf(project);
    expect(dispute).toMatchObject({ code: "undecided-disputes", title: "Disputes between reads are not decided" });
    expect(dispute?.links[0]?.href).toContain(`/projects/${project}/slides/${read.slide}?round=${read.round}&dispute=`);
    const refused = await freeze(project);
    expect(refused).toMatchObject({ status: 409, body: { code: "release-blocked", detail: { blockers: [dispute] } } });
    await read.decideAll();
    expect(await codesOf(project)).toEqual([]);
    expect((await freeze(project)).status).toBe(200);
  });

  it("[AUD6] waits for a read that was given back after its round was unblinded", async () => {
    const project = await w.project(aGuideline(["a", "b"], { exhaustive: false }));
    const read = await readSlide(project, "given back");
    await read.submit();
    await read.unblind();
    await read.decideAll();
    expect(await codesOf(project)).toEqual([]);
    await done(w.call("lena", "POST", `/layers/${read.layers.ada}/reopen`));
    expect(await codesOf(project)).toContain("unsubmitted-reads 1");
    await done(w.call("ada", "POST", `/layers/${read.layers.ada}/submit`));
    expect(await codesOf(project)).toEqual([]);
  });

  it("[FRZ2] waits for stale and undecided outlines, for open tasks and for blocking findings", async () => {
    const project = await w.project(aGuideline(["a", "b"], { exhaustive: false }));
    const { layer } = await drawnSlide(project, "s");
    expect(await codesOf(project)).toEqual([]);
    const next = aGuideline([aClass("a", { retired: true }), "b", "c", "d"], { exhaustive: false });
    await done(w.publish(project, next, [declare.split("a", ["c", "d"])]));
    expect(await codesOf(project)).toEqual(["stale-items 1", "open-tasks 1"]);
    const [task] = (await done(w.call<Page<Task>>("ada", "GET", `/projects/${project}/tasks`))).items;
    const detail = await done(w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`));
    const [item] = detail.items;
    const answer = (verdict: object) =>
      w.call<{ undo: string }>("ada", "POST", `/tasks/${task?.id}/resolve`, {
        annotationId: item?.annotationId,
        contentHash: item?.contentHash,
        answer: verdict,
      });
    const { undo } = await done(answer({ verdict: "cannot-tell", note: "blurred" }));
    expect(await codesOf(project)).toEqual(["undecided-items 1", "open-tasks 1"]);
    await done(w.call("ada", "POST", `/tasks/${task?.id}/undo`, { undo }));
    await done(answer({ verdict: "choose", classId: aClassId("c") }));
    const move = async (who: Name, to: string) => {
      const now = await done(w.call<TaskDetail>(who, "GET", `/tasks/${task?.id}`));
      await done(w.call(who, "POST", `/tasks/${task?.id}/move`, { revision: now.task.revision, to }));
    };
    await move("ada", "submitted");
    expect(await codesOf(project)).toEqual(["open-tasks 1"]);
    await move("lena", "accepted");
    expect(await codesOf(project)).toEqual([]);
    const bow = [squareRing(500, 500, 100)[0], squareRing(500, 500, 100)[2], [600, 500], [500, 600]] as [
      number,
      number,
    ][];
    const crossed = anAnnotation("x", { id: newId(annotationId), classId: aClassId("c"), under: 2 });
    await w.running.product.world.rooms.edit(layer as never, w.people.ada.id, (doc) =>
      doc.put({ ...crossed, geometry: { type: "polygon", rings: [bow] } }),
    );
    expect(await codesOf(project)).toEqual(["blocking-findings 1"]);
  });

  it("[FRZ3] frozen twice from the same data has the same files with the same bytes; only name and number differ", async () => {
    const project = await w.project(aGuideline(["a", "b"], { exhaustive: false }));
    const read = await readSlide(project, "read");
    await drawnSlide(project, "drawn", "b");
    await read.submit();
    await read.unblind();
    await read.decideAll();
    const first = (await freeze(project, "one")).body;
    const second = (await freeze(project, "two", {}, "lars")).body;
    expect(second.files).toEqual(first.files);
    expect(first.files.map((file) => file.path.replaceAll(/[a-z0-9]{16}/g, "ID"))).toEqual([
      "agreement/ID.json",
      "decisions/ID.json",
      "exceptions.json",
      "ground-truth/ID.geojson",
      "ground-truth/ID.geojson",
      "guideline.json",
      "reads/ID/ID.geojson",
      "reads/ID/ID.geojson",
    ]);
    const parsed = (release: ReleaseDetail) => JSON.parse(release.manifest);
    expect({ ...parsed(second), release: null }).toEqual({ ...parsed(first), release: null });
    expect([first.number, second.number]).toEqual([1, 2]);
    for (const release of [first, second]) {
      expect(sha256(release.manifest)).toBe(release.hash);
      for (const file of release.files) {
        const { text, headers } = await fileOf(release, file.path);
        expect(sha256(text), file.path).toBe(file.sha256);
        expect(headers.get("etag")).toBe(`"${file.sha256}"`);
        expect(headers.get("content-disposition")).toMatch(/^attachment/);
      }
    }
    const list = await done(w.call<Page<Release>>("vic", "GET", `/projects/${project}/releases`));
    expect(list.items.map((each) => each.name)).toEqual(["two", "one"]);
  });

  it("[FRZ4] holds what the reads agree on, the decisions with their reasons, and what is to be ignored", async () => {
    const project = await w.project(aGuideline(["a", "b"], { exhaustive: false }));
    const read = await readSlide(project, "read");
    await read.submit();
    await read.unblind();
    await read.decideAll();
    const release = (await freeze(project)).body;
    const truth = JSON.parse((await fileOf(release, `ground-truth/${read.slide}.geojson`)).text);
    expect(truth.features).toHaveLength(1);
    expect(truth.features[0].properties.classification).toEqual({ name: "class a", color: expect.any(Array) });
    const decisions = JSON.parse((await fileOf(release, `decisions/${read.slide}.json`)).text);
    expect(decisions.decisions).toMatchObject([{ method: "exclude", reason: "artefact", version: 1 }]);
    expect(decisions.ignored).toHaveLength(1);
    const manifest = JSON.parse(release.manifest);
    expect(manifest).toMatchObject({
      guidelineNumber: 1,
      classes: [
        { id: aClassId("a"), annotations: 1, areaUm2: 10_000 },
        { id: aClassId("b"), annotations: 0, areaUm2: 0 },
      ],
      slides: [{ id: read.slide, part: "train", annotations: 1 }],
    });
    expect(release.manifest).not.toMatch(/\b(ada|bea)\b|example\.org/i);
  });

  it("[FRZ10] says to ignore what was outlined of a class that was retired that way; what was set aside is nowhere", async () => {
    const project = await w.project(aGuideline(["a", "b", "c"], { exhaustive: true }));
    const { slide, layer } = await drawnSlide(project, "s");
    await w.draw("ada", layer, [
      { classId: "b", geometry: square(900, 900, 100) },
      { classId: "c", geometry: square(1_500, 1_500, 100) },
    ]);
    const next = aGuideline([aClass("a", { retired: true }), "b", aClass("c", { retired: true })], {
      exhaustive: true,
    });
    await done(w.publish(project, next, [{ ...declare.retire("a"), ignore: true }, declare.retire("c")]));
    const release = await done(freeze(project));
    const truth = JSON.parse((await fileOf(release, `ground-truth/${slide}.geojson`)).text);
    expect(truth.features).toHaveLength(1);
    const decisions = JSON.parse((await fileOf(release, `decisions/${slide}.json`)).text);
    expect(decisions).toEqual({ decisions: [], ignored: [square(100, 100, 300)] });
  });

  it("[FRZ5] is never changed: not by work that follows, and not in the database", async () => {
    const project = await w.project(aGuideline(["a"], { exhaustive: false }));
    const { layer, slide } = await drawnSlide(project, "s");
    const release = (await freeze(project)).body;
    const path = `ground-truth/${slide}.geojson`;
    const before = (await fileOf(release, path)).text;
    await w.draw("ada", layer, [{ classId: "a", geometry: square(900, 900, 50) }]);
    expect((await fileOf(release, path)).text).toBe(before);
    expect((await freeze(project)).body.hash).not.toBe(release.hash);
    for (const statement of [
      "update releases set name = 'x' where id = $1",
      "delete from releases where id = $1",
      "update release_files set content = 'x' where release_id = $1",
      "delete from release_files where release_id = $1",
    ]) {
      await expect(w.pool.query(statement, [release.id]), statement).rejects.toThrow(
        /append-only|never changed|immutable/,
      );
    }
  });

  it("[FRZ6] may hold chosen slides only, and a slide of elsewhere refuses it", async () => {
    const project = await w.project(aGuideline(["a"], { exhaustive: false }));
    const { slide } = await drawnSlide(project, "in");
    await w.bareSlide(project, "out");
    expect(await codesOf(project)).toEqual(["no-ground-truth 1"]);
    const release = (await freeze(project, "r", { slideIds: [slide] })).body;
    expect(JSON.parse(release.manifest).slides).toHaveLength(1);
    const other = await drawnSlide(await w.project(aGuideline(["a"])), "foreign");
    for (const id of [other.slide, "zzzzzzzzzzzzzzzz", "no id"]) {
      const refused = await freeze(project, "r", { slideIds: [slide, id] });
      expect(refused, id).toMatchObject({ status: 404, body: { code: "not-found", detail: { slideId: id } } });
    }
  });

  it("[FRZ7] of several at once each gets its own number, and the audit chain holds while others write to it", async () => {
    const project = await w.project(aGuideline(["a"], { exhaustive: false }));
    await drawnSlide(project, "s");
    const noise = Array.from({ length: 12 }, (_, index) =>
      w.call("lars", "POST", `/projects/${project}/invitations`, { role: "viewer", days: index + 1 }),
    );
    const answers = await Promise.all([freeze(project, "x"), freeze(project, "y"), freeze(project, "z")]);
    expect((await Promise.all(noise)).every((each) => each.status === 200)).toBe(true);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(answers.map((answer) => answer.body.number).sort()).toEqual([1, 2, 3]);
    expect((await verifyAudit(w.db)).brokenAt).toBeNull();
  });

  it("[FRZ8] is frozen by leads, taken out by those who work with it, and unknown to strangers", async () => {
    const project = await w.project(aGuideline(["a"], { exhaustive: false }));
    await drawnSlide(project, "s");
    for (const name of ["jo", "ada", "eve", "vic"] as const) {
      expect((await freeze(project, "r", {}, name)).status, name).toBe(403);
    }
    const release = (await freeze(project)).body;
    expect((await fileOf(release, "guideline.json", "vic")).status).toBe(403);
    expect((await fileOf(release, "guideline.json", "stranger")).status).toBe(404);
    expect((await fileOf(release, "no/such/file")).status).toBe(404);
    expect((await fileOf(release, "guideline.json", "ada")).status).toBe(200);
    const audit = await w.call("lena", "GET", `/projects/${project}/audit?limit=5`);
    expect(audit.text).toContain("release.exported");
    expect(audit.text).toContain("release.frozen");
  });

  it("[FRZ9] is one that comes back: its ground truth imports into an empty layer and freezes to the same file", async () => {
    const guideline = aGuideline(["a", "b"], { exhaustive: false });
    const project = await w.project(guideline);
    const { slide } = await drawnSlide(project, "s");
    const release = (await freeze(project)).body;
    const { text } = await fileOf(release, `ground-truth/${slide}.geojson`);
    const again = await w.project(guideline);
    const target = await w.bareSlide(again, "s");
    const { id } = await done(w.call<Layer>("lena", "POST", `/slides/${target}/layers`));
    const report = await done(w.call<{ added: number }>("ada", "POST", `/layers/${id}/geojson`, JSON.parse(text)));
    expect(report.added).toBe(1);
    const second = (await freeze(again)).body;
    expect((await fileOf(second, `ground-truth/${target}.geojson`)).text).toBe(text);
  });
});
