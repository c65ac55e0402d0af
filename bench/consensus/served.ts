import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as Y from "yjs";
import { type Child, startChild } from "#bench/support/child.ts";
import { killPostgres } from "#bench/support/postgres.ts";
import { table } from "#bench/support/table.ts";
import { LightClient } from "#bench/sync/client.ts";
import { plainWire } from "#bench/sync/wire.ts";
import { type ConsensusParameters, computeConsensus, type Outline, type Read } from "#domain/consensus.ts";
import { moveBy } from "#domain/geometry.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { seededRandom } from "#domain/random.ts";
import { micronPerPx } from "#domain/units.ts";
import type { ConsensusView } from "#server/api/schemas/consensus.ts";
import { benchReads, CLASS_IDS } from "./reads.ts";
import type { Turns } from "./serve.ts";
import { LEAD_TOKEN, LEAST_IOU, MPP, QUORUM, readerToken, type ServedStudy, SIDE_PX } from "./served-study.ts";

const CHANGES = 5;

/**
 * How long the server's own thread is held up by somebody who opens a slide's consensus, while outlines change and a
 * dispute is decided: the whole product without pages, its database beside it. Every answer must be what the reads say.
 */
export async function servedSection(objects: number, seed: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
  const args = [folder, String(objects), String(seed)];
  const child = await startChild(join(import.meta.dirname, "serve.ts"), args, { node: ["--import", "tsx"] });
  try {
    const rows = await watched(child, objects, seed);
    const head = ["the server beside its database", "longest turn, its own ms", "longest delay, ms"];
    return [
      table(head, rows),
      `5 readers x ${objects} objects. Every answer was that of the reads as they were, computed apart, before its turns were looked at.`,
    ].join("\n\n");
  } finally {
    await child.stop();
    await killPostgres(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function watched(child: Child, objects: number, seed: number) {
  const study = (await child.ask("study")) as ServedStudy;
  const lead = callsAs(child.port, LEAD_TOKEN);
  const rows = new Map<string, Turns>();
  const during = async <Result>(what: string, act: () => Promise<Result>): Promise<Result> => {
    await pause(SETTLED_MS);
    await child.ask("turns");
    const result = await act();
    await pause(SETTLED_MS);
    rows.set(what, longer(rows.get(what), (await child.ask("turns")) as Turns));
    return result;
  };
  const page = () => openedPage(lead, study);
  let reads = benchReads(seed, objects);
  check(await during("the page of a slide, computed from nothing", page), reads, study);
  check(await during("the page again, from what is stored", page), reads, study);
  const random = seededRandom(seed);
  for (let change = 0; change < CHANGES; change++) {
    const reader = Math.floor(random() * reads.length);
    const place = Math.floor(random() * (reads[reader]?.outlines.length ?? 0));
    const [dx, dy] = [Math.round(8 * random()), Math.round(8 * random())];
    reads = reads.map((read, at) => (at === reader ? withMoved(read, place, dx, dy) : read));
    const outline = reads[reader]?.outlines[place];
    if (outline === undefined) throw new Error("there is no outline to move");
    const layerId = study.layerIds[reader] ?? "";
    await during("a read given back", () => lead("POST", `/layers/${layerId}/reopen`));
    await during("its room opened, one outline moved", () => redrawn({ port: child.port, layerId, reader, outline }));
    await during("handed in", () => callsAs(child.port, readerToken(reader))("POST", `/layers/${layerId}/submit`));
    check(await during("the page after it", page), reads, study);
  }
  const view = await page();
  await during("the worst dispute decided", () => decided(lead, study, view));
  const after = await during("the page after it, with the decision", page);
  if (after.disputes.filter(({ decision }) => decision !== null).length !== 1) throw new Error("nothing was decided");
  await during("the project's board", () => lead("GET", `/projects/${study.projectId}/agreement`));
  await during("the list of slides", () => lead("GET", `/projects/${study.projectId}/consensus`));
  return [...rows].map(([what, { own, late }]) => [what, own, late]);
}

/** Turns settle, and what is left of them is counted, for so long. */
const SETTLED_MS = 20;

function longer(before: Turns | undefined, now: Turns): Turns {
  if (before === undefined) return now;
  const own = before.own === null || now.own === null ? null : Math.max(before.own, now.own);
  return { own, late: Math.max(before.late, now.late) };
}

type Calls = <Body>(method: "GET" | "POST", path: string, body?: unknown) => Promise<Body>;

function callsAs(port: number, token: string): Calls {
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { method, headers, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
}

/** What the page of a slide asks for, at once as the page does. */
async function openedPage(lead: Calls, { projectId, roundId, slideId }: ServedStudy): Promise<ConsensusView> {
  const [view] = await Promise.all([
    lead<ConsensusView>("GET", `/rounds/${roundId}/slides/${slideId}/consensus`),
    lead("GET", `/projects/${projectId}/disputes?round=${roundId}&slide=${slideId}`),
    lead("GET", `/projects/${projectId}/guideline`),
  ]);
  return view;
}

/** @throws Error where an answer is not what the reads say */
function check(view: ConsensusView, reads: readonly Read[], { layerIds }: ServedStudy): void {
  const parameters: ConsensusParameters = {
    quorum: QUORUM,
    minDisputeUm2: 0,
    mpp: micronPerPx(MPP),
    region: { minX: 0, minY: 0, maxX: SIDE_PX, maxY: SIDE_PX },
    classIds: CLASS_IDS,
    rules: CLASS_IDS.map((classId) => ({ classId, objects: { leastIou: LEAST_IOU } })),
  };
  const named = reads.map(({ outlines }, place) => ({ readerKey: layerIds[place] ?? "", outlines }));
  const { disputes, overall } = computeConsensus(named, parameters);
  const { percentAgreement, fleiss, alpha, ac1 } = overall;
  const [said, expected] = [
    [view.disputes.map(({ key }) => key), view.overallAsRead],
    [disputes.map(({ key }) => key), { percentAgreement, fleiss, alpha, ac1 }],
  ].map((each) => JSON.stringify(each));
  if (said !== expected) throw new Error("the server's consensus is not that of the reads");
}

function withMoved({ readerKey, outlines }: Read, place: number, dx: number, dy: number): Read {
  const moved = (outline: Outline): Outline => ({ ...outline, geometry: moveBy(outline.geometry, dx, dy) });
  return { readerKey, outlines: outlines.map((outline, at) => (at === place ? moved(outline) : outline)) };
}

type Redrawing = {
  readonly port: number;
  readonly layerId: string;
  readonly reader: number;
  readonly outline: Outline;
};

/** A reader joins and draws one outline anew, as a page does. */
async function redrawn({ port, layerId, reader, outline }: Redrawing): Promise<void> {
  const layer = new LayerDoc(new Y.Doc());
  let onTold: () => void = () => undefined;
  const told = new Promise<void>((resolve) => {
    onTold = resolve;
  });
  const client = new LightClient(
    {
      url: `ws://127.0.0.1:${port}/sync/${layerId}?packed=1`,
      headers: { authorization: `Bearer ${readerToken(reader)}` },
      wire: plainWire({ marks: true }),
    },
    { onDocument: (bytes) => Y.applyUpdate(layer.doc, bytes, "server"), onTold },
  );
  await client.joined();
  layer.doc.on("update", (bytes: Uint8Array, origin: unknown) => {
    if (origin !== "server") client.update(bytes);
  });
  const { annotationId: id, classId, geometry } = outline;
  layer.put({ id, classId, geometry, under: 1, attributes: {}, note: "" });
  await told;
  await client.close();
}

async function decided(lead: Calls, { roundId, slideId }: ServedStudy, view: ConsensusView): Promise<void> {
  const worst = view.disputes.find(({ majority, settled }) => majority !== null && !settled);
  if (worst === undefined) throw new Error("there is nothing to decide");
  await lead("POST", `/rounds/${roundId}/slides/${slideId}/adjudications`, {
    consensusKey: view.key,
    disputeKey: worst.key,
    decision: { method: "majority", reason: "slip" },
  });
}
