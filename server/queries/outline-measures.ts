import { createHash } from "node:crypto";
import type { Db } from "#db/client.ts";
import { dropOldFields } from "#db/fields.ts";
import {
  dropOldPairs,
  type LayerToMeasure,
  layersToMeasure,
  type MeasuredRow,
  markMeasured,
  type PairBox,
  pairBoxes,
  pairRecords,
  storedPairs,
  writePairs,
} from "#db/pairs.ts";
import type { AnnotationId, LayerId, ProjectId } from "#domain/ids.ts";
import { FieldRules } from "#domain/migration/fields.ts";
import { PairRules, type Versions } from "#domain/migration/pairs.ts";
import type { Computation } from "#server/jobs/computation.ts";
import { packPage } from "#server/jobs/packed-reads.ts";
import { measureFields } from "./field-measures.ts";
import { oneAfterAnother } from "./measure-progress.ts";

type Work = { readonly db: Db; readonly computation: Pick<Computation, "touching" | "shares" | "fields"> };
type Rules = { readonly pairs: PairRules; readonly fields: FieldRules };

/** Pairs whose outlines are read at once: a page moves to the worker in one piece. */
const PAIRS_PER_PAGE = 5_000;
/** While one is measured the next is read. */
const PAGES_AT_ONCE = 2;

/**
 * Measures what rules may ask that is in no row, of the layers that changed since: what two outlines share, and for how many
 * fields of view one has room. In a worker, so that no stroke waits. Nothing is measured where no such rule asks anybody.
 * What was measured for the same contents is not measured again, whatever the rules are by now. May be called at any time,
 * by several at once and any number of times, but not in a transaction that has written pairs.
 * @param history what is published, and for a preview the draft
 * @returns the number of pairs and outlines that were measured
 */
export async function measureOutlines(work: Work, projectId: ProjectId, history: Versions): Promise<number> {
  const rules = { pairs: new PairRules(history), fields: new FieldRules(history) };
  if (!rules.pairs.isAsking && !rules.fields.isAsking) return 0;
  const rulesKey = keyOf(history);
  return oneAfterAnother(work.computation, { projectId, rulesKey }, async (say) => {
    let measured = 0;
    const asked = await layersToMeasure(work.db, projectId, rulesKey);
    const layers = asked.length;
    for (const [layersDone, layer] of asked.entries()) {
      const told = (part: number) => say({ share: (layersDone + part) / layers, layers, layersDone });
      told(0);
      measured += await measureLayer(work, layer, rules, told);
    }
    return measured;
  });
}

/** What says which outlines matter: the history, and the rules of the newest version. */
function keyOf(history: Versions): string {
  const rules = history.at(-1)?.content.classes.map(({ id, parentId, rules: of }) => [id, parentId, of]);
  const text = JSON.stringify([history.map(({ number, changes }) => [number, changes]), rules]);
  return createHash("sha256").update(text).digest("hex");
}

/** @param told is given the share of the pairs that is done, 0 to 1 */
async function measureLayer(
  { db, computation }: Work,
  layer: LayerToMeasure,
  rules: Rules,
  told: (part: number) => void,
): Promise<number> {
  const { layerId, key, seq } = layer;
  const boxes = await pairBoxes(db, layerId);
  const fields = await measureFields({ db, computation }, layer, boxes, rules.fields);
  const pairs = await touchingIn(computation, boxes, rules.pairs);
  const known = new Map((await storedPairs(db, layerId)).map((row) => [`${row.a} ${row.b}`, row]));
  const isKnown = (a: PairBox, b: PairBox): boolean => {
    const row = known.get(`${a.id} ${b.id}`);
    return row !== undefined && row.aHash === a.contentHash && row.bHash === b.contentHash;
  };
  // From top to bottom, so that a page holds neighbours and an outline is read for one or two of them.
  const missing = pairs.filter(([a, b]) => !isKnown(a, b)).sort(([a], [b]) => a.minY - b.minY);
  const pages = pagesOf(missing, PAIRS_PER_PAGE);
  for (const [place, some] of pagesOf(pages, PAGES_AT_ONCE).entries()) {
    told((place * PAGES_AT_ONCE) / pages.length);
    await Promise.all(some.map((page) => measurePage({ db, computation }, layerId, page)));
  }
  // An outline that was measured against all around it says so with a row of its own.
  const nested = boxes.filter((box) => rules.pairs.asksNesting(box) && !isKnown(box, box));
  await db.transaction(async (tx) => {
    await writePairs(
      tx,
      layerId,
      nested.map(({ id, contentHash: hash }) => rowOf([id, hash], [id, hash], [1, 1])),
    );
    await dropOldPairs(tx, layerId);
    await dropOldFields(tx, layerId);
    await markMeasured(tx, layerId, key, seq);
  });
  return missing.length + fields;
}

function pagesOf<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, page) => items.slice(page * size, (page + 1) * size));
}

/** Outlines whose boxes meet, as far as what they share can decide something; boxes come by id, so the smaller is first. */
async function touchingIn(
  computation: Work["computation"],
  boxes: readonly PairBox[],
  rules: PairRules,
): Promise<[PairBox, PairBox][]> {
  const { groups, matters, groupCount } = groupsOf(boxes, rules);
  if (!matters.includes(1)) return [];
  const corners = Float64Array.from(boxes.flatMap(({ minX, minY, maxX, maxY }) => [minX, minY, maxX, maxY]));
  const found = await computation.touching({ boxes: corners, groups, matters, groupCount });
  const pairs: [PairBox, PairBox][] = [];
  for (let at = 0; at < found.length; at += 2) {
    const [a, b] = [boxes[found[at] ?? 0], boxes[found[at + 1] ?? 0]];
    if (a !== undefined && b !== undefined) pairs.push([a, b]);
  }
  return pairs;
}

/** Outlines that share class, stamp and shape, and which such groups matter to each other. */
function groupsOf(boxes: readonly PairBox[], rules: PairRules) {
  const places = new Map<string, number>();
  const members: PairBox[] = [];
  const groups = Uint16Array.from(boxes, (box) => {
    const key = `${box.classId}/${box.under}/${box.shape}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, members.length);
    return members.push(box) - 1;
  });
  const matters = Uint8Array.from(members.flatMap((a) => members.map((b) => Number(rules.matters(a, b)))));
  return { groups, matters, groupCount: members.length };
}

async function measurePage(
  { db, computation }: Work,
  layerId: LayerId,
  pairs: readonly (readonly [PairBox, PairBox])[],
) {
  const ids = [...new Set(pairs.flatMap(([a, b]) => [a.id, b.id]))];
  const records = await pairRecords(db, layerId, ids);
  const places = new Map(records.map(({ id, contentHash }, at) => [`${id} ${contentHash}`, at]));
  const present = pairs.flatMap(([a, b]) => {
    const [atA, atB] = [places.get(`${a.id} ${a.contentHash}`), places.get(`${b.id} ${b.contentHash}`)];
    // What was changed since the boxes were read has another position of the log, and is measured then.
    return atA === undefined || atB === undefined ? [] : [{ a, b, at: [atA, atB] as const }];
  });
  if (present.length === 0) return;
  const found = await computation.shares({
    page: packPage(records),
    pairs: Uint32Array.from(present.flatMap(({ at }) => [...at])),
  });
  const rows = present.map(({ a, b }, index) =>
    rowOf([a.id, a.contentHash], [b.id, b.contentHash], [found[2 * index] ?? 0, found[2 * index + 1] ?? 0]),
  );
  await writePairs(db, layerId, rows);
}

function rowOf(
  [a, aHash]: readonly [AnnotationId, string],
  [b, bHash]: readonly [AnnotationId, string],
  [aShare, bShare]: readonly [number, number],
): MeasuredRow {
  return { a, b, aHash, bHash, aShare, bShare };
}
