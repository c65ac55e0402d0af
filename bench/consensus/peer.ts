import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { polygonsOf } from "#domain/annotation.ts";
import type { Read } from "#domain/consensus.ts";

const SCRIPT = join(import.meta.dirname, "peer.py");
/** Debian's package belongs to the interpreter of the system, which need not be the first one found. */
const INTERPRETERS = ["python3", "/usr/bin/python3"];
const MOST_BYTES = 1 << 30;

export type PeerRun = {
  readonly versions: string;
  /** Making polygons of coordinates and their areas; not part of the comparison. */
  readonly madeMs: number;
  /** Per run: building the tree, finding pairs, intersecting them. */
  readonly runsMs: readonly (readonly [number, number, number])[];
  /** Every two outlines that share some area, by their places in all reads, and their IoU. */
  readonly pairs: readonly (readonly [number, number, number])[];
};

/** @returns null where no interpreter has shapely */
export function runPeer(reads: readonly Read[], runs: number): PeerRun | null {
  const python = INTERPRETERS.find((name) => spawnSync(name, [SCRIPT]).status === 0);
  if (python === undefined) return null;
  const objects = reads.flatMap(({ outlines }, reader) =>
    outlines.map(({ geometry }) => [reader, polygonsOf(geometry)[0]?.[0] ?? []]),
  );
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
  try {
    const file = join(folder, "objects.json");
    writeFileSync(file, JSON.stringify({ runs, objects }));
    const { status, stdout, stderr } = spawnSync(python, [SCRIPT, file], { maxBuffer: MOST_BYTES, encoding: "utf8" });
    if (status !== 0) throw new Error(`the peer failed: ${stderr}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
