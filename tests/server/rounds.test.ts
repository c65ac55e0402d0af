import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { layerAccess } from "#server/access.ts";
import type { Round as RoundView, WorklistItem } from "#server/api/schemas/rounds.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { projectOverview } from "#server/queries/overview.ts";
import { aClass, aGuideline, withClasses } from "#tests/support/builders.ts";
import { until } from "#tests/support/fake-socket.ts";
import { within } from "#tests/support/lived-time.ts";
import { type Name, type Page, type Round, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

const SOME_ID = "a".repeat(16);
let w: WorkWorld;
beforeAll(async () => {
  w = await workWorld({ slides: 3 });
});
afterAll(() => w.close());

const rounds = () => `/projects/${w.projectId}/rounds`;
const request = (change = {}) => ({
  name: "Round",
  mode: "blind",
  slideIds: w.slideIds.slice(0, 2),
  readerIds: [w.people.ada.personId, w.people.bea.personId],
  ...change,
});
const seen = async (name: Name, round: Pick<Round, "id">) => {
  const { body } = await w.call<Page<RoundView>>(name, "GET", rounds());
  const found = body.items.find((each) => each.id === round.id);
  if (found === undefined) throw new Error(`${name} sees no round ${round.id}`);
  return found;
};

describe("rounds", () => {
  it("[RDS1] a round needs a published guideline", async () => {
    expect(await w.call("lena", "POST", rounds(), request())).toMatchObject({
      status: 409,
      body: { code: "no-guideline" },
    });
    await w.publish(aGuideline(["a", "b"]));
  });

  it("[RDS2] a round makes a read for each slide and reader, or one team layer for each slide", async () => {
    const blind = await w.call<RoundView>("lena", "POST", rounds(), request());
    expect(blind.body).toMatchObject({ mode: "blind", guidelineNumber: 1, unblindedAt: null });
    expect(blind.body.reads).toHaveLength(4);
    const together = await w.call<RoundView>(
      "lena",
      "POST",
      rounds(),
      request({ mode: "together", slideIds: [w.slideIds[2]] }),
    );
    expect(together.body.reads).toMatchObject([{ slideId: w.slideIds[2], readerId: null, state: "open" }]);
  });

  it("[RDS3] a round with a slide of elsewhere, or a reader who may not draw, is refused whole", async () => {
    const before = await w.call<Page<RoundView>>("lena", "GET", rounds());
    const foreign = request({ slideIds: [w.slideIds[0], SOME_ID] });
    expect(await w.call("lena", "POST", rounds(), foreign)).toMatchObject({
      status: 404,
      body: { detail: { slideId: SOME_ID } },
    });
    for (const name of ["vic", "eve", "stranger"] as const) {
      const readerIds = [w.people.ada.personId, w.people[name].personId];
      const refused = await w.call("lena", "POST", rounds(), request({ readerIds }));
      expect(refused).toMatchObject({ status: 422, body: { code: "person-not-suitable" } });
    }
    expect((await w.call<Page<RoundView>>("lena", "GET", rounds())).body.items).toHaveLength(before.body.items.length);
  });

  it("[RDS4] a worklist has one's own reads in one's own order, the same each time", async () => {
    const round = await w.round("blind", ["cem", "jo"], 3);
    const own = async (name: Name) => {
      const { body } = await w.call<Page<WorklistItem>>(name, "GET", `/projects/${w.projectId}/worklist`);
      return body.items.filter((item) => item.round.id === round.id);
    };
    await w.draw("cem", round.layers("cem", 0), ["a", "b"]);
    const cem = await own("cem");
    expect(cem.map((item) => item.layerId).sort()).toEqual([0, 1, 2].map((slide) => round.layers("cem", slide)).sort());
    expect(cem).toEqual(await own("cem"));
    expect(cem.find((item) => item.slideId === w.slideIds[0])).toMatchObject({ annotations: 2, state: "open" });
    expect((await own("jo")).every((item) => item.annotations === 0)).toBe(true);
    expect(await own("ada")).toEqual([]);
    const paged = await w.call<Page<WorklistItem>>("cem", "GET", `/projects/${w.projectId}/worklist?limit=1`);
    expect(paged.body.items).toHaveLength(1);
    const rest = await w.call<Page<WorklistItem>>(
      "cem",
      "GET",
      `/projects/${w.projectId}/worklist?limit=500&cursor=${paged.body.nextCursor}`,
    );
    expect(rest.body.items.map((item) => item.layerId)).not.toContain(paged.body.items[0]?.layerId);
  });

  it("[RDS5] a reader of a blind round sees only their own part of it, a lead who does not read in it everything", async () => {
    const round = await w.round("blind", ["ada", "bea", "lars"], 2);
    expect(await seen("ada", round)).toMatchObject({ readers: [{ name: "ada" }] });
    expect((await seen("ada", round)).reads.map((read) => read.readerId)).toEqual(Array(2).fill(w.people.ada.personId));
    expect((await seen("lars", round)).readers.map((reader) => reader.name)).toEqual(["lars"]);
    expect(await seen("cem", round)).toMatchObject({ readers: [], reads: [] });
    expect((await seen("lena", round)).reads).toHaveLength(6);
  });

  it("[RDS6] whoever reads a slide blind learns nothing of the reads of other rounds on it", async () => {
    const open = await w.round("open", ["jo", "ada"], 1);
    expect((await seen("lena", open)).reads).toHaveLength(2);
    expect((await seen("ada", open)).reads).toMatchObject([{ readerId: w.people.ada.personId }]);
  });

  it("[RDS7] a submitted read is locked at its log position, on open sockets too, and cannot be submitted twice", async () => {
    const round = await w.round("open", ["ada"], 1);
    const layerId = round.layers("ada");
    await w.draw("ada", layerId, ["a"]);
    const socket = await w.connect("ada", layerId);
    expect(socket.standing?.write).toBe(true);
    const answer = await w.call("ada", "POST", `/layers/${layerId}/submit`);
    expect(answer).toMatchObject({ status: 200, body: { state: "submitted", write: false, mine: true } });
    await within(2_000, () => socket.standing?.write === false, "the lock");
    const stored = await w.database.pool.query("select last_seq, submitted_seq from layers where id = $1", [layerId]);
    expect(stored.rows[0].submitted_seq).toBe(stored.rows[0].last_seq);
    const again = await w.call("ada", "POST", `/layers/${layerId}/submit`);
    expect(again).toMatchObject({ status: 409, body: { code: "read-not-open" } });
    socket.layer.remove(socket.annotations()[0]!.id);
    await until(() => socket.standing?.code !== null, "the refusal");
    const rows = await w.database.pool.query("select count(*)::int as n from annotations where layer_id = $1", [
      layerId,
    ]);
    expect(rows.rows[0].n).toBe(1);
    socket.drop();
  });

  it("[RDS8] only its reader submits a read, and only a lead gives it back", async () => {
    const round = await w.round("open", ["ada"], 1);
    const path = `/layers/${round.layers("ada")}`;
    for (const name of ["lena", "cem", "vic"] as const) {
      const refused = await w.call(name, "POST", `${path}/submit`);
      expect([403, 404]).toContain(refused.status);
    }
    expect(await w.call("stranger", "POST", `${path}/submit`)).toMatchObject({ status: 404 });
    await w.call("ada", "POST", `${path}/submit`);
    expect((await w.call("ada", "POST", `${path}/reopen`)).status).toBe(403);
    expect(await w.call("lena", "POST", `${path}/reopen`)).toMatchObject({
      status: 200,
      body: { state: "open", submittedAt: null },
    });
    expect(await w.call("lena", "POST", `${path}/reopen`)).toMatchObject({
      status: 409,
      body: { code: "read-not-submitted" },
    });
    expect(w.told).toContainEqual({ name: "ada", kind: "rounds", toast: "One of your reads was given back to you." });
  });

  it("[AUD12] a team layer that a lead handed in can be given back, and is opened to be looked through again", async () => {
    const own = await workWorld({ slides: 1 });
    onTestFinished(() => own.close());
    const content = aGuideline(["a", "b"]);
    await own.publish(content);
    const round = await own.round("together", ["ada"], 1);
    const layer = round.layers(null);
    const writes = async () => (await layerAccess(own.world.db, own.people.ada.personId, layer))?.write;
    await own.call("lena", "POST", `/layers/${layer}/submit`);
    expect(await writes()).toBe(false);
    expect((await own.call("ada", "POST", `/layers/${layer}/reopen`)).status).toBe(403);
    expect((await own.call("lena", "POST", `/layers/${layer}/reopen`)).status).toBe(200);
    expect(await writes()).toBe(true);
    await own.call("lena", "POST", `/layers/${layer}/submit`);
    expect((await own.publish(withClasses(content, aClass("z")))).status).toBe(200);
    const { items } = (await own.call<Page<Task>>("lena", "GET", `/projects/${own.projectId}/tasks`)).body;
    const task = items.find(({ kind, layerId }) => kind === "re-screen" && layerId === layer);
    const who = (["lena", "lars"] as const).find((name) => own.people[name].personId === task?.assignee.id)!;
    const given = { revision: task?.revision, to: "in-progress", note: "" };
    expect((await own.call(who, "POST", `/tasks/${task?.id}/move`, given)).status).toBe(200);
    expect(await writes()).toBe(true);
    const { revision } = (await own.call<TaskDetail>(who, "GET", `/tasks/${task?.id}`)).body.task;
    const signed = await own.call(who, "POST", `/tasks/${task?.id}/screened`, { revision, confirmed: true });
    expect(signed).toMatchObject({ status: 200 });
    expect(await writes()).toBe(false);
  });

  it("[RDS9] a blind round is unblinded once, by a lead, when all its reads are submitted; then all see all", async () => {
    const round = await w.round("blind", ["bea", "cem"], 1);
    const path = `/rounds/${round.id}/unblind`;
    await w.call("bea", "POST", `/layers/${round.layers("bea")}/submit`);
    expect(await w.call("lena", "POST", path)).toMatchObject({ status: 409, body: { code: "round-not-finished" } });
    await w.call("cem", "POST", `/layers/${round.layers("cem")}/submit`);
    expect((await w.call("bea", "POST", path)).status).toBe(403);
    expect((await w.call<RoundView>("lena", "POST", path)).body.unblindedAt).not.toBeNull();
    expect(await w.call("lena", "POST", path)).toMatchObject({ status: 409, body: { code: "already-unblinded" } });
    expect((await seen("vic", round)).reads).toHaveLength(2);
  });

  it("[RDS13] a lead who reads a slide of a finished round blind elsewhere neither learns of it nor unblinds it", async () => {
    const fresh = await workWorld({ slides: 2 });
    const steps = async (name: "lars" | "lena") => {
      const member = { projectId: fresh.projectId, personId: fresh.people[name].personId, role: "lead" as const };
      const { nextSteps } = await projectOverview(fresh.world, member);
      return nextSteps.filter(({ kind }) => kind === "unblind").map(({ count }) => count);
    };
    const unblind = (name: Name, { id }: Round) => fresh.call(name, "POST", `/rounds/${id}/unblind`);
    const unblinds = async (name: Name, { id }: Round) =>
      (await fresh.call<Page<RoundView>>(name, "GET", `/projects/${fresh.projectId}/rounds`)).body.items.find(
        (each) => each.id === id,
      )?.unblinds;
    const submit = (name: Name, round: Round) => fresh.call(name, "POST", `/layers/${round.layers(name)}/submit`);
    try {
      await fresh.publish(aGuideline(["a"]));
      const others = await fresh.round("blind", ["bea"], 1);
      const own = await fresh.round("blind", ["lars", "cem"], 1);
      const refused = { status: 403, body: { code: "not-allowed" } };
      expect(await unblind("lars", others)).toMatchObject(refused);
      await submit("bea", others);
      expect(await unblind("lars", others)).toMatchObject(refused);
      expect([await steps("lars"), await unblinds("lars", others)]).toEqual([[], false]);
      expect([await steps("lena"), await unblinds("lena", others)]).toEqual([[1], true]);
      await submit("cem", own);
      await submit("lars", own);
      // Handed in, but not unblinded: what the others of that slide did is still kept from them.
      expect(await unblind("lars", others)).toMatchObject(refused);
      expect(await unblind("lars", own)).toMatchObject({ status: 200 });
      expect(await steps("lars")).toEqual([1]);
      expect(await unblind("lars", others)).toMatchObject({ status: 200 });

      const [first, second] = [await fresh.round("blind", ["lars"], 1), await fresh.round("blind", ["lars"], 1)];
      await submit("lars", first);
      expect(await unblind("lars", first)).toMatchObject(refused);
      await submit("lars", second);
      expect((await unblind("lars", first)).status).toBe(200);
      expect((await unblind("lars", second)).status).toBe(200);
    } finally {
      await fresh.close();
    }
  });

  it("[RDS10] what happens in a blind round is told only to those who may know of it", async () => {
    const round = await w.round("blind", ["ada", "bea"], 1);
    w.told.length = 0;
    await w.call("ada", "POST", `/layers/${round.layers("ada")}/submit`);
    // Lars leads too, but reads the slide blind in another round.
    expect(new Set(w.told.map(({ name }) => name))).toEqual(new Set(["ada", "lena"]));
  });

  it("[RDS11] opening a blind round shuts its readers' open sockets on other people's layers of those slides", async () => {
    const fresh = await workWorld({ slides: 1 });
    try {
      await fresh.publish(aGuideline(["a"]));
      const open = await fresh.round("open", ["bea"], 1);
      const watching = await fresh.connect("ada", open.layers("bea"));
      await fresh.round("blind", ["ada"], 1);
      await until(() => watching.closes.length > 0, "the end of the socket");
      expect(watching.closes[0]?.code).toBe(4404);
    } finally {
      await fresh.close();
    }
  });

  it("[RDS12] each route of rounds is refused to those who may not, and absent for strangers", async () => {
    const round = await w.round("open", ["ada"], 1);
    for (const name of ["ada", "jo", "eve", "vic"] as const) {
      expect((await w.call(name, "POST", rounds(), request())).status).toBe(403);
      expect((await w.call(name, "POST", `/rounds/${round.id}/unblind`)).status).toBe(403);
    }
    expect((await w.call("stranger", "GET", rounds())).status).toBe(404);
    expect((await w.call("stranger", "POST", rounds(), request())).status).toBe(404);
    expect((await w.call("stranger", "GET", `/projects/${w.projectId}/worklist`)).status).toBe(404);
    expect((await w.call("stranger", "POST", `/rounds/${round.id}/unblind`)).status).toBe(404);
    expect((await w.call("lena", "POST", `/rounds/${SOME_ID}/unblind`)).status).toBe(404);
    expect((await w.call("lena", "GET", `/projects/not-an-id/rounds`)).status).toBe(404);
    const wrong = await w.call("lena", "POST", rounds(), request({ mode: "sideways" }));
    expect(wrong).toMatchObject({ status: 400, body: { code: "bad-request" } });
  });
});
