import { join } from "node:path";
import { verifyAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { type LayerPlace, layerPlace } from "#db/layers.ts";
import { allLayerIds, allSlideFiles, type LogFault, logFaults } from "#db/recovery.ts";
import type { LayerId } from "#domain/ids.ts";
import { pixelsFolder } from "#server/slides/store.ts";
import type { Difference } from "#server/sync/rebuild.ts";
import { type Check, counted, counter, type Desk, requireDatabase, requireSchema, withOwnDatabase } from "./desk.ts";
import { wrongFields } from "./field-check.ts";
import { fileHash } from "./file-hash.ts";
import { epochFaults, isEmpty, rowDifference, snapshotFaults } from "./layer-check.ts";
import { wrongPairs } from "./pair-check.ts";
import { checkReleases } from "./release-check.ts";

/** So many ids of a difference are printed. */
const LISTED = 10;

/** Checks everything that can be computed again. @returns whether all of it is right */
export async function verify(desk: Desk): Promise<boolean> {
  requireDatabase(desk.env);
  return withOwnDatabase(desk, async (database) => {
    await requireSchema(database, { olderToo: false });
    return verifyDatabase(desk, database.db);
  });
}

/** The same on a database that is held already. */
export async function verifyDatabase(desk: Desk, db: Db): Promise<boolean> {
  const faults = await logFaults(db);
  const ids = await allLayerIds(db);
  report(desk, { name: "log", seen: counted(ids.length, "layer"), faults: faults.map(sayLogFault) });
  const layers = await checkLayers(desk, db, ids, new Set(faults.map((fault) => fault.layerId)));
  const checks = [...layers, await checkAudit(db), await checkReleases(desk, db), await checkSlides(desk, db)];
  for (const check of checks) report(desk, check);
  return faults.length === 0 && checks.every((check) => check.faults.length === 0);
}

function report({ say }: Pick<Desk, "say">, { name, seen, faults }: Check): void {
  say(faults.length === 0 ? `ok    ${name}: ${seen}` : `FAULT ${name}: ${seen}, ${counted(faults.length, "fault")}`);
  for (const fault of faults) say(`      ${fault}`);
}

/** @param fault as the database tells it */
export function sayLogFault({ layerId, lastSeq, end, missing, missingCount }: LogFault): string {
  const more = missingCount > missing.length ? ` and ${missingCount - missing.length} more` : "";
  const lacks = missingCount === 0 ? "" : `; missing ${missing.join(", ")}${more}`;
  return `layer ${layerId}: the log ends at ${end}, the layer says ${lastSeq}${lacks}`;
}

/** @param broken layers whose log is not whole: of those nothing can be computed */
async function checkLayers(
  desk: Desk,
  db: Db,
  ids: readonly LayerId[],
  broken: ReadonlySet<LayerId>,
): Promise<readonly Check[]> {
  const snapshots: string[] = [];
  const epochs: string[] = [];
  const rows: string[] = [];
  const pairs: string[] = [];
  const fields: string[] = [];
  let [stored, begun, measured, fitted] = [0, 0, 0, 0];
  const done = counter(desk, "layers", ids.length);
  for (const id of ids) {
    const place = broken.has(id) ? null : await layerPlace(db, id);
    if (place !== null) {
      const { seen, faults } = await snapshotFaults(db, place);
      stored += seen;
      begun += place.epoch - 1;
      snapshots.push(...faults.map((fault) => `layer ${id}: ${fault}`));
      epochs.push(...(await epochFaults(db, place)).map((fault) => `layer ${id}: ${fault}`));
      rows.push(...(await rowFaults(db, place)));
      const { seen: known, wrong } = await wrongPairs(db, id);
      measured += known;
      pairs.push(...wrong.map(({ a, b }) => `layer ${id}: ${a} and ${b} share something else`));
      const { seen: tried, wrong: misfits } = await wrongFields(db, id);
      fitted += tried;
      fields.push(...misfits.map(({ annotationId: of, fields: room }) => `layer ${id}: ${of} has room for ${room}`));
    }
    done();
  }
  const skipped = broken.size === 0 ? "" : `, ${broken.size} left out: their log is not whole`;
  return [
    { name: "epochs", seen: `${begun} begun in ${counted(ids.length, "layer")}${skipped}`, faults: epochs },
    { name: "snapshots", seen: `${stored} of ${counted(ids.length, "layer")}${skipped}`, faults: snapshots },
    { name: "rows", seen: `${counted(ids.length - broken.size, "layer")}${skipped}`, faults: rows },
    { name: "pairs", seen: `${measured} measured in ${counted(ids.length, "layer")}${skipped}`, faults: pairs },
    { name: "fields", seen: `${fitted} measured in ${counted(ids.length, "layer")}${skipped}`, faults: fields },
  ];
}

async function rowFaults(db: Db, place: LayerPlace): Promise<string[]> {
  try {
    const difference = await rowDifference(db, place);
    return isEmpty(difference) ? [] : [`layer ${place.id}: ${sayDifference(difference)}`];
  } catch (error) {
    // An update that cannot be read is a finding like others; the remaining layers still get their answer.
    return [`layer ${place.id}: the log cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** @returns such as "2 missing (a, b), 1 different (c)" */
export function sayDifference({ missing, extra, different, miscounted }: Difference): string {
  const kinds = Object.entries({ missing, extra, different, miscounted }).filter(([, ids]) => ids.length > 0);
  return kinds
    .map(([kind, ids]) => {
      const more = ids.length > LISTED ? ` and ${ids.length - LISTED} more` : "";
      return `${ids.length} ${kind} (${ids.slice(0, LISTED).join(", ")}${more})`;
    })
    .join(", ");
}

async function checkAudit(db: Db): Promise<Check> {
  const { entries, brokenAt } = await verifyAudit(db);
  const faults = brokenAt === null ? [] : [`entry ${brokenAt} does not fit the one before it`];
  return { name: "audit", seen: counted(entries, "entry", "entries"), faults };
}

async function checkSlides(desk: Desk, db: Db): Promise<Check> {
  const slides = await allSlideFiles(db);
  const faults: string[] = [];
  const done = counter(desk, "slides", slides.length);
  for (const { id, file, contentHash } of slides) {
    const path = join(pixelsFolder(desk.env.dataDir), file);
    const found = await fileHash(path);
    if (found === null) faults.push(`slide ${id}: ${path} is missing`);
    else if (found !== contentHash) faults.push(`slide ${id}: ${path} has SHA-256 ${found}, registered ${contentHash}`);
    done();
  }
  return { name: "slides", seen: counted(slides.length, "file"), faults };
}
