import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { annotationId, taskId } from "#domain/ids.ts";
import type { GuidelineView } from "#server/api/schemas/guideline.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type CrashWorld, crashWorld } from "#tests/support/crash-world.ts";
import type { Answer, Page, Round } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a", "b"], { exhaustive: false });

let w: CrashWorld;
let round: Round;
beforeAll(async () => {
  w = await crashWorld({ slides: 1 });
  await w.publish(FIRST);
  round = await w.round("open", ["ada", "bea"]);
});
afterAll(() => w.close());

const path = (rest: string) => `/projects/${w.projectId}/guideline${rest}`;
const number = (query: string) => w.number(query);
const audited = (action: string) => w.audited(action);
const tasks = async () =>
  (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks?limit=200`)).body.items;

describe("a line that breaks at each statement", { timeout: 600_000 }, () => {
  it("[CRA1] leaves publishing done or not done at all, and its tasks are there once after the next run", async () => {
    for (const name of ["ada", "bea"] as const) await w.draw(name, round.layers(name), ["a", "a", "b"]);
    const parentOf = () => number("select max(number)::int as n from guideline_versions");
    let parent = 0;
    const broken = await w.play({
      prepare: async (step) => {
        parent = await parentOf();
        const draft = (await w.call<GuidelineView>("lena", "GET", path(""))).body.draft;
        const content = withClass(FIRST, "a", { definition: `less ${step} ${parent}` });
        const body = { revision: draft?.revision ?? 0, content, declarations: [declare.narrow("a")] };
        expect((await w.call("lena", "PUT", path("/draft"), body)).status).toBe(200);
        return () => w.call("lena", "POST", path("/publish"), { parent });
      },
      look: async () => {
        const versions = await parentOf();
        const isDone = versions === parent + 1;
        expect(await number("select count(*)::int as n from guideline_drafts")).toBe(isDone ? 0 : 1);
        expect(await audited("guideline.published")).toBe(versions);
        expect(await number("select count(*)::int as n from acknowledgements")).toBe(versions);
        if (isDone) {
          await makeTasks(w.world, w.projectId);
          expect(await makeTasks(w.world, w.projectId)).toBe(0);
          const open = (await tasks()).filter(({ state }) => state === "open");
          expect(
            open.map(({ guidelineNumber, left, assignee }) => [assignee.name, guidelineNumber, left]).sort(),
          ).toEqual([
            ["ada", versions, 2],
            ["bea", versions, 2],
          ]);
        }
        return { isDone };
      },
      again: "stale-publish",
    });
    expect(broken).toBeGreaterThan(50);
  });

  it("[CRA2] leaves an answer given once or not at all, whether it is a judgement or an edit of the layer", async () => {
    const layer = round.layers("ada");
    for (const verdict of ["keep", "delete"] as const) {
      const before = await number("select count(*)::int as n from task_answers");
      await w.draw(
        "ada",
        layer,
        Array.from({ length: 50 }, () => "a"),
      );
      const task = (await tasks()).find(
        ({ state, assignee }) => ["open", "in-progress"].includes(state) && assignee.name === "ada",
      );
      const { body } = await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`);
      const items = body.items.filter(({ state }) => state === "waiting");
      let item = items[0];
      const broken = await w.play({
        prepare: async () => {
          item = items.shift();
          const { annotationId: id, contentHash } = item!;
          const body = { id: newId(annotationId), annotationId: id, contentHash, answer: { verdict } };
          return () => w.call("ada", "POST", `/tasks/${task?.id}/resolve`, body);
        },
        look: async () => {
          const id = item!.annotationId;
          const of = (table: string) => number(`select count(*)::int as n from ${table} where annotation_id = '${id}'`);
          const given = await of("task_answers");
          const there = await number(`select count(*)::int as n from annotations where id = '${id}'`);
          expect([given, there, await of("judgements")]).toEqual(
            given === 0 ? [0, 1, 0] : verdict === "keep" ? [1, 1, 1] : [1, 0, 0],
          );
          return { isDone: given === 1 };
        },
      });
      const given = (await number("select count(*)::int as n from task_answers")) - before;
      expect([broken > 8, given > broken]).toEqual([true, true]);
    }
  });

  it("[CRA10] leaves a batch of answers given whole or not at all, and taken back whole or not at all", async () => {
    for (let some = 0; some < 5; some++) {
      await w.draw(
        "ada",
        round.layers("ada"),
        Array.from({ length: 30 }, () => "a"),
      );
    }
    const task = (await tasks()).find(
      ({ state, assignee }) => ["open", "in-progress"].includes(state) && assignee.name === "ada",
    );
    const { body } = await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`);
    const waiting = body.items.filter(({ state }) => state === "waiting");
    let ids: string[] = [];
    const next = () => {
      const items = waiting
        .splice(0, 2)
        .map(({ annotationId: each, contentHash }) => ({ annotationId: each, contentHash }));
      ids = items.map(({ annotationId: each }) => each);
      return { id: newId(annotationId), items, answer: { verdict: "keep" } };
    };
    const of = (table: string, more = "true") =>
      number(`select count(*)::int as n from ${table} where annotation_id = any('{${ids.join(",")}}') and ${more}`);
    const given = await w.play({
      prepare: async () => {
        const batch = next();
        return () => w.call("ada", "POST", `/tasks/${task?.id}/answers`, batch);
      },
      look: async () => {
        const count = await of("task_answers");
        expect([0, 2]).toContain(count);
        expect(await of("judgements")).toBe(count);
        return { isDone: count === 2 };
      },
    });
    const back = await w.play({
      prepare: async () => {
        const batch = next();
        expect((await w.call("ada", "POST", `/tasks/${task?.id}/answers`, batch)).status).toBe(200);
        return () => w.call("ada", "POST", `/tasks/${task?.id}/undo`, { undo: batch.id });
      },
      look: async () => {
        const count = await of("task_answers", "undone_at is not null");
        expect([0, 2]).toContain(count);
        expect(await of("judgements", "withdrawn_at is not null")).toBe(count);
        return { isDone: count === 2 };
      },
      again: "task-not-open",
    });
    expect([given > 8, back > 8]).toEqual([true, true]);
  });

  it("[CRA11] leaves rework asked for or not, handed in or not and accepted or not, each with its history and audit entry", async () => {
    const layer = round.layers("ada");
    const [outline] = await w.draw("ada", layer, ["b"]);
    const about = { layerId: layer, annotationIds: [outline?.id], assigneeId: w.people.ada.personId, reason: "slip" };
    const path = `/projects/${w.projectId}/tasks`;
    const made = async () => (await tasks()).filter(({ kind }) => kind === "rework");
    let before = 0;
    const asked = await w.play({
      prepare: async () => {
        before = (await made()).length;
        const named = { id: newId(taskId), ...about };
        return () => w.call("lena", "POST", path, named);
      },
      look: async () => {
        const count = (await made()).length;
        const events =
          "select count(*)::int as n from task_events e join tasks t on t.id = e.task_id where t.kind = 'rework'";
        expect([await number(events), await audited("rework.created")]).toEqual([count, count]);
        return { isDone: count === before + 1 };
      },
    });
    const mine = async (id: string) => (await made()).find((task) => task.id === id);
    /** A task that ada has answered, and for the second step handed in. */
    const prepared = async (to: "submitted" | "accepted"): Promise<string> => {
      expect((await w.call("lena", "POST", path, about)).status).toBe(200);
      const id = (await made()).find(({ state }) => state === "open")?.id ?? "";
      const [item] = (await w.call<TaskDetail>("ada", "GET", `/tasks/${id}`)).body.items;
      const { annotationId: each, contentHash } = item!;
      const answer = { annotationId: each, contentHash, answer: { verdict: "keep" } };
      expect((await w.call("ada", "POST", `/tasks/${id}/resolve`, answer)).status).toBe(200);
      if (to === "submitted") return id;
      const handIn = { revision: (await mine(id))?.revision, to: "submitted" };
      expect((await w.call("ada", "POST", `/tasks/${id}/move`, handIn)).status).toBe(200);
      return id;
    };
    const steps = async (to: "submitted" | "accepted", by: "ada" | "lena") => {
      let id = "";
      return w.play({
        prepare: async () => {
          id = await prepared(to);
          const revision = (await mine(id))?.revision;
          return () => w.call(by, "POST", `/tasks/${id}/move`, { revision, to });
        },
        look: async () => {
          const isDone = (await mine(id))?.state === to;
          const events = `select count(*)::int as n from task_events where task_id = '${id}' and to_state = '${to}'`;
          const entries = `select count(*)::int as n from audit where subject = '${id}' and action = 'task.moved' and detail ->> 'to' = '${to}'`;
          expect([await number(events), await number(entries)]).toEqual(isDone ? [1, 1] : [0, 0]);
          return { isDone };
        },
        again: "task-not-open",
      });
    };
    for (const task of await made()) {
      const called = { revision: task.revision, to: "cancelled", note: "enough" };
      expect((await w.call("lena", "POST", `/tasks/${task.id}/move`, called)).status).toBe(200);
    }
    const [handedIn, accepted] = [await steps("submitted", "ada"), await steps("accepted", "lena")];
    expect([asked > 8, handedIn > 8, accepted > 8]).toEqual([true, true, true]);
  });

  it("[CRA3] leaves a task given to somebody else or not, with its history, its notice and its audit entry", async () => {
    const task = (await tasks()).find((each) => each.state !== "superseded" && each.assignee.name === "bea");
    const id = task?.id ?? "";
    const people = ["ada", "bea"] as const;
    let to: (typeof people)[number] = "ada";
    const holder = async () => (await tasks()).find((each) => each.id === id)!;
    const counts = async () => [
      await number(`select count(*)::int as n from task_events where task_id = '${id}'`),
      await number("select count(*)::int as n from notifications"),
      await audited("task.planned"),
    ];
    let before: number[] = [];
    const broken = await w.play({
      prepare: async () => {
        const { revision, assignee } = await holder();
        to = assignee.name === "ada" ? "bea" : "ada";
        before = await counts();
        const body = { revision, assigneeId: w.people[to].personId };
        return () => w.call("lena", "PATCH", `/tasks/${id}`, body);
      },
      look: async () => {
        const isDone = (await holder()).assignee.name === to;
        expect(await counts()).toEqual(before.map((count) => count + (isDone ? 1 : 0)));
        return { isDone };
      },
      again: "task-not-open",
    });
    expect(broken).toBeGreaterThan(12);
  });

  it("[CRA5] gives back every connection, also one whose line broke at the beginning of a transaction", async () => {
    const { pool, db } = w.database;
    for (let at = 1; at <= 2; at++) {
      const broke = await w.line.during(at, "before", () => db.transaction((tx) => tx.execute("select 1")));
      expect(broke).toBe(true);
    }
    expect(pool.totalCount - pool.idleCount).toBe(0);
  });

  it("[CRA4] leaves a waiver made or not, and its end with the work that comes of it", async () => {
    const waiver = {
      scope: { kind: "class", classId: aClassId("a") },
      reason: "few",
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
    const standing = async () =>
      (await w.database.pool.query("select id from waivers where withdrawn_at is null")).rows.map(({ id }) => id);
    let before = 0;
    let send = (): Promise<Answer<unknown>> => w.call("lena", "GET", "/me");
    const made = await w.play({
      prepare: async () => {
        before = (await standing()).length;
        const named = { id: newId(annotationId), ...waiver };
        send = () => w.call("lena", "POST", `/projects/${w.projectId}/waivers`, named);
        return send;
      },
      look: async () => {
        const isDone = (await standing()).length === before + 1;
        if (isDone) expect((await send()).status).toBe(200);
        expect((await standing()).length).toBe(before + (isDone ? 1 : 0));
        expect(await audited("waiver.approved")).toBe(await number("select count(*)::int as n from waivers"));
        return { isDone };
      },
    });
    expect(made).toBeGreaterThan(8);
    let id = "";
    const withdrawn = await w.play({
      prepare: async () => {
        const [first] = await standing();
        if (first === undefined)
          expect((await w.call("lena", "POST", `/projects/${w.projectId}/waivers`, waiver)).status).toBe(200);
        id = first ?? (await standing())[0];
        return () => w.call("lena", "DELETE", `/projects/${w.projectId}/waivers/${id}`);
      },
      look: async () => {
        const isDone = !(await standing()).includes(id);
        const ended = await number("select count(*)::int as n from waivers where withdrawn_at is not null");
        expect(await audited("waiver.withdrawn")).toBe(ended);
        if (isDone) await makeTasks(w.world, w.projectId);
        return { isDone };
      },
      again: "not-found",
    });
    expect(withdrawn).toBeGreaterThan(8);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });
});
