import type { GuidelineChange } from "./guideline.ts";
import type { ClassId } from "./ids.ts";

/** The typed changes of every guideline version, in any order of versions. */
export type History = readonly { readonly number: number; readonly changes: readonly GuidelineChange[] }[];

/** What a person must say about an annotation. */
export type Question = {
  /** A judgement under this version or a later one answers it; moves on when a later change touches the answer. */
  readonly version: number;
  /** Choose: the class is no longer, one of the options takes its place. Review: it may stand, a keep will do. */
  readonly kind: "choose" | "review";
  /** The change that raised it. */
  readonly change: GuidelineChange;
  /** The class that the annotation has while the question is open. */
  readonly classId: ClassId;
  /** Classes to offer besides keeping; every one can be drawn in the newest version. */
  readonly options: readonly ClassId[];
  /** Where "cannot tell" goes; null leaves it to the lead. */
  readonly fallback: ClassId | null;
  /** Names the fact that is asked: the same over later versions. */
  readonly key: string;
};

/** What one change of the history does to the followed class; `index` is its place in its version. */
export type Effect = {
  readonly version: number;
  readonly index: number;
  readonly outcome: "automatic" | "review" | "choose" | "archive";
};

export type Fold = {
  readonly stored: ClassId;
  readonly classId: ClassId;
  readonly archived: boolean;
  readonly questions: readonly Question[];
  readonly effects: readonly Effect[];
};

/**
 * Follows a class through the versions after its stamp.
 * The annotation may by then be any of several classes, or none: its candidates. One candidate is a fact, several are a
 * choice to make. Definitions that were narrowed or broadened on the way are remembered as reviews, and asked only where
 * no choice is open: whoever chooses, chooses by the newest text.
 * @param settled newest version whose definitions a person has confirmed for this annotation, at least its stamp
 */
export function foldHistory(stored: ClassId, stamp: number, settled: number, history: History): Fold {
  const versions = history.toSorted((left, right) => left.number - right.number);
  const since = followedFrom(stored, stamp, versions);
  const later = versions.filter((version) => version.number > since);
  const restores = lastRestores(later);
  const confirmed = Math.max(stamp, settled);
  const walk: Walk = {
    candidates: [stored],
    mayBeGone: false,
    holder: stored,
    branch: null,
    reviews: [],
    effects: [],
    restored: [],
  };
  for (const { number, changes } of later) {
    carryOver(walk, number, endingsOf(number, changes, restores));
    if (number > confirmed) collectReviews(walk, number, changes);
  }
  return {
    stored,
    classId: walk.holder,
    archived: walk.candidates.length === 0,
    questions: questionsOf(walk),
    effects: effectsOf(walk),
  };
}

type Step = { readonly version: number; readonly index: number; readonly change: GuidelineChange };
/** How a version ends a class: what may come after it, and where "cannot tell" goes. */
type Ending = Step & {
  readonly to: readonly ClassId[];
  readonly fallback: ClassId | null;
  readonly undoneBy: Step | null;
};
/** A review to make, the classes it offers, and the restores that kept one of them from ending. */
type Review = Step & { options: readonly ClassId[]; readonly restored: Step[] };
type Branch = Step & { fallback: ClassId | null; touched: number };

type Walk = {
  candidates: readonly ClassId[];
  /** One of the candidates was retired without a successor. */
  mayBeGone: boolean;
  /** The last class that was certain. */
  holder: ClassId;
  branch: Branch | null;
  reviews: Review[];
  /** Changes that ended one of the candidates. */
  readonly effects: Effect[];
  /** Restores that kept one of the candidates from ending. */
  readonly restored: Step[];
};

/** The version to follow the class from: its stamp, or where it ended if that was before. */
function followedFrom(classId: ClassId, stamp: number, versions: History): number {
  let ended: number | null = null;
  for (const { number, changes } of versions) {
    if (number > stamp) break;
    if (changes.some((change) => endedBy(change).includes(classId))) ended = number;
    if (changes.some((change) => change.kind === "restore" && change.classId === classId)) ended = null;
  }
  return ended === null ? stamp : ended - 1;
}

function endedBy(change: GuidelineChange): readonly ClassId[] {
  if (change.kind === "merge") return change.from.filter((id) => id !== change.into);
  return change.kind === "split" || change.kind === "retire" ? [change.classId] : [];
}

function successorsOf(change: GuidelineChange): readonly ClassId[] {
  if (change.kind === "merge" || change.kind === "split") return [change.into].flat();
  return change.kind === "retire" ? change.successors : [];
}

function lastRestores(versions: History): ReadonlyMap<ClassId, Step> {
  const last = new Map<ClassId, Step>();
  for (const { number, changes } of versions) {
    for (const [index, change] of changes.entries()) {
      if (change.kind === "restore") last.set(change.classId, { version: number, index, change });
    }
  }
  return last;
}

function endingsOf(
  version: number,
  changes: readonly GuidelineChange[],
  restores: ReadonlyMap<ClassId, Step>,
): ReadonlyMap<ClassId, Ending> {
  const endings = new Map<ClassId, Ending>();
  for (const [index, change] of changes.entries()) {
    for (const id of endedBy(change)) {
      const restore = restores.get(id);
      const undoneBy = restore !== undefined && restore.version > version ? restore : null;
      const fallback = change.kind === "split" ? change.fallback : null;
      endings.set(id, { version, index, change, to: distinct(successorsOf(change)), fallback, undoneBy });
    }
  }
  return endings;
}

function carryOver(walk: Walk, version: number, all: ReadonlyMap<ClassId, Ending>): void {
  const met = walk.candidates.flatMap((id) => all.get(id) ?? []);
  const endings = new Map([...all].filter(([, ending]) => ending.undoneBy === null));
  const follow = (id: ClassId): readonly ClassId[] => endings.get(id)?.to ?? [id];
  for (const review of walk.reviews) {
    review.restored.push(...review.options.flatMap((id) => all.get(id)?.undoneBy ?? []));
    review.options = distinct(review.options.flatMap(follow));
  }
  if (walk.branch !== null) followFallback(walk.branch, version, endings);
  const undone = met.flatMap(({ undoneBy }) => undoneBy ?? []);
  walk.restored.push(...undone);
  const live = met.filter(({ undoneBy }) => undoneBy === null);
  if (live.length > 0) moveOn(walk, live, distinct(walk.candidates.flatMap(follow)));
  for (const { version: at } of undone) if (walk.branch !== null) touch(walk.branch, at);
}

function moveOn(walk: Walk, endings: readonly Ending[], candidates: readonly ClassId[]): void {
  walk.candidates = candidates;
  walk.mayBeGone ||= endings.some((ending) => ending.to.length === 0);
  const certain = certainClass(walk);
  if (certain !== null) walk.holder = certain;
  const [first] = endings;
  if (first === undefined) return;
  if (certain !== null || candidates.length === 0) walk.branch = null;
  else if (walk.branch === null) walk.branch = { ...first, touched: first.version };
  else touch(walk.branch, first.version);
  const uncertain = candidates.length === 0 ? "archive" : "choose";
  const outcome = certain === null ? uncertain : "automatic";
  walk.effects.push(...endings.map(({ version, index }): Effect => ({ version, index, outcome })));
}

function touch(branch: Branch, version: number): void {
  branch.touched = Math.max(branch.touched, version);
}

/** The one class that the annotation must be, or null. */
function certainClass({ candidates, mayBeGone }: Walk): ClassId | null {
  const [only] = candidates;
  return candidates.length === 1 && only !== undefined && !mayBeGone ? only : null;
}

function followFallback(branch: Branch, version: number, endings: ReadonlyMap<ClassId, Ending>): void {
  const ending = branch.fallback === null ? undefined : endings.get(branch.fallback);
  if (ending === undefined) return;
  const [only] = ending.to;
  branch.fallback = ending.to.length === 1 && only !== undefined ? only : ending.fallback;
  touch(branch, version);
}

function collectReviews(walk: Walk, version: number, changes: readonly GuidelineChange[]): void {
  for (const [index, change] of changes.entries()) {
    if (change.kind === "narrow" && walk.candidates.includes(change.classId)) {
      walk.reviews.push({ version, index, change, options: [], restored: [] });
    }
    if (change.kind === "broaden" && change.neighbours.some((id) => walk.candidates.includes(id))) {
      walk.reviews.push({ version, index, change, options: [change.classId], restored: [] });
    }
  }
}

function questionsOf(walk: Walk): Question[] {
  const { branch, holder } = walk;
  if (branch === null) return standingReviews(walk).map((review) => reviewQuestion(review, holder));
  const { change, fallback } = branch;
  const widened = wideningReviews(walk);
  const options = distinct([...walk.candidates, ...widened.flatMap((review) => review.options)]);
  const version = Math.max(branch.touched, ...widened.map((review) => review.version));
  return [{ version, kind: "choose", change, classId: holder, options, fallback, key: keyOf(branch) }];
}

function standingReviews({ candidates, branch, reviews, holder }: Walk): Review[] {
  if (candidates.length === 0 || branch !== null) return [];
  return reviews.filter((review) => stands(review, holder));
}

/** Reviews that add a class to an open choice. */
function wideningReviews({ candidates, reviews }: Walk): Review[] {
  return reviews.filter((review) => review.options.some((id) => !candidates.includes(id)));
}

/** A class that grew no longer asks anything of a neighbour once both have become one, or it is gone. */
function stands({ change, options }: Review, holder: ClassId): boolean {
  return change.kind === "narrow" || options.some((id) => id !== holder);
}

function reviewQuestion(review: Review, classId: ClassId): Question {
  const { version, change } = review;
  const options = review.options.filter((id) => id !== classId);
  return { version, kind: "review", change, classId, options, fallback: null, key: keyOf(review) };
}

function keyOf({ version, index, change }: Step): string {
  return `${version}.${index}:${change.kind}`;
}

/** What every change did. A restore did whatever stands now, since without it the walk would have gone elsewhere. */
function effectsOf(walk: Walk): Effect[] {
  const reviews = standingReviews(walk);
  const widened = walk.branch === null ? [] : wideningReviews(walk);
  const stale = reviews.length > 0 ? "review" : "automatic";
  const open = walk.branch === null ? stale : "choose";
  const outcome = walk.candidates.length === 0 ? "archive" : open;
  const restored = [...walk.restored, ...[...reviews, ...widened].flatMap((review) => review.restored)];
  const effects = [
    ...walk.effects,
    ...reviews.map(({ version, index }): Effect => ({ version, index, outcome: "review" })),
    ...widened.map(({ version, index }): Effect => ({ version, index, outcome: "choose" })),
    ...restored.map(({ version, index }): Effect => ({ version, index, outcome })),
  ];
  return [...new Map(effects.map((each) => [`${each.version}.${each.index}`, each])).values()];
}

function distinct(ids: readonly ClassId[]): readonly ClassId[] {
  return [...new Set(ids)];
}
