import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ProjectId, roundId, slideId } from "#domain/ids.ts";
import { currentConsensus } from "#server/commands/compute-consensus.ts";
import { startComputation } from "#server/jobs/computation.ts";
import { SILENT_LOG } from "#server/log.ts";
import { SharedWork } from "#server/shared-work.ts";
import { type ApiWorld, apiWorld } from "#tests/support/api-world.ts";
import { aGuideline } from "#tests/support/builders.ts";
import { type ReadCase, readSlide } from "#tests/support/read-case.ts";

describe("a consensus that several ask for at once", () => {
  let w: ApiWorld;
  let project: ProjectId;
  beforeAll(async () => {
    w = await apiWorld();
    project = await w.project(aGuideline(["a", "b"]));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await w.close();
    expect(w.faults).toEqual([]);
  });

  const counted = () => {
    const { computation } = w.running.product.world;
    return { consensus: vi.spyOn(computation, "consensus"), board: vi.spyOn(computation, "board") };
  };
  /** What a slide's page, the list of slides, and the board ask for, twice each. */
  const askAll = async (one: ReadCase) => {
    const paths = [
      `/rounds/${one.round}/slides/${one.slide}/consensus`,
      `/projects/${project}/disputes?round=${one.round}&slide=${one.slide}`,
      `/projects/${project}/consensus`,
      `/projects/${project}/agreement?round=${one.round}`,
    ];
    const answers = await Promise.all([...paths, ...paths].map((path) => w.call("lena", "GET", path)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const [at, path] of paths.entries()) expect(answers[at + paths.length]?.body, path).toEqual(answers[at]?.body);
  };

  it("[CNS81] is computed once, as the reads are and with what was decided; so is the board", async () => {
    const one = await readSlide(w, project);
    const { consensus, board } = counted();
    await askAll(one);
    expect([consensus.mock.calls.length, board.mock.calls.length]).toEqual([1, 1]);
    const [dispute] = (await one.view("jo")).disputes;
    if (dispute === undefined) throw new Error("no dispute");
    expect((await one.decide("jo", dispute, { method: "exclude" })).status).toBe(200);
    consensus.mockClear();
    board.mockClear();
    await askAll(one);
    expect(consensus.mock.calls.map(([task]) => task.decided !== null)).toEqual([true]);
    expect(board.mock.calls.length).toBe(1);
    await askAll(one);
    expect([consensus.mock.calls.length, board.mock.calls.length]).toEqual([1, 1]);
  });

  it("[CNS81] between nodes the result that is stored first decides, and both answer it", async () => {
    const one = await readSlide(w, project);
    const place = [roundId.parse(one.round), slideId.parse(one.slide)] as const;
    const here = w.running.product.world;
    const there = { db: here.db, computation: startComputation(SILENT_LOG) };
    try {
      const [a, b] = await Promise.all([currentConsensus(here, ...place), currentConsensus(there, ...place)]);
      expect(b).toMatchObject({ key: a.key, consensus: a.consensus, computedAt: a.computedAt });
      for (const part of ["disputes", "shapes", "entropy"] as const)
        expect(await b.part(part)).toEqual(await a.part(part));
      const { rows } = await w.pool.query("select 1 from consensus_results where key = $1", [a.key]);
      expect(rows.length).toBe(1);
      const spied = vi.spyOn(there.computation, "consensus");
      const again = await currentConsensus(there, ...place);
      expect([again.computedAt, spied.mock.calls.length]).toEqual([a.computedAt, 0]);
    } finally {
      await there.computation.close();
    }
  });
});

describe("work that is shared", () => {
  it("[CNS81] whoever asks while it is under way gets what it gives, or its error; afterwards it is done anew", async () => {
    const shared = new SharedWork<string>();
    const [one, other] = [{}, {}];
    const begun: string[] = [];
    let end: (result: string) => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const ask = (owner: object, name: string) =>
      shared.of(owner, name, () => {
        begun.push(name);
        return new Promise<string>((resolve, reject) => {
          end = resolve;
          fail = reject;
        });
      });
    const both = [ask(one, "a"), ask(one, "a")];
    end("first");
    expect(await Promise.all(both)).toEqual(["first", "first"]);
    const failing = [ask(one, "a"), ask(one, "a")];
    fail(new Error("no"));
    for (const each of await Promise.allSettled(failing)) expect(each.status).toBe("rejected");
    const last = ask(one, "a");
    end("third");
    expect(await last).toBe("third");
    const elsewhere = ask(other, "a");
    end("elsewhere");
    expect(await elsewhere).toBe("elsewhere");
    expect(begun).toEqual(["a", "a", "a", "a"]);
  });
});
