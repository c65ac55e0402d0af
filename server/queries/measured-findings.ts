import type { Db } from "#db/client.ts";
import { shortOfFields } from "#db/fields.ts";
import { type OutlineAt, outlineKey } from "#db/outline-at.ts";
import { measuredPairs } from "#db/pairs.ts";
import type { Among, Pair } from "#db/standing.ts";
import { fieldSidePx } from "#domain/fields-of-view.ts";
import type { AnnotationId, LayerId } from "#domain/ids.ts";
import { FieldRules } from "#domain/migration/fields.ts";
import type { Violation } from "#domain/migration/limits.ts";
import { type PairMeasure, type PairMember, PairRules, type Versions } from "#domain/migration/pairs.ts";

/** An outline that violates a rule by what was measured, with what it violates by each of the asked histories. */
export type MeasuredFinding = OutlineAt & {
  readonly pair: Pair;
  readonly violations: readonly (readonly Violation[])[];
};

/** Outlines that violate rules by what was measured, by `outlineKey`. */
export type MeasuredFindings = ReadonlyMap<string, MeasuredFinding>;

/**
 * What was measured, by the rules of each of these histories; nothing is read where none of them asks. Among some outlines
 * only what is said of them counts: of the others of their pairs not everything is known.
 */
export async function measuredFindings(
  db: Db,
  among: Among,
  histories: readonly Versions[],
): Promise<MeasuredFindings> {
  const findings = new Map(await pairFindings(db, among, histories));
  for (const [key, finding] of await fieldFindings(db, among, histories)) {
    const known = findings.get(key)?.violations;
    const violations = finding.violations.map((each, place) => [...each, ...(known?.[place] ?? [])]);
    findings.set(key, { ...finding, violations });
  }
  return findings;
}

/** Outlines that have no room for the fields of view of their class, though they are large enough for them. */
async function fieldFindings(db: Db, among: Among, histories: readonly Versions[]): Promise<MeasuredFindings> {
  const rules = histories.map((history) => new FieldRules(history));
  if (!rules.some(({ isAsking }) => isAsking)) return new Map();
  const findings = new Map<string, MeasuredFinding>();
  for (const { layerId, id, sidePx, mpp, fields, ...pair } of await shortOfFields(db, among)) {
    const known = findings.get(outlineKey({ layerId, id }))?.violations;
    const violations = rules.map((each, place) => {
      const rule = each.asked(pair);
      const isShort = rule !== null && fieldSidePx(rule.sideUm, mpp) === sidePx && fields < rule.count;
      return isShort ? [{ rule: "fieldOfView", other: null }] : (known?.[place] ?? []);
    });
    if (violations.every((each) => each.length === 0)) continue;
    findings.set(outlineKey({ layerId, id }), { layerId, id, pair, violations });
  }
  return findings;
}

async function pairFindings(db: Db, among: Among, histories: readonly Versions[]): Promise<MeasuredFindings> {
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
  const findings = new Map<string, MeasuredFinding>();
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
