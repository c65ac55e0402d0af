import { describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { annotationId, releaseId, roundId, taskId } from "#domain/ids.ts";
import type { ConsensusView } from "#server/api/schemas/consensus.ts";
import type { ReleaseDetail } from "#server/api/schemas/releases.ts";
import type { ImportReport } from "#server/api/schemas/slides.ts";
import { aClassId, aGuideline, squareRing } from "#tests/support/builders.ts";
import { type CrashWorld, ownCrashWorld } from "#tests/support/crash-world.ts";
import type { Name, Round } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a", "b"], { exhaustive: false });

const submit = async (w: CrashWorld, round: Round, names: readonly Name[]) => {
  for (const name of names) {
    expect((await w.call(name, "POST", `/layers/${round.layers(name)}/submit`)).status).toBe(200);
  }
};
/** Two reads that differ in every one of so many outlines, and what people may do about them. */
const disputed = async (w: CrashWorld, outlines: number) => {
  const round = await w.round("open", ["ada", "bea"]);
  await w.draw("ada", round.layers("ada"), Array(outlines).fill("a"));
  await w.draw("bea", round.layers("bea"), Array(outlines).fill("b"));
  await submit(w, round, ["ada", "bea"]);
  const path = `/rounds/${round.id}/slides/${w.slideIds[0]}`;
  const { body } = await w.call<ConsensusView>("jo", "GET", `${path}/consensus`);
  expect(body.disputes).toHaveLength(outlines);
  return { path, consensusKey: body.key, keys: body.disputes.map(({ key }) => key) };
};

describe("a line that breaks at each statement from a round to its release", { timeout: 600_000 }, () => {
  it("[CRA18] leaves a round opened whole or not, and unblinded or not, with its audit entry and its notices", async () => {
    const w = await ownCrashWorld({ slides: 2 });
    await w.publish(FIRST);
    const readerIds = [w.people.ada.personId, w.people.bea.personId];
    let id = newId(roundId);
    const opened = await w.play({
      async prepare(step) {
        id = newId(roundId);
        const body = { id, name: `round ${step}`, mode: "open", slideIds: w.slideIds, readerIds };
        return () => w.call("lena", "POST", `/projects/${w.projectId}/rounds`, body);
      },
      async look() {
        const isDone = (await w.rows("rounds", `id = '${id}'`)) === 1;
        const parts = await Promise.all(
          ["round_slides", "round_readers", "layers"].map((table) => w.rows(table, `round_id = '${id}'`)),
        );
        expect([...parts, await w.audited("round.opened", id)]).toEqual(isDone ? [2, 2, 4, 1] : [0, 0, 0, 0]);
        expect(await w.audited("round.opened")).toBe(await w.rows("rounds"));
        return { isDone };
      },
    });
    let blind: Round | null = null;
    const unblinded = await w.play({
      async prepare() {
        blind = await w.round("blind", ["ada", "bea"]);
        await submit(w, blind, ["ada", "bea"]);
        const path = `/rounds/${blind.id}/unblind`;
        return () => w.call("lena", "POST", path);
      },
      async look() {
        const of = blind?.id ?? "";
        const isDone = (await w.rows("rounds", `id = '${of}' and unblinded_at is not null`)) === 1;
        const stored = [
          await w.audited("round.unblinded", of),
          await w.rows("notifications", `round_id = '${of}' and kind = 'round-unblinded'`),
        ];
        expect(stored).toEqual(isDone ? [1, 2] : [0, 0]);
        return { isDone };
      },
      again: "already-unblinded",
    });
    expect([opened > 8, unblinded > 8]).toEqual([true, true]);
  });

  it("[CRA16] leaves a dispute decided or not, with its outlines in the record, and an adjudicator's place taken or not", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const { path, consensusKey, keys } = await disputed(w, 78);
    let next = 0;
    let disputeKey = "";
    const inRecord = "a join layers l on l.id = a.layer_id and l.kind = 'ground-truth'";
    const decided = await w.play({
      async prepare() {
        disputeKey = keys[next++] ?? "";
        const body = { consensusKey, disputeKey, decision: { method: "accept-read", read: 0, reason: "slip" } };
        return () => w.call("jo", "POST", `${path}/adjudications`, body);
      },
      async look() {
        const taken = await w.rows("adjudications", `dispute_key = '${disputeKey}'`);
        expect([0, 1]).toContain(taken);
        const decisions = await w.rows("adjudications");
        expect(await w.audited("dispute.adjudicated")).toBe(decisions);
        expect(await w.rows(`annotations ${inRecord}`)).toBe(decisions);
        expect(await w.rows("layers", "kind = 'ground-truth'")).toBe(await w.audited("layer.created"));
        return { isDone: taken === 1 };
      },
      again: "dispute-decided",
    });
    expect(await w.rows("layers", "kind = 'ground-truth'")).toBe(1);
    const placed = await w.play({
      async prepare(step) {
        disputeKey = keys[step % 2] ?? "";
        return () => w.call("jo", "PUT", `${path}/adjudicators/me`, { disputeKey });
      },
      look: async () => ({ isDone: (await w.rows("dispute_places", `dispute_key = '${disputeKey}'`)) === 1 }),
    });
    expect([decided > 20, placed > 4]).toEqual([true, true]);
  });

  it("[CRA22] leaves disputes given to somebody or not, once, with the task's history, its notice and its audit entry", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const { path, keys: disputeKeys } = await disputed(w, 3);
    let id = newId(taskId);
    const broken = await w.play({
      async prepare() {
        id = newId(taskId);
        const body = { id, assigneeId: w.people.jo.personId, disputeKeys };
        return () => w.call("lena", "POST", `${path}/adjudication-tasks`, body);
      },
      async look() {
        const isDone = (await w.rows("tasks", `id = '${id}'`)) === 1;
        const stored = [
          await w.rows("task_events", `task_id = '${id}'`),
          await w.rows("notifications", `task_id = '${id}'`),
          await w.audited("adjudication.created", id),
        ];
        expect(stored).toEqual(isDone ? [1, 1, 1] : [0, 0, 0]);
        return { isDone };
      },
    });
    expect(broken).toBeGreaterThan(8);
  });

  it("[CRA20] leaves a file imported whole and once, or not at all", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const layer = (await w.round("open", ["ada"])).layers("ada");
    const feature = (x: number, more: object = {}) => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [[...squareRing(x, 10, 30), [x, 10]]] },
      properties: { objectType: "annotation", classification: { name: "class a" }, ...more },
    });
    let id = newId(annotationId);
    let before = 0;
    const answers = new Set<string>();
    const broken = await w.play({
      async prepare(step) {
        id = newId(annotationId);
        before = await w.rows("annotations");
        const named = feature(step + 100, { concord: { id: newId(annotationId) } });
        const file = { type: "FeatureCollection", features: [feature(step), named] };
        return async () => {
          const answer = await w.call<ImportReport>("ada", "POST", `/layers/${layer}/geojson?id=${id}`, file);
          if (answer.status === 200) answers.add(JSON.stringify(answer.body));
          return answer;
        };
      },
      async look() {
        const isDone = (await w.rows("imports", `id = '${id}'`)) === 1;
        expect(await w.rows("annotations")).toBe(before + (isDone ? 2 : 0));
        expect(await w.audited("annotations.imported")).toBe(await w.rows("imports"));
        return { isDone };
      },
    });
    expect(broken).toBeGreaterThan(8);
    expect([...answers]).toEqual([JSON.stringify({ added: 2, repaired: [] })]);
    const other = { type: "FeatureCollection", features: [feature(3_000)] };
    const refused = await w.call("ada", "POST", `/layers/${layer}/geojson?id=${id}`, other);
    expect(refused).toMatchObject({ status: 400, body: { code: "bad-request" } });
  });

  it("[CRA21] leaves a release frozen with all of its files, once, or none of it", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const round = await w.round("together", ["ada"]);
    await w.draw("ada", round.layers(null), ["a", "b"]);
    let id = newId(releaseId);
    let files = 0;
    const broken = await w.play({
      async prepare(step) {
        id = newId(releaseId);
        const body = { id, name: `release ${step}` };
        return () => w.call<ReleaseDetail>("lena", "POST", `/projects/${w.projectId}/releases`, body);
      },
      async look() {
        const isDone = (await w.rows("releases", `id = '${id}'`)) === 1;
        const stored = await w.rows("release_files", `release_id = '${id}'`);
        files ||= stored;
        expect([stored, await w.audited("release.frozen", id)]).toEqual(isDone ? [files, 1] : [0, 0]);
        expect(await w.audited("release.frozen")).toBe(await w.rows("releases"));
        return { isDone };
      },
    });
    expect([broken > 20, files > 2]).toEqual([true, true]);
  });

  it("[CRA23] refuses an id under which something else was made, or made by somebody else", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const { path, keys } = await disputed(w, 2);
    const layerId = (await w.round("open", ["cem"])).layers("cem");
    const [outline] = await w.draw("cem", layerId, ["a"]);
    const ofProject = (rest: string) => `/projects/${w.projectId}${rest}`;
    const box = { kind: "box", slideId: w.slideIds[0], box: [0, 0, 50, 50] };
    const round = { name: "one", mode: "open", slideIds: w.slideIds, readerIds: [w.people.ada.personId] };
    const rework = { layerId, annotationIds: [outline?.id], assigneeId: w.people.cem.personId, reason: "slip" };
    const given = { assigneeId: w.people.jo.personId, disputeKeys: keys };
    const region = { type: "polygon", rings: [squareRing(5, 5, 20)] };
    const made = [
      ["rounds", ofProject("/rounds"), round, { name: "another" }],
      [
        "reference_items",
        ofProject("/references"),
        { place: box, classId: aClassId("a") },
        { place: { ...box, box: [0, 0, 9, 9] } },
      ],
      ["tasks", ofProject("/tasks"), rework, { region }],
      ["tasks", `${path}/adjudication-tasks`, given, { disputeKeys: keys.slice(1) }],
    ] as const;
    for (const [table, address, body, other] of made) {
      const named = { id: newId(annotationId), ...body };
      const before = await w.rows(table);
      expect((await w.call("lena", "POST", address, named)).status, address).toBe(200);
      for (const [name, sent] of [["lena", { ...named, ...other }] as const, ["lars", named] as const]) {
        const refused = await w.call(name, "POST", address, sent);
        expect(refused, `${address} of ${name}`).toMatchObject({ status: 400, body: { code: "bad-request" } });
      }
      expect(await w.rows(table)).toBe(before + 1);
    }
  });
});
