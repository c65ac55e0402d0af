import type { Db } from "#db/client.ts";
import { type OutlineAt, outlineKey } from "#db/outline-at.ts";
import { measuredPairs } from "#db/pairs.ts";
import type { Among, Pair } from "#db/standing.ts";
import type { AnnotationId, LayerId } from "#domain/ids.ts";
import type { Violation } from "#domain/migration/limits.ts";
import { type PairMeasure, type PairMember, PairRules, type Versions } from "#domain/migration/pairs.ts";

/** An outline that violates a rule about two, with what it violates by each of the asked histories. */
export type PairFinding = OutlineAt & {
  readonly pair: Pair;
  readonly violations: readonly (readonly Violation[])[];
};

/** Outlines that violate rules about two, by `outlineKey`. */
export type PairFindings = ReadonlyMap<string, PairFinding>;

/**
 * What was measured, by the rules of each of these histories; nothing is read where none of them asks. Among some outlines
 * only what is said of them counts: of the others of their pairs not everything is known.
 */
export async function pairFindings(db: Db, among: Among, histories: readonly Versions[]): Promise<PairFindings> {
  const rules = histories.map((history) => new PairRules(history));
  const asking = rules.filter(({ isAsking }) => isAsking);
  if (asking.length === 0) return new Map();
  const least = Math.min(...asking.map(({ leastShare }) => leastShare));
  const layers = new Map<LayerId, Layer>();
  for (const row of await measuredPairs(db, among, least)) {
    const layer: Layer = layers.get(row.layerId) ?? { members: new Map(), measures: [], measured: [] };
    layers.set(row.layerId, layer);
    const { a, b, aShare, bShare } = row;
    layer.members.set(a, { id: a, classId: row.aClass, under: row.aUnder, shape: row.aShape });
    layer.members.set(b, { id: b, classId: row.bClass, under: row.bUnder, shape: row.bShape });
    if (a === b) layer.measured.push(a);
    else layer.measures.push({ a, b, aShare, bShare });
  }
  const findings = new Map<string, PairFinding>();
  for (const [layerId, layer] of layers) {
    const byHistory = rules.map((each) =>
      each.isAsking ? each.violations(layer.members, layer.measures, layer.measured) : NOTHING,
    );
    for (const { id, classId, under, shape } of layer.members.values()) {
      const violations = byHistory.map((found) => found.get(id) ?? []);
      if (violations.every((each) => each.length === 0)) continue;
      findings.set(outlineKey({ layerId, id }), { layerId, id, pair: { classId, under, shape }, violations });
    }
  }
  return findings;
}

type Layer = {
  readonly members: Map<AnnotationId, PairMember>;
  readonly measures: PairMeasure[];
  readonly measured: AnnotationId[];
};

const NOTHING: ReadonlyMap<AnnotationId, Violation[]> = new Map();
