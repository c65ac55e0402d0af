import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import {
  type AnnotationStamp,
  annotationsOfPairs,
  judgementKey,
  judgementsOfPairs,
  type Pair,
  stampCounts,
  type Within,
} from "#db/judgements.ts";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import {
  type History,
  type Judgement,
  type Resolution,
  resolve,
  type Staleness,
  staleness,
} from "#domain/migration.ts";

/** Annotations by where they stand with the newest guideline version; each is counted once. */
export type StalenessCounts = {
  readonly current: number;
  readonly carriedOver: number;
  readonly archived: number;
  readonly stale: number;
  /** Stale, and handed on to the lead by somebody who could not tell. */
  readonly undecided: number;
};

/** A stale or undecided annotation. */
export type OpenItem = AnnotationStamp & { readonly standing: Staleness };

export type StalenessFound = StalenessCounts & {
  readonly byLayer: ReadonlyMap<LayerId, StalenessCounts>;
  /** What somebody still has to decide, layer by layer in walking order. */
  readonly items: readonly OpenItem[];
};

/**
 * Where every annotation of a project stands. Nothing of this is stored: it follows from the stamps, the history of the
 * guideline and what people have said. Two grouped queries; single rows are read only of what is stale.
 */
export async function projectStaleness(db: Db, projectId: ProjectId): Promise<StalenessFound> {
  return await stalenessWithin(db, { projectId }, await guidelineHistory(db, projectId));
}

/** The same for a project or some layers of one, against a history that the caller has. */
export async function stalenessWithin(db: Db, within: Within, history: History): Promise<StalenessFound> {
  const resolutionOf = remembered(history);
  const byLayer = new Map<LayerId, Tally>();
  const stalePairs = new Map<string, Pair>();
  for (const { layerId, count, ...pair } of await stampCounts(db, within)) {
    const { state } = resolutionOf(pair);
    if (state === "stale") stalePairs.set(pairKey(pair), pair);
    else add(tallyOf(byLayer, layerId), state, count);
  }
  const pairs = [...stalePairs.values()];
  const judged = await judgementsOfPairs(db, within, pairs);
  const items: OpenItem[] = [];
  for (const stamp of await annotationsOfPairs(db, within, pairs)) {
    const judgements = judged.get(judgementKey(stamp.layerId, stamp.id));
    const standing = judgements === undefined ? resolutionOf(stamp) : standingOf(stamp, judgements, history);
    add(tallyOf(byLayer, stamp.layerId), standing.state, 1);
    if (standing.state === "stale" || standing.state === "undecided") items.push({ ...stamp, standing });
  }
  return { ...sumOf(byLayer.values()), byLayer, items };
}

/** Where one annotation stands, whatever its row says by now. */
export function standingOf(
  stamp: Pick<AnnotationStamp, "id" | "classId" | "under" | "contentHash">,
  judgements: readonly Judgement[],
  history: History,
): Staleness {
  return staleness(stamp, judgements, stamp.contentHash, history);
}

/** The newest version that a question of this item comes from. */
export function askedBy({ standing }: Pick<OpenItem, "standing">): number {
  return Math.max(0, ...standing.questions.map(({ version }) => version));
}

type Tally = { -readonly [Key in keyof StalenessCounts]: number };

function remembered(history: History): (pair: Pair) => Resolution {
  const known = new Map<string, Resolution>();
  return (pair) => {
    const key = pairKey(pair);
    const resolution = known.get(key) ?? resolve(pair.classId, pair.under, history);
    known.set(key, resolution);
    return resolution;
  };
}

function pairKey({ classId, under }: Pair): string {
  return `${classId}/${under}`;
}

function emptyTally(): Tally {
  return { current: 0, carriedOver: 0, archived: 0, stale: 0, undecided: 0 };
}

function tallyOf(byLayer: Map<LayerId, Tally>, layerId: LayerId): Tally {
  const tally = byLayer.get(layerId) ?? emptyTally();
  byLayer.set(layerId, tally);
  return tally;
}

function add(tally: Tally, state: Staleness["state"], count: number): void {
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
  }
  return sum;
}
