import { afterAll, beforeAll, expect, it } from "vitest";
import { demoProject, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Slide = { readonly id: string; readonly name: string; readonly width: number; readonly height: number };
type Layer = { readonly id: string };
type Detail = {
  readonly id: string;
  readonly hash: string;
  readonly manifest: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
};
type Task = {
  readonly id: string;
  readonly kind: string;
  readonly revision: number;
  readonly assignee: { readonly name: string };
};
type TaskItem = {
  readonly annotationId: string;
  readonly contentHash: string;
  readonly questions: readonly { readonly kind: string; readonly options: readonly string[] }[];
};
type Consensus = {
  readonly key: string;
  readonly disputes: readonly { readonly key: string; readonly settled: boolean; readonly verdict: string }[];
};

let app: App;
let lead: Visitor;
let dana: Visitor;
let readers: readonly Visitor[] = [];
let project: string;

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  dana = await signIn(app.url, "dana@demo.concord");
  readers = [
    await signIn(app.url, "amir@demo.concord"),
    await signIn(app.url, "beatriz@demo.concord"),
    await signIn(app.url, "chen@demo.concord"),
  ];
  project = await demoProject(lead);
});

afterAll(async () => {
  for (const visitor of [lead, dana, ...readers]) await visitor?.leave();
  await app?.stop();
});

it("[BRW7] a release is refused in the browser with a list that links to what blocks it", async () => {
  await lead.page.goto(`${app.url}/projects/${project}/releases`);
  await until(async () => /task/i.test(await lead.page.locator("main").innerText()), "open tasks are listed");
  const link = lead.page
    .locator("main")
    .getByRole("link", { name: /task on/i })
    .first();
  expect(await link.getAttribute("href")).toContain(`/projects/${project}/tasks`);
  const refused = await lead.ask("POST", `/projects/${project}/releases`, { name: "Too early" });
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ code: "release-blocked" });
});

it("[BRW8] once tasks are done and disputes decided it is frozen, and freezing the same data again gives the same bytes", async () => {
  for (const reader of readers) await answerEverything(reader);
  await acceptEverything();
  await decideEverything();
  const blockers = await lead.call<Listed<{ code: string }>>("GET", `/projects/${project}/blockers`);
  expect(blockers.items).toEqual([]);

  await lead.page.goto(`${app.url}/projects/${project}/releases`);
  await lead.page
    .getByRole("button", { name: /freeze/i })
    .first()
    .click();
  await lead.page.getByRole("dialog").getByLabel(/name/i).fill("First release");
  await lead.page
    .getByRole("dialog")
    .getByRole("button", { name: /freeze/i })
    .click();
  await until(async () => (await releases()).length === 1, "the release is frozen");
  const first = await lead.call<Detail>("GET", `/releases/${(await releases())[0]?.id}`);
  const second = await lead.call<Detail>("POST", `/projects/${project}/releases`, { name: "First release" });
  expect(second.files).toEqual(first.files);
  expect(first.files.some((file) => file.path.startsWith("ground-truth/"))).toBe(true);
});

it("[BRW9] the exported ground truth imports into an empty layer and comes out equal", async () => {
  const detail = await lead.call<Detail>("GET", `/releases/${(await releases())[0]?.id}`);
  const slides = (await lead.call<Listed<Slide>>("GET", `/projects/${project}/slides`)).items;
  const slide = slides.find((each) => each.name === "Demo 1") as Slide;
  const path = `ground-truth/${slide.id}.geojson`;
  expect(detail.files.map((file) => file.path)).toContain(path);
  const exported = await lead.call<Collection>("GET", `/releases/${detail.id}/files/${encodeURIComponent(path)}`);
  expect(exported.features.length).toBeGreaterThan(3);
  expect(exported.features[0]?.properties).toMatchObject({
    objectType: "annotation",
    classification: { name: expect.any(String), color: [expect.any(Number), expect.any(Number), expect.any(Number)] },
  });
  const layer = await lead.call<Layer>("POST", `/slides/${slide.id}/layers`);
  await lead.call("POST", `/layers/${layer.id}/geojson`, exported);
  const again = await lead.call<Collection>("GET", `/layers/${layer.id}/geojson`);
  expect(again).toEqual(exported);
  expect([lead, dana, ...readers].flatMap((visitor) => visitor.faults)).toEqual([]);
});

type Collection = { readonly features: readonly { readonly properties: unknown }[] };

async function releases(): Promise<readonly { readonly id: string }[]> {
  return (await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/releases`)).items;
}

/** Keeps where a keep will do, takes the first choice where there is one, and hands the task in. */
async function answerEverything(reader: Visitor): Promise<void> {
  const { id: me } = await reader.call<{ id: string }>("GET", "/me");
  const { items } = await reader.call<Listed<Task>>("GET", `/projects/${project}/tasks?assignee=${me}`);
  for (const task of items) {
    const { items: open } = await reader.call<{ items: readonly TaskItem[] }>("GET", `/tasks/${task.id}`);
    for (const { annotationId, contentHash, questions } of open) {
      const choice = questions.find((question) => question.kind === "choose")?.options[0];
      const answer = choice === undefined ? { verdict: "keep" } : { verdict: "choose", classId: choice };
      await reader.call("POST", `/tasks/${task.id}/resolve`, { annotationId, contentHash, answer });
    }
    const { task: now } = await reader.call<{ task: Task }>("GET", `/tasks/${task.id}`);
    await reader.call("POST", `/tasks/${task.id}/move`, { revision: now.revision, to: "submitted" });
  }
}

async function acceptEverything(): Promise<void> {
  const { items } = await lead.call<Listed<Task>>("GET", `/projects/${project}/tasks?state=submitted`);
  expect(items.length).toBeGreaterThan(0);
  for (const task of items)
    await lead.call("POST", `/tasks/${task.id}/move`, { revision: task.revision, to: "accepted" });
}

async function decideEverything(): Promise<void> {
  const { items } = await dana.call<Listed<{ roundId: string; slideId: string }>>(
    "GET",
    `/projects/${project}/consensus`,
  );
  for (const { roundId, slideId } of items) {
    const base = `/rounds/${roundId}/slides/${slideId}`;
    const { key, disputes } = await dana.call<Consensus>("GET", `${base}/consensus`);
    for (const dispute of disputes.filter((each) => !each.settled)) {
      const method = ["tie", "no-consensus"].includes(dispute.verdict) ? "exclude" : "majority";
      await dana.call("POST", `${base}/adjudications`, {
        consensusKey: key,
        disputeKey: dispute.key,
        decision: { method, reason: "class-confusion" },
      });
    }
  }
}
