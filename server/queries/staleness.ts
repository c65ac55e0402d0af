import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type OutlineAt, outlineKey } from "#db/outline-at.ts";
import {
  type AskedCount,
  type AskedPair,
  type AskedRow,
  askedAnnotations,
  askedCounts,
  type Bounds,
  type Pair,
  stampCounts,
  type Within,
} from "#db/standing.ts";
import { standingWaivers } from "#db/waivers.ts";
import { effectiveRules } from "#domain/guideline/effective.ts";
import type { GuidelineChange, GuidelineContent, GuidelineVersion } from "#domain/guideline.ts";
import type { ClassId, LayerId, PersonId, ProjectId, SlideId, TaskId } from "#domain/ids.ts";
import { askedAttributes } from "#domain/migration/attributes.ts";
import {
  isNewcomer,
  pendingLimits,
  type RuleStanding,
  shapeViolations,
  type Violation,
  violationsKey,
} from "#domain/migration/limits.ts";
import { followFacts, type Resolution, resolve, type Staleness, standingOf, UNSETTLED } from "#domain/migration.ts";
import { isWaived, type StandingWaiver } from "#domain/waiver.ts";
import { type MeasuredFindings, measuredFindings } from "./measured-findings.ts";

/** Annotations by where they stand with the newest guideline version; each is counted once. */
export type StalenessCounts = {
  readonly current: number;
  readonly carriedOver: number;
  readonly archived: number;
  readonly stale: number;
  /** Stale, and handed on to the lead by somebody who could not tell. */
  readonly undecided: number;
  /** Stale or undecided, and excused by a waiver; in neither of those counts. */
  readonly waived: number;
};

/** A stale or undecided annotation, without its outline. */
export type OpenItem = Pick<
  AskedRow,
  "id" | "layerId" | "slideId" | "authorId" | "classId" | "under" | "contentHash"
> & {
  readonly standing: Staleness;
  readonly waived: boolean;
};

export type StalenessFound = StalenessCounts & {
  readonly byLayer: ReadonlyMap<LayerId, StalenessCounts>;
  /** What somebody still has to decide, layer by layer in walking order. */
  readonly items: readonly OpenItem[];
};

/** What is open in a layer of one author's, counted. */
export type OpenCount = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly authorId: PersonId;
  /** Of the others of pairs it names those of one of them. */
  readonly standing: Staleness;
  readonly waived: boolean;
  /** Tasks in which they were answered and that answer stands. */
  readonly answeredIn: readonly TaskId[];
  readonly count: number;
};

/** Versions with what they say: rules are those of the newest. */
export type Versions = readonly (Pick<GuidelineVersion, "number" | "content"> & {
  readonly changes: readonly GuidelineChange[];
})[];

/**
 * Where every annotation of a project stands. Nothing of this is stored: it follows from the stamps, the history of the
 * guideline and what people have said. Two grouped queries; single rows are read only of what is stale.
 */
export async function projectStaleness(db: Db, projectId: ProjectId): Promise<StalenessFound> {
  return await stalenessWithin(db, { projectId }, await guidelineHistory(db, projectId));
}

/** The same for a project or some layers of one, against a history that the caller has. */
export async function stalenessWithin(db: Db, within: Within, history: Versions): Promise<StalenessFound> {
  const { byLayer, asked, findings } = await settledCounts(db, within, history);
  const standing = remembered(history, findings);
  const items: OpenItem[] = [];
  const excused = await excuses(db, within, asked);
  for (const row of await askedAnnotations(db, within, asked, excused.waiverIds)) {
    const found = standing(row);
    const waived = isOpen(found) && excused.covers(row, found);
    add(tallyOf(byLayer, row.layerId), waived ? "waived" : found.state, 1);
    if (!isOpen(found)) continue;
    const { id, layerId, slideId, authorId, classId, under, contentHash } = row;
    items.push({ id, layerId, slideId, authorId, classId, under, contentHash, standing: found, waived });
  }
  return { ...sumOf(byLayer.values()), byLayer, items };
}

/** The same without single annotations: what is open by layer, author and what is asked. Grouped queries only. */
export async function openCounts(
  db: Db,
  within: Within,
  history: Versions,
): Promise<StalenessCounts & { readonly open: readonly OpenCount[] }> {
  const { byLayer, asked, findings } = await settledCounts(db, within, history);
  const standing = remembered(history, findings);
  const open: OpenCount[] = [];
  const excused = await excuses(db, within, asked);
  for (const row of await askedCounts(db, within, asked, { waiverIds: excused.waiverIds, apart: apartOf(findings) })) {
    const found = standing(row);
    const waived = isOpen(found) && excused.covers(row, found);
    add(tallyOf(byLayer, row.layerId), waived ? "waived" : found.state, row.count);
    const { layerId, slideId, authorId, answeredIn, count } = row;
    if (isOpen(found)) open.push({ layerId, slideId, authorId, standing: found, waived, answeredIn, count });
  }
  return { ...sumOf(byLayer.values()), open };
}

/** How many open annotations each of some waivers is about, whether it holds or has ended; some are counted at several. */
export async function coverCounts(
  db: Db,
  within: Within,
  history: Versions,
  waivers: readonly StandingWaiver[],
): Promise<Map<string, number>> {
  const found = new Map(waivers.map(({ id }) => [id, 0]));
  if (waivers.length === 0) return found;
  const { asked, findings } = await settledCounts(db, within, history);
  const standing = remembered(history, findings);
  const apart = apartOf(findings);
  for (const row of await askedCounts(db, within, asked, { waiverIds: naming(waivers), apart })) {
    const at = standing(row);
    if (!isOpen(at)) continue;
    for (const waiver of waivers) {
      if (isWaived(openFacts(row, at), [waiver])) found.set(waiver.id, (found.get(waiver.id) ?? 0) + row.count);
    }
  }
  return found;
}

/** What has to be read of the annotations of a pair for one or more histories; null where the pair decides by itself. */
export function askedPair(pair: Pair, histories: readonly Versions[]): AskedPair | null {
  let decides = false;
  const bounds: Bounds[] = [];
  const attributeIds = new Set<string>();
  for (const history of histories) {
    const { classId: stored, under, shape } = pair;
    const facts = { classId: stored, under, shape, attributes: null, violations: [] };
    const { classId, archived, questions, rules } = followFacts(facts, UNSETTLED, history);
    const isSettled = archived || questions.some(({ kind }) => kind === "choose");
    const limits = isSettled ? UNBOUNDED : checkedBounds(rules, history);
    const content = history.at(-1)?.content;
    const reshaped = isNewcomer(rules) && shapeViolations({ stored, classId, shape }, content).length > 0;
    const attributes = isSettled
      ? []
      : askedAttributes({ classId, stamp: under, carried: classId !== stored }, history);
    decides ||= questions.length + attributes.length > 0 || limits !== UNBOUNDED || (!isSettled && reshaped);
    bounds.push(limits);
    for (const id of attributes) attributeIds.add(id);
  }
  return decides ? { ...pair, bounds, attributeIds: [...attributeIds].sort() } : null;
}

/**
 * Where some annotations stand, by `outlineKey`, whatever their rows say by now; those that are gone are not among them.
 * One set of statements, however many layers they are in.
 */
export async function standingsOf(
  db: Db,
  rows: readonly (Pair & OutlineAt)[],
  history: Versions,
): Promise<Map<string, Staleness>> {
  const standings = new Map<string, Staleness>();
  const pairs = new Map<string, AskedPair | null>();
  const findings = await measuredFindings(db, { at: rows }, [history]);
  const found = askedWith(findings, [history]);
  const asked: OutlineAt[] = [];
  for (const { layerId, id, classId, under, shape } of rows) {
    const key = `${classId}/${under}/${shape}`;
    if (!pairs.has(key)) pairs.set(key, found({ classId, under, shape }));
    if (pairs.get(key) !== null) asked.push({ layerId, id });
    else standings.set(outlineKey({ layerId, id }), resolve(classId, under, history, shape));
  }
  const chosen = [...pairs.values()].filter((pair) => pair !== null);
  const standing = remembered(history, findings);
  for (const row of await askedAnnotations(db, { at: asked }, chosen)) standings.set(outlineKey(row), standing(row));
  return standings;
}

/** The newest version that a question of this item comes from. */
export function askedBy({ standing }: { readonly standing: Pick<Staleness, "questions"> }): number {
  return Math.max(0, ...standing.questions.map(({ version }) => version));
}

/** The same, with pairs of which an annotation violates a rule about two: they are looked at more closely too. */
export function askedWith(
  findings: MeasuredFindings,
  histories: readonly Versions[],
): (pair: Pair) => AskedPair | null {
  const keyOf = ({ classId, under, shape }: Pair): string => `${classId}/${under}/${shape}`;
  const violating = new Set([...findings.values()].map(({ pair }) => keyOf(pair)));
  const unbounded = { bounds: histories.map(() => UNBOUNDED), attributeIds: [] };
  return (pair) => askedPair(pair, histories) ?? (violating.has(keyOf(pair)) ? { ...pair, ...unbounded } : null);
}

/**
 * Rules of the newest version that annotations violate: by their sizes, by what was measured, and by class and shape alone.
 * Those that share the latter are followed once.
 */
export function violationsBy(
  history: Versions,
): (pair: Pair, sizes: readonly string[], measured: readonly Violation[]) => Violation[] {
  const content = history.at(-1)?.content;
  const known = new Map<string, readonly Violation[]>();
  const byShape = ({ classId: stored, under, shape }: Pair): readonly Violation[] => {
    const key = `${stored}/${under}/${shape}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { classId } = resolve(stored, under, history, shape);
    const found = shapeViolations({ stored, classId, shape }, content);
    known.set(key, found);
    return found;
  };
  return (pair, sizes, measured) => [
    ...sizes.map((rule) => ({ rule, other: null })),
    ...measured.filter(({ rule, other }) => other !== null || !sizes.includes(rule)),
    ...byShape(pair),
  ];
}

/** Annotations that are counted by themselves: what they violate is in no row of theirs. */
export function apartOf(findings: MeasuredFindings): OutlineAt[] {
  return [...findings.values()].map(({ layerId, id }) => ({ layerId, id }));
}

const UNBOUNDED: Bounds = { minUm2: null, maxUm2: null, fieldsUm2: null };

/** Sizes that may be asked about: where a rule became stricter, or all are new to what was carried over. */
function checkedBounds(rules: RuleStanding, history: Versions): Bounds {
  const isStricter = pendingLimits(rules, history).length > 0;
  const bounds = isStricter || isNewcomer(rules) ? boundsOf(history.at(-1)?.content, rules.classId) : UNBOUNDED;
  const isBounded = Object.values(bounds).some((each) => each !== null);
  return isStricter || isBounded ? bounds : UNBOUNDED;
}

function boundsOf(content: GuidelineContent | undefined, classId: ClassId): Bounds {
  const rules = content === undefined ? null : effectiveRules(content, classId);
  if (rules === null) return UNBOUNDED;
  const { minAreaUm2, maxAreaUm2, fieldOfView } = rules;
  const fieldsUm2 = fieldOfView === null ? null : fieldOfView.count * fieldOfView.sideUm ** 2;
  return { minUm2: minAreaUm2, maxUm2: maxAreaUm2, fieldsUm2 };
}

/** Counts what its class and stamp decide alone, and says which pairs have to be looked at more closely. */
async function settledCounts(db: Db, within: Within, history: Versions) {
  const byLayer = new Map<LayerId, Tally>();
  const resolutions = new Map<string, Resolution | AskedPair>();
  const stamps = await stampCounts(db, within);
  const findings = await measuredFindings(db, within, [history]);
  const found = askedWith(findings, [history]);
  for (const { layerId, count, classId, under, shape } of stamps) {
    const pair = { classId, under, shape };
    const key = `${classId}/${under}/${shape}`;
    const known = resolutions.get(key) ?? found(pair) ?? resolve(classId, under, history, shape);
    resolutions.set(key, known);
    if ("state" in known) add(tallyOf(byLayer, layerId), known.state, count);
  }
  return {
    byLayer,
    findings,
    asked: [...resolutions.values()].filter((each): each is AskedPair => !("state" in each)),
  };
}

type Decided = Omit<AskedRow, "id" | "contentHash" | "namedBy"> & (Pick<AskedRow, "id"> | Pick<AskedCount, "apart">);

/** Where annotations stand; those that share everything that decides are followed once. */
function remembered(history: Versions, findings: MeasuredFindings): (row: Decided) => Staleness {
  const known = new Map<string, Staleness>();
  const violationsIn = violationsBy(history);
  return ({ layerId, classId, under, shape, violated, attributes, keeps, handedOn, ...row }) => {
    const id = "id" in row ? row.id : row.apart;
    const measured = id === null ? undefined : findings.get(outlineKey({ layerId, id }))?.violations[0];
    const violations = violationsIn({ classId, under, shape }, violated[0] ?? [], measured ?? []);
    // An item names the outlines that it is in a pair with; for a count they are as good as each other.
    const told = "id" in row ? violations : violationsKey(violations);
    const key = JSON.stringify([classId, under, shape, told, attributes, keeps, handedOn]);
    const facts = { classId, under, shape, attributes, violations };
    const found = known.get(key) ?? standingOf(facts, { keeps, handedOn }, history);
    known.set(key, found);
    return found;
  };
}

/** The exceptions that hold, where anything is open that they could excuse. */
async function excuses(db: Db, within: Within, asked: readonly AskedPair[]) {
  const waivers = asked.length === 0 ? [] : await standingWaivers(db, within);
  const covers = (row: Pick<AskedRow, "slideId" | "namedBy">, standing: Staleness): boolean =>
    isWaived(openFacts(row, standing), waivers);
  return { waiverIds: naming(waivers), covers };
}

/** Those that name outlines one by one. */
function naming(waivers: readonly StandingWaiver[]): string[] {
  return waivers.filter(({ scope }) => scope.kind === "annotations").map(({ id }) => id);
}

function openFacts({ slideId, namedBy }: Pick<AskedRow, "slideId" | "namedBy">, standing: Staleness) {
  return { slideId, namedBy, classId: standing.classId, askedBy: askedBy({ standing }) };
}

function isOpen({ state }: Staleness): boolean {
  return state === "stale" || state === "undecided";
}

type Tally = { -readonly [Key in keyof StalenessCounts]: number };

function emptyTally(): Tally {
  return { current: 0, carriedOver: 0, archived: 0, stale: 0, undecided: 0, waived: 0 };
}

function tallyOf(byLayer: Map<LayerId, Tally>, layerId: LayerId): Tally {
  const tally = byLayer.get(layerId) ?? emptyTally();
  byLayer.set(layerId, tally);
  return tally;
}

function add(tally: Tally, state: Staleness["state"] | "waived", count: number): void {
  if (state === "carried-over") tally.carriedOver += count;
  else tally[state] += count;
}

function sumOf(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    sum.current += tally.current;
    sum.carriedOver += tally.carriedOver;
    sum.archived += tally.archived;
    sum.stale += tally.stale;
    sum.undecided += tally.undecided;
    sum.waived += tally.waived;
  }
  return sum;
}
