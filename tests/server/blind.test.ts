import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { newId } from "#db/new-id.ts";
import { annotationId, type ProjectId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import type { ConsensusView } from "#server/api/schemas/consensus.ts";
import type { ReleaseDetail } from "#server/api/schemas/releases.ts";
import type { Round } from "#server/api/schemas/rounds.ts";
import type { Layer, Slide, SlideView } from "#server/api/schemas/slides.ts";
import type { Thread } from "#server/api/schemas/talk.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { type Joined, joined, type Listening, listening } from "#tests/support/api-listening.ts";
import { type ApiWorld, apiWorld, type Name, type Page, smallTiff } from "#tests/support/api-world.ts";
import {
  aClass,
  aClassId,
  aGuideline,
  anAnnotation,
  declare,
  square,
  withClass,
  withClasses,
} from "#tests/support/builders.ts";
import { until } from "#tests/support/fake-socket.ts";
import { socketWith } from "#tests/support/sync-server.ts";

const ABSENT = "zzzzzzzzzzzzzzzz";
const WATCHED = ["ada", "lena", "lars"] as const;
type Watched = (typeof WATCHED)[number];

let w: ApiWorld;
let project: ProjectId;
let slide: Slide;
let round: Awaited<ReturnType<ApiWorld["round"]>>;
let task: Task;
/** What Lars said to Bea about her read. */
let thread: Thread;
/** A layer, a task and so on of every kind, by path parameter. */
let ids: Record<string, readonly string[]>;
let beasOutline: string;
/** Another outline of hers, which is waived and which she takes away. */
let beasWaived: string;
/** Of everything else that goes on in the project while they read. */
let around: Around;
type Around = {
  /** An open round of Bea and Cem on the slide that the others read blind, with places where they differ. */
  readonly open: Awaited<ReturnType<ApiWorld["round"]>>;
  /** A blind round of Bea and Cem on the same slide, which neither Ada nor Lena is in. */
  readonly second: Awaited<ReturnType<ApiWorld["round"]>>;
  readonly disputes: readonly string[];
  readonly consensusKey: string;
  /** Slides of the bridge set, of a release, and of references. */
  readonly slides: readonly [bridge: string, released: string, referred: string];
  readonly trial: string;
  readonly question: string;
  readonly release: { readonly id: string; readonly path: string };
  readonly reference: string;
  /** What neither reader may ever be sent. */
  readonly secrets: readonly string[];
};

/** Ada, Bea and the lead Lena read the same slide blind; Lars leads without reading. */
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(FIRST);
  const uploaded = await w.fetch<Slide>(`/api/v1/projects/${project}/slides?name=one&case=c`, {
    method: "POST",
    headers: { authorization: `Bearer ${w.token("lena")}` },
    body: await smallTiff({}),
  });
  slide = uploaded.body;
  const team = await w.call<Layer>("lena", "POST", `/slides/${slide.id}/layers`);
  round = await w.round(project, "blind", [slide.id], ["ada", "bea", "lena"]);
  const layers = (["ada", "bea", "lena"] as const).map((name) => round.layer(slide.id, name));
  for (const [index, name] of (["ada", "bea", "lena"] as const).entries()) {
    const [outline, second] = await w.draw(name, layers[index] ?? "", [
      { classId: "a", geometry: square(50, 50, 100) },
      { classId: "a", geometry: square(50, 200, 100) },
      { classId: "a", geometry: square(50, 350, 100) },
    ]);
    if (name === "bea") [beasOutline = "", beasWaived = ""] = [outline?.id, second?.id];
  }
  around = await everythingElse();
  const rework = { layerId: layers[1], annotationIds: [beasOutline], assigneeId: w.people.bea.id, reason: "too-loose" };
  task = (await w.call<Task>("lars", "POST", `/projects/${project}/tasks`, rework)).body;
  const said = { text: "follow the rim", annotationId: beasOutline, mentions: [w.people.bea.id] };
  thread = (await w.call<Thread>("lars", "POST", `/layers/${layers[1]}/comments`, said)).body;
  const tasks = await w.call<Page<Task>>("lars", "GET", `/projects/${project}/tasks`);
  const own = await w.call<Page<Task>>("ada", "GET", `/projects/${project}/tasks`);
  ids = {
    projectId: [project],
    slideId: [slide.id, ...around.slides],
    layerId: [
      ...layers,
      team.body.id,
      around.open.layer(slide.id, "bea"),
      around.second.layer(slide.id, "bea"),
      ABSENT,
    ],
    roundId: [round.id, around.open.id, around.second.id],
    taskId: [...new Set([...tasks.body.items, ...own.body.items].map(({ id }) => id)), ABSENT],
    threadId: [thread.id, ABSENT],
    trialId: [around.trial, ABSENT],
    questionId: [around.question, ABSENT],
    releaseId: [around.release.id, ABSENT],
    personId: [w.people.bea.id],
    invitationId: [ABSENT],
    tokenId: [ABSENT],
    token: [ABSENT],
    path: [around.release.path],
  };
});

const FIRST = aGuideline(["a", "b", "e"]);
/** The version that is forced upon the blind round: a narrower class, one that means something else, and a merge. */
const SECOND = withClass(
  withClass(withClass(FIRST, "a", { definition: "less" }), "b", { definition: "something else" }),
  "e",
  { retired: true },
);

async function done<Body>(name: Name, method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<Body> {
  const answer = await w.call<Body>(name, method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBe(200);
  return answer.body;
}

/**
 * One of everything that tells leads and members something: a second round with disputes and a decision, a version in force
 * with its tasks, waivers, references, a trial of the next draft, a question, a bridge set and a release.
 */
async function everythingElse(): Promise<Around> {
  const base = `/projects/${project}`;
  const [bridge, released, referred] = [
    await w.bareSlide(project, "two"),
    await w.bareSlide(project, "three"),
    await w.bareSlide(project, "four"),
  ];
  const open = await w.round(project, "open", [slide.id], ["bea", "cem"]);
  const reads = { bea: open.layer(slide.id, "bea"), cem: open.layer(slide.id, "cem") };
  await w.draw("bea", reads.bea, [
    { classId: "a", geometry: square(50, 50, 100) },
    { classId: "a", geometry: square(300, 300, 100) },
  ]);
  await w.draw("cem", reads.cem, [
    { classId: "a", geometry: square(50, 50, 100) },
    { classId: "b", geometry: square(300, 300, 100) },
    { classId: "b", geometry: square(450, 50, 100) },
  ]);
  for (const name of ["bea", "cem"] as const) await done(name, "POST", `/layers/${reads[name]}/submit`);
  const said = [declare.narrow("a"), declare.redefine("b"), declare.merge(["e"], "b")];
  await done("lars", "PUT", `${base}/guideline/draft`, { revision: 0, content: SECOND, declarations: said });
  await done("lars", "POST", `${base}/guideline/publish`, { parent: 1, forced: true });
  const consensus = await done<ConsensusView>("jo", "GET", `/rounds/${open.id}/slides/${slide.id}/consensus`);
  const disputes = consensus.disputes.map(({ key }) => key);
  expect(disputes.length).toBeGreaterThan(1);
  const [first = ""] = disputes;
  await decide(open.id, consensus.key, first, "guideline-silent");
  const { id: shared } = await done<Layer>("lena", "POST", `/slides/${released}/layers`);
  await w.draw("cem", shared, [{ classId: "a", geometry: square(100, 100, 300), under: 2 }]);
  const frozen = { name: "first", slideIds: [released] };
  const release = await done<ReleaseDetail>("lars", "POST", `${base}/releases`, frozen);
  const refer = (classId: string, on: string) => ({
    place: { kind: "box", slideId: on, box: [100, 100, 300, 300] },
    classId: aClassId(classId),
  });
  for (const name of ["a", "b"]) await done("lars", "POST", `${base}/references`, refer(name, referred));
  const hidden = await done<{ id: string }>("lars", "POST", `${base}/references`, refer("b", slide.id));
  const regions = [{ slideId: bridge, name: "front", box: [100, 100, 500, 500] }];
  await done("lars", "PUT", `${base}/bridge`, { regions, readerIds: [w.people.bea.id, w.people.lena.id] });
  const waived = { reason: "an outline of the pilot", expiresAt: "2999-01-01T00:00:00Z" };
  await done("lars", "POST", `${base}/waivers`, {
    ...waived,
    scope: { kind: "annotations", ids: [beasOutline, beasWaived] },
  });
  await done("lars", "POST", `${base}/waivers`, {
    ...waived,
    reason: "late reads",
    scope: { kind: "class", classId: aClassId("b") },
  });
  const second = await w.round(project, "blind", [slide.id], ["bea", "cem"]);
  const place = { kind: "outline", layerId: round.layer(slide.id, "bea"), annotationId: beasOutline };
  const asked = { title: "Does mucin without cells count?", classId: aClassId("a"), place };
  const question = await done<{ id: string }>("bea", "POST", `${base}/questions`, asked);
  const next = withClasses(SECOND, aClass("c"));
  await done("lars", "PUT", `${base}/guideline/draft`, { revision: 0, content: next, declarations: [] });
  const trial = await done<{ id: string }>("lars", "POST", `${base}/guideline/trials`, {
    name: "as it is",
    slideIds: [slide.id],
  });
  return {
    open,
    second,
    disputes,
    consensusKey: consensus.key,
    slides: [bridge, released, referred],
    trial: trial.id,
    question: question.id,
    release: { id: release.id, path: release.files[0]?.path ?? "" },
    reference: hidden.id,
    secrets: [beasOutline, hidden.id, "Does mucin without cells count?", "an outline of the pilot"],
  };
}

async function decide(roundId: string, consensusKey: string, disputeKey: string, reason: string): Promise<void> {
  const decision = { method: "unresolved", reason, note: "it does not say" };
  const path = `/rounds/${roundId}/slides/${slide.id}/adjudications`;
  await done("jo", "POST", path, { consensusKey, disputeKey, replaces: null, decision });
}
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

type Described = {
  readonly paths: Record<
    string,
    Record<string, { readonly parameters?: { readonly name: string; readonly in: string }[] }>
  >;
};

/** What the questions of an address may be, by its parameter; the same word asks for another thing in other places. */
function queries(path: string): Record<string, readonly string[]> {
  const classes = ["a", "b"].map(aClassId);
  return {
    limit: ["1", "200"],
    cursor: path.endsWith("/tasks") ? [task.id] : path.endsWith("/audit") ? ["2"] : [],
    age: [],
    assignee: [w.people.bea.id],
    reader: [w.people.bea.id],
    differs: [w.people.bea.id],
    slide: [slide.id],
    round: [round.id, around.open.id],
    class: classes,
    kind: path.endsWith("/disputes")
      ? ["missed", "class-conflict"]
      : ["migration", "rework", "requalify", "repeat-read"],
    state: path.endsWith("/disputes") ? ["all"] : path.endsWith("/questions") ? ["open"] : ["submitted", "in-progress"],
    a: ["0"],
    b: ["1"],
    x: classes,
    y: classes,
    task: [task.id],
    flagged: ["decided", "read"],
    of: ["decided", "read"],
    version: ["1", "2"],
    group: ["change", "class", "person", "slide"],
    since: ["1"],
    washoutDays: ["0"],
    unread: ["true", "false"],
  };
}

/** The addresses of all GET operations with all ids and all questions, whole and page by page. */
async function addresses(): Promise<string[]> {
  const { body } = await w.call<Described>(null, "GET", "/openapi.json");
  const found: string[] = [];
  for (const [path, { get }] of Object.entries(body.paths)) {
    if (get === undefined || path.endsWith("/events")) continue;
    const asked = queries(path);
    const parameters = (get.parameters ?? []).filter((each) => each.in === "query").map(({ name }) => name);
    expect(
      parameters.filter((name) => asked[name] === undefined),
      `nothing to ask by at ${path}`,
    ).toEqual([]);
    const questions = parameters.flatMap((name) => (asked[name] ?? []).map((value) => `?${name}=${value}`));
    for (const address of filled(path)) for (const query of ["", ...questions]) found.push(`${address}${query}`);
  }
  found.push(`/api/v1/projects/${project}/tasks?limit=1&cursor=${task.id}`);
  const view = await w.call<SlideView>("ada", "GET", `/slides/${slide.id}/view`);
  const tile = (level: number, column: number) =>
    view.body.tileUrl.replace("{level}", `${level}`).replace("{column}", `${column}`).replace("{row}", "0");
  return [...found, slide.thumbnailUrl, tile(0, 0), tile(0, 1), tile(1, 0), tile(7, 0)];
}

function filled(path: string): string[] {
  const [, key] = /\{(\w+)\}/.exec(path) ?? [];
  if (key === undefined) return [path];
  expect(ids[key], `nothing of the kind ${key} is there`).toBeDefined();
  return (ids[key] ?? []).flatMap((id) => filled(path.replace(`{${key}}`, encodeURIComponent(id))));
}

/** Writes that are refused; what they say must not depend on anybody's work either. */
function refusals(): [method: string, path: string, body?: object][] {
  const [, beas, , team] = ids["layerId"] ?? [];
  const decision = { consensusKey: "k", disputeKey: "d", decision: { method: "exclude", reason: "slip" } };
  const answer = { annotationId: beasOutline, contentHash: "x", answer: { verdict: "keep" } };
  const rework = { layerId: beas, annotationIds: [beasOutline], assigneeId: w.people.ada.id, reason: "slip" };
  return [
    ["POST", `/layers/${beas}/submit`],
    ["POST", `/layers/${beas}/reopen`],
    ["POST", `/layers/${beas}/geojson`, { type: "FeatureCollection", features: [] }],
    ["POST", `/layers/${team}/submit`],
    ["POST", `/slides/${slide.id}/layers`],
    ["DELETE", `/slides/${slide.id}`],
    ["POST", `/rounds/${round.id}/unblind`],
    ["POST", `/rounds/${around.second.id}/unblind`],
    ["POST", `/rounds/${round.id}/slides/${slide.id}/adjudications`, decision],
    ["POST", `/projects/${project}/tasks`, rework],
    ["POST", `/projects/${project}/tasks/reassign`, { taskIds: [task.id], assigneeId: w.people.ada.id }],
    ["POST", `/projects/${project}/tasks/assign`, { taskIds: [task.id], rule: { kind: "author" } }],
    ["POST", `/layers/${beas}/comments`, { text: "x", place: { x: 1, y: 1 } }],
    ["POST", `/tasks/${task.id}/comments`, { text: "x" }],
    ["PATCH", `/threads/${thread.id}`, { resolved: true }],
    ["PATCH", `/tasks/${task.id}`, { revision: 0, priority: 2 }],
    ["POST", `/tasks/${task.id}/move`, { revision: 0, to: "cancelled" }],
    ["POST", `/tasks/${task.id}/resolve`, answer],
    ["POST", `/tasks/${task.id}/undo`, { undo: "x" }],
    ["POST", `/projects/${project}/releases`, { name: "r" }],
    ["POST", `/projects/${project}/guideline/publish`, { parent: 7 }],
  ];
}

/** What asks without being a GET: what would be, for tasks that are there. */
function asking(): [path: string, body: object][] {
  const preview = `/projects/${project}/tasks/assignment-preview`;
  const taskIds = ids["taskId"] ?? [];
  return (["balanced", "author", "not-author"] as const).map((kind) => [preview, { taskIds, rule: { kind } }]);
}

/**
 * Time, and what the asking itself changes: measurements of the machine, the token's own last use; of a burn-down, which
 * ends now, what is left at its end.
 */
function steady(text: string): string {
  return text
    .replaceAll(/"burnDown":\[(?:\{[^}]*\},)*(?:\{"at":"[^"]*",("left":\d+)\})?\]/g, '"burnDown":[$1]')
    .replaceAll(/"(lagMs|rssMiB)":[\d.]+/g, '"$1":0')
    .replaceAll(/"lastUsedAt":("[^"]*"|null)/g, '"lastUsedAt":0');
}

/** Everything a person can get by asking, byte for byte: status, headers, body. */
async function everything(name: Name): Promise<Map<string, string>> {
  const taken = new Map<string, string>();
  const keep = (key: string, { status, text, headers }: Awaited<ReturnType<ApiWorld["fetch"]>>) => {
    const shown = [...headers].filter(([header]) => !["date", "content-length"].includes(header));
    taken.set(key, steady(`${status}\n${JSON.stringify(shown)}\n${text}`));
  };
  const headers = { authorization: `Bearer ${w.token(name)}`, "content-type": "application/json" };
  for (const path of await addresses()) keep(`GET ${path}`, await w.fetch(path, { headers }));
  for (const [path, body] of asking()) {
    const answer = await w.fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    keep(`POST ${path} ${JSON.stringify(body)}`, answer);
  }
  for (const [method, path, body] of name === "lars" ? [] : refusals()) {
    const answer = await w.fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const refused = answer.status >= 400 || answer.text.startsWith('{"moved":0,');
    expect(refused, `${method} ${path} ${answer.text}`).toBe(true);
    keep(`${method} ${path}`, answer);
  }
  return taken;
}

/** What differs, by address; a diff that names the leak. */
function differences(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
}

type Watch = { readonly own: Joined; readonly stream: Listening };

/** What comes by itself: the own room's socket, and the stream of the project. */
async function watch(name: Watched): Promise<Watch> {
  const headers = { authorization: `Bearer ${w.token(name)}` };
  const layer = name === "lars" ? (ids["layerId"]?.[3] ?? "") : round.layer(slide.id, name);
  return { own: await joined(w, layer, headers), stream: await listening(w, project, headers) };
}

const HEARTBEAT = "1,1,0";
const heard = ({ own, stream }: Watch) => ({
  frames: own.frames.map(String).filter((frame) => frame !== HEARTBEAT),
  text: stream.text().replaceAll(/: still here\n\n/g, ""),
});

/**
 * Bea's working day: cursor, strokes, changes, a rework task, handing in, getting back, handing in again, staying.
 * @returns ends it
 */
async function beaWorks(): Promise<() => void> {
  const layer = round.layer(slide.id, "bea");
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${w.base.replace("http", "ws")}/sync`, layer, doc, {
    WebSocketPolyfill: socketWith({ authorization: `Bearer ${w.token("bea")}` }),
    disableBc: true,
  });
  await until(() => provider.synced, "bea is synced");
  provider.awareness.setLocalStateField("cursor", { x: 5, y: 5 });
  const drawing = new LayerDoc(doc);
  for (const x of [100, 200, 300]) {
    drawing.put(anAnnotation("x", { id: newId(annotationId), geometry: square(x, 100, 40) }));
  }
  const rows = async () => (await w.pool.query("select id from annotations where layer_id = $1", [layer])).rows.length;
  await until(async () => (await rows()) === 6, "bea's strokes are stored");
  await beaElsewhere();
  const detail = await done<TaskDetail>("bea", "GET", `/tasks/${task.id}`);
  const [item] = detail.items;
  await done("bea", "POST", `/tasks/${task.id}/resolve`, {
    annotationId: item?.annotationId,
    contentHash: item?.contentHash,
    answer: { verdict: "keep" },
  });
  const now = await done<TaskDetail>("bea", "GET", `/tasks/${task.id}`);
  await done("bea", "POST", `/tasks/${task.id}/move`, { revision: now.task.revision, to: "submitted" });
  const more = { layerId: layer, annotationIds: [beasOutline], assigneeId: w.people.bea.id, reason: "slip" };
  await done("lars", "POST", `/projects/${project}/tasks`, more);
  const word = { text: "like this?", threadId: thread.id, mentions: [w.people.lars.id] };
  await done("bea", "POST", `/layers/${layer}/comments`, word);
  await done("lars", "POST", `/tasks/${task.id}/comments`, { text: "thank you", mentions: [w.people.bea.id] });
  const given = { taskIds: [task.id], rule: { kind: "author" } };
  await done("lars", "POST", `/projects/${project}/tasks/assign`, given);
  await done("bea", "GET", `/layers/${layer}/geojson`);
  await done("bea", "POST", `/layers/${layer}/submit`);
  await done("lars", "POST", `/layers/${layer}/reopen`);
  await done("bea", "POST", `/layers/${layer}/submit`);
  return () => provider.destroy();
}

/**
 * What Bea does besides, and the adjudicator, who has never drawn before, with the team: answers what the version asks and hands one on, draws by its new meaning and in the trial, talks
 * about her question, hands in her read of the bridge set; and the adjudicator decides about her other read.
 */
async function beaElsewhere(): Promise<void> {
  const own = await done<Page<Task>>("bea", "GET", `/projects/${project}/tasks?limit=200`);
  const migration = own.items.find(
    ({ kind, layerId }) => kind === "migration" && layerId === round.layer(slide.id, "bea"),
  );
  const { items } = await done<TaskDetail>("bea", "GET", `/tasks/${migration?.id}`);
  const waiting = items.filter(({ state, annotationId: id }) => state === "waiting" && id !== beasOutline);
  expect(waiting.length).toBeGreaterThan(2);
  for (const [index, { annotationId: id, contentHash }] of waiting.entries()) {
    const answer = index === 0 ? { verdict: "cannot-tell", note: "blurred" } : { verdict: "keep" };
    await done("bea", "POST", `/tasks/${migration?.id}/resolve`, { annotationId: id, contentHash, answer });
  }
  await w.draw("bea", round.layer(slide.id, "bea"), [{ classId: "b", geometry: square(500, 500, 60), under: 2 }]);
  await w.running.product.world.rooms.edit(round.layer(slide.id, "bea"), w.people.bea.id, (doc) => {
    doc.remove(annotationId.parse(beasWaived));
  });
  const outline = { classId: aClassId("c"), geometry: square(10, 10, 60) };
  await done("bea", "PUT", `/trials/${around.trial}/slides/${slide.id}/outlines/${newId(annotationId)}`, outline);
  await done("bea", "POST", `/questions/${around.question}/comments`, { text: "as on the other slide" });
  const read = own.items.find(({ kind }) => kind === "repeat-read")?.layerId ?? "";
  await w.draw("bea", read, [{ classId: "a", geometry: square(150, 150, 80), under: 2 }]);
  await done("bea", "POST", `/layers/${read}/submit`);
  for (const name of ["bea", "cem"] as const) {
    await w.draw(name, around.second.layer(slide.id, name), [{ classId: "a", geometry: square(20, 20, 80), under: 2 }]);
    await done(name, "POST", `/layers/${around.second.layer(slide.id, name)}/submit`);
  }
  await w.draw("jo", ids["layerId"]?.[3] ?? "", [{ classId: "b", geometry: square(420, 60, 50), under: 2 }]);
  await makeTasks(w.running.product.world, project);
  const { key } = await done<ConsensusView>("jo", "GET", `/rounds/${around.open.id}/slides/${slide.id}/consensus`);
  await decide(around.open.id, key, around.disputes[1] ?? "", "guideline-ambiguous");
}

describe("blind reading", { timeout: 240_000 }, () => {
  it("[BLN1] no byte of another reader's work reaches a reader before unblinding, by whatever way; also a lead who reads", async () => {
    const watches = Object.fromEntries(
      await Promise.all(WATCHED.map(async (name) => [name, await watch(name)] as const)),
    );
    const before = Object.fromEntries(
      await Promise.all(WATCHED.map(async (name) => [name, await everything(name)] as const)),
    );
    const told = Object.fromEntries(WATCHED.map((name) => [name, heard(watches[name] as Watch)]));
    const beaLeaves = await beaWorks();
    for (const name of ["ada", "lena"] as const) {
      const after = await everything(name);
      expect(after.size).toBeGreaterThan(250);
      const changed = differences(before[name] ?? new Map(), after);
      expect(
        changed.map((key) => [key, before[name]?.get(key), after.get(key)]),
        `leaks to ${name}`,
      ).toEqual([]);
      expect(heard(watches[name] as Watch), `told to ${name}`).toEqual(told[name]);
      for (const [key, text] of after) {
        for (const secret of around.secrets) expect(text, `${key} to ${name}`).not.toContain(secret);
      }
    }
    // The control: to a lead who does not read, the same day shows in many places, so the comparison can see.
    const control = differences(before["lars"] ?? new Map(), await everything("lars"));
    for (const part of [
      "/rounds",
      "/overview",
      "/audit",
      "/tasks",
      "/annotations",
      "/view",
      "/geojson",
      "/comments",
      "/me/notifications",
      "/tasks/tray",
      "/tasks/board",
      "/tasks/reads",
      "/assignment-preview",
      "/guideline/preview",
      "/qualification",
      "/waivers",
      "/drift",
      "/trials/",
      "/questions",
      "/unclear",
      "/disputes",
      "/agreement",
      "/consensus",
    ]) {
      expect(
        control.some((key) => key.includes(part)),
        part,
      ).toBe(true);
    }
    expect(heard(watches["lars"] as Watch).text).not.toBe(told["lars"]?.text);
    beaLeaves();
    for (const each of Object.values(watches)) {
      each.own.leave();
      each.stream.leave();
    }
  });

  it("[BLN2] another's room, a room that is none and a team room on the slide are closed with the same bytes", async () => {
    const [, beas = "", , team = ""] = ids["layerId"] ?? [];
    for (const name of ["ada", "lena"] as const) {
      for (const layer of [beas, team, ABSENT]) {
        const socket = await joined(w, layer, { authorization: `Bearer ${w.token(name)}` });
        expect([socket.closed, socket.frames], `${name} ${layer}`).toEqual([{ code: 4404, reason: "not-found" }, []]);
      }
    }
  });

  it("[BLN3] a cursor in one's own room goes to nobody who reads blind, and nobody speaks in another's name", async () => {
    const own = await joined(w, round.layer(slide.id, "lena"), { authorization: `Bearer ${w.token("lena")}` });
    const beas = new WebsocketProvider(
      `${w.base.replace("http", "ws")}/sync`,
      round.layer(slide.id, "bea"),
      new Y.Doc(),
      {
        WebSocketPolyfill: socketWith({ authorization: `Bearer ${w.token("bea")}` }),
        disableBc: true,
      },
    );
    await until(() => beas.synced, "bea is synced");
    beas.awareness.setLocalState({ user: { id: w.people.lena.id, name: "lena" }, cursor: { x: 1, y: 1 } });
    const lars = await joined(w, round.layer(slide.id, "bea"), { authorization: `Bearer ${w.token("lars")}` });
    const presence = () =>
      lars.frames.filter((frame) => frame[0] === 1 && frame.length > 3).map((frame) => Buffer.from(frame));
    await until(() => presence().some((frame) => frame.includes('"x":1')), "lars sees the cursor");
    expect(presence().some((frame) => frame.includes('"name":"bea"'))).toBe(true);
    expect(presence().some((frame) => frame.includes('"name":"lena"'))).toBe(false);
    expect(own.frames.filter((frame) => frame[0] === 1 && frame.length > 3)).toEqual([]);
    beas.destroy();
    own.leave();
    lars.leave();
  });

  it("[BLN4] a blind reader counts only what is theirs, and has no say over what they may not see", async () => {
    const rounds = async (name: Name) =>
      (await w.call<Page<Round>>(name, "GET", `/projects/${project}/rounds`)).body.items.find(
        ({ id }) => id === round.id,
      );
    for (const name of ["ada", "lena"] as const) {
      const shown = await rounds(name);
      expect(shown?.readers.map((reader) => reader.name)).toEqual([name]);
      expect(shown?.reads.map((read) => read.readerId)).toEqual([w.people[name].id]);
      const overview = await w.call<{ progress: unknown; balance: { count: number }[] }>(
        name,
        "GET",
        `/projects/${project}/overview`,
      );
      expect(overview.body.progress).toBeNull();
      // Their own three, and the one of the slide that nobody reads blind.
      expect(overview.body.balance.reduce((sum, row) => sum + row.count, 0)).toBe(4);
    }
    for (const path of ["audit", "releases", "blockers"]) {
      expect((await w.call("lena", "GET", `/projects/${project}/${path}`)).status, path).toBe(403);
    }
    expect((await rounds("lars"))?.readers).toHaveLength(3);
  });

  it("[BLN5] unblinding waits for the last read, and then everything appears, also on pages that are open", async () => {
    const stream = await listening(w, project, { authorization: `Bearer ${w.token("ada")}` });
    expect(await w.call("lars", "POST", `/rounds/${round.id}/unblind`)).toMatchObject({
      status: 409,
      body: { code: "round-not-finished" },
    });
    for (const name of ["ada", "lena"] as const) {
      expect((await w.call(name, "POST", `/layers/${round.layer(slide.id, name)}/submit`)).status).toBe(200);
    }
    const beas = `/layers/${round.layer(slide.id, "bea")}`;
    expect((await w.call("ada", "GET", beas)).status).toBe(404);
    expect((await w.call("ada", "POST", `/rounds/${round.id}/unblind`)).status).toBe(403);
    expect((await w.call("lars", "POST", `/rounds/${round.id}/unblind`)).status).toBe(200);
    await until(() => stream.text().includes("has been unblinded"), "told");
    stream.leave();
    for (const name of ["ada", "lena"] as const) {
      expect((await w.call<Layer>(name, "GET", beas)).body).toMatchObject({ reader: { name: "bea" }, write: false });
      expect((await w.call(name, "GET", `${beas}/annotations`)).text).toContain(beasOutline);
      const path = `/rounds/${round.id}/slides/${slide.id}/consensus`;
      expect((await w.call<ConsensusView>(name, "GET", path)).body.reads).toHaveLength(3);
      const socket = await joined(w, round.layer(slide.id, "bea"), { authorization: `Bearer ${w.token(name)}` });
      expect(socket.closed).toBeNull();
      socket.leave();
    }
    expect(await w.call("lars", "POST", `/rounds/${round.id}/unblind`)).toMatchObject({
      status: 409,
      body: { code: "already-unblinded" },
    });
  });
});
