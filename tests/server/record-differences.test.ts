import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProjectId } from "#domain/ids.ts";
import type { QueueView } from "#server/api/schemas/agreement.ts";
import type { RecordDifferences } from "#server/api/schemas/record.ts";
import type { Notification } from "#server/api/schemas/talk.ts";
import { type ApiWorld, apiWorld, type Name, type Page } from "#tests/support/api-world.ts";
import { aClassId, aGuideline } from "#tests/support/builders.ts";
import { box, READERS, readSlide, THREE_READS } from "#tests/support/read-case.ts";

const [A, B] = [aClassId("a"), aClassId("b")];

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

const differences = (who: Name, round: string, query = "") =>
  w.call<RecordDifferences>(who, "GET", `/rounds/${round}/record-differences${query}`);

it("[UNB1] a reader has a list of where the record says something else, by class and place, with the reason", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const one = await readSlide(w, project, THREE_READS);
  const view = await one.view();
  const tie = view.disputes.find(({ bbox }) => bbox[0] === 1_200);
  if (tie === undefined) throw new Error("no tie");
  const waiting = (await differences("cem", one.round)).body;
  expect(waiting).toMatchObject({ compared: 0, differing: 0, undecided: 3, items: [], classes: [] });
  const accepted = await one.decide("jo", tie, {
    method: "accept-read",
    read: view.reads.findIndex(({ layerId }) => layerId === one.layer("bea")),
    reason: "missed",
    note: "a vessel",
  });
  expect(accepted.status).toBe(200);
  const cem = (await differences("cem", one.round)).body;
  expect(cem).toMatchObject({
    reader: { name: "cem" },
    readers: [{ name: "cem" }],
    compared: 1,
    differing: 1,
    undecided: 2,
    classes: [{ classId: B, same: 0, onlyRead: 0, onlyRecord: 1 }],
    items: [
      {
        key: tie.key,
        read: null,
        record: B,
        box: [1_200, 1_200, 1_300, 1_300],
        decision: { method: "accept-read", reason: "missed", note: "a vessel" },
      },
    ],
    nextCursor: null,
  });
  expect((await differences("bea", one.round)).body).toMatchObject({
    compared: 1,
    differing: 0,
    items: [],
    classes: [{ classId: B, same: 1, onlyRead: 0, onlyRecord: 0 }],
  });
  const ada = (await differences("ada", one.round)).body;
  expect(ada.items).toMatchObject([{ read: A, record: B }]);
  const queue = await w.call<QueueView>(
    "ada",
    "GET",
    `/projects/${project}/disputes?state=all&differs=${w.people.ada.id}`,
  );
  expect(queue.body.items.map(({ key }) => key)).toEqual([tie.key]);
});

it("[UNB2] nobody sees another's list but leads, and of a blind round nobody who reads in it", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const one = await readSlide(w, project, THREE_READS);
  const ofCem = `?reader=${w.people.cem.id}`;
  const lead = (await differences("lena", one.round, ofCem)).body;
  expect(lead.reader.name).toBe("cem");
  expect(lead.readers.map(({ name }) => name).toSorted()).toEqual([...READERS].toSorted());
  const refused: [Name, string, number, string][] = [
    ["ada", ofCem, 403, "not-allowed"],
    ["jo", ofCem, 403, "not-allowed"],
    ["vic", ofCem, 403, "not-allowed"],
    ["jo", "", 404, "not-found"],
    ["lena", "", 404, "not-found"],
    ["stranger", "", 404, "not-found"],
    ["ada", "?limit=0", 400, "bad-request"],
  ];
  for (const [who, query, status, code] of refused) {
    expect(await differences(who, one.round, query), `${who} ${query}`).toMatchObject({ status, body: { code } });
  }
  const others = `/projects/${project}/disputes?differs=${w.people.cem.id}`;
  expect(await w.call("ada", "GET", others)).toMatchObject({ status: 403, body: { code: "not-allowed" } });
  expect((await w.call("lena", "GET", others)).status).toBe(200);
});

/** A blind round that two have read and handed in. */
async function blindRound(project: ProjectId): Promise<string> {
  const slide = await w.bareSlide(project, "read blind");
  const round = await w.round(project, "blind", [slide], ["ada", "bea"]);
  for (const name of ["ada", "bea"] as const) {
    await w.draw(name, round.layer(slide, name), [box(name === "ada" ? "a" : "b", 400, 400, 200)]);
    await w.call(name, "POST", `/layers/${round.layer(slide, name)}/submit`);
  }
  return round.id;
}

it("[UNB3] unblinding a round tells each of its readers, and the notice leads to their list", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const round = await blindRound(project);
  const notices = async (who: Name) =>
    (await w.call<Page<Notification>>(who, "GET", "/me/notifications")).body.items.filter(
      ({ roundId }) => roundId === round,
    );
  for (const who of ["ada", "bea"] as const) {
    expect(await differences(who, round), who).toMatchObject({ status: 403, body: { code: "not-allowed" } });
    expect(await notices(who)).toEqual([]);
  }
  expect((await w.call("lena", "POST", `/rounds/${round}/unblind`)).status).toBe(200);
  for (const who of ["ada", "bea"] as const) {
    expect(await notices(who)).toMatchObject([{ kind: "round-unblinded", roundId: round, read: false }]);
    expect((await differences(who, round)).status).toBe(200);
  }
  for (const who of ["cem", "jo", "lena"] as const) expect(await notices(who)).toEqual([]);
});
