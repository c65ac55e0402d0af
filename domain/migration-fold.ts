import type { GuidelineChange, Shape } from "./guideline.ts";
import type { EventVersion, FoldEvent } from "./migration/events.ts";

/** What one change of the history does to what is followed; `index` is its place in its version. */
export type Effect = {
  readonly version: number;
  readonly index: number;
  readonly outcome: "automatic" | "review" | "choose" | "archive";
};

/** A question of the fold; `options` can all be chosen in the newest version. */
export type FoldQuestion<Id> = {
  readonly version: number;
  readonly kind: "choose" | "review" | "redraw";
  readonly change: GuidelineChange;
  readonly holder: Id;
  readonly options: readonly Id[];
  readonly fallback: Id | null;
  /** Names the fact that is asked: the same over later versions. */
  readonly key: string;
};

export type Fold<Id> = {
  readonly stored: Id;
  /** What is certain: the class that counts, or the last one that did while a choice is open. */
  readonly holder: Id;
  readonly archived: boolean;
  /** True while a choice is open. */
  readonly open: boolean;
  readonly questions: readonly FoldQuestion<Id>[];
  readonly effects: readonly Effect[];
  /** The change that made it what it is; null where it is still what is stored. */
  readonly movedBy: Pick<Effect, "version" | "index"> | null;
};

/**
 * Follows a class (or the value of an attribute) through the versions after its stamp.
 * It may by then be any of several, or none: its candidates. One candidate is a fact, several are a choice to make.
 * Definitions that changed on the way are remembered as reviews, and asked only where no choice is open: whoever chooses,
 * chooses by the newest text.
 * @param versions oldest first
 * @param from.stamp version at which it was certainly this one
 * @param from.settled newest version whose definitions a person has confirmed for this annotation
 * @param from.shape what the annotation is drawn as: some changes ask about some shapes only
 */
export function fold<Id extends string>(
  stored: Id,
  from: { readonly stamp: number; readonly settled: number; readonly shape: Shape },
  versions: readonly EventVersion<Id>[],
): Fold<Id> {
  const { stamp, settled, shape } = from;
  const since = followedFrom(stored, stamp, versions);
  const later = versions.filter((version) => version.number > since);
  const restores = lastRestores(later);
  const confirmed = Math.max(stamp, settled);
  const walk: Walk<Id> = {
    candidates: [stored],
    undecided: false,
    holder: stored,
    branch: null,
    reviews: [],
    effects: [],
    restored: [],
  };
  for (const version of later) {
    carryOver(walk, version.number, endingsOf(version, restores));
    if (version.number > confirmed) collectReviews(walk, version, shape);
  }
  return {
    stored,
    holder: walk.holder,
    archived: walk.candidates.length === 0,
    open: walk.branch !== null,
    questions: questionsOf(walk),
    effects: effectsOf(walk),
    movedBy: walk.holder === stored ? null : (walk.effects.at(-1) ?? null),
  };
}

type Step = { readonly version: number; readonly index: number; readonly change: GuidelineChange };
/** How a version ends something: what may come after it, and where "cannot tell" goes. */
type Ending<Id> = Step & {
  readonly to: readonly Id[];
  readonly fallback: Id | null;
  readonly chosen: boolean;
  readonly undoneBy: Step | null;
};
/** A review to make, what it offers, and the restores that kept one of those from ending. */
type Review<Id> = Step &
  Pick<Extract<FoldEvent<Id>, { kind: "ask" }>, "redraw"> & {
    /** It was raised by something else that grew, which offers itself. */
    readonly grew: boolean;
    options: readonly Id[];
    readonly restored: Step[];
  };
type Branch<Id> = Step & { fallback: Id | null; touched: number };

type Walk<Id> = {
  candidates: readonly Id[];
  /** One candidate is no fact: another was retired without a successor, or a person has to look in any case. */
  undecided: boolean;
  /** The last one that was certain. */
  holder: Id;
  branch: Branch<Id> | null;
  reviews: Review<Id>[];
  /** Changes that ended one of the candidates. */
  readonly effects: Effect[];
  /** Restores that kept one of the candidates from ending. */
  readonly restored: Step[];
};

/** The version to follow from: the stamp, or where it ended if that was before. */
function followedFrom<Id>(id: Id, stamp: number, versions: readonly EventVersion<Id>[]): number {
  let ended: number | null = null;
  for (const { number, events } of versions) {
    if (number > stamp) break;
    // What comes back only to hold others together has come back and ended in one version.
    if (events.some((event) => event.kind === "restore" && event.id === id)) ended = null;
    if (events.some((event) => event.kind === "end" && event.ids.includes(id))) ended = number;
  }
  return ended === null ? stamp : ended - 1;
}

function lastRestores<Id>(versions: readonly EventVersion<Id>[]): ReadonlyMap<Id, Step> {
  const last = new Map<Id, Step>();
  for (const { number, events } of versions) {
    for (const event of events) {
      if (event.kind === "restore") last.set(event.id, { version: number, index: event.index, change: event.change });
    }
  }
  return last;
}

function endingsOf<Id>(
  { number: version, events }: EventVersion<Id>,
  restores: ReadonlyMap<Id, Step>,
): ReadonlyMap<Id, Ending<Id>> {
  const endings = new Map<Id, Ending<Id>>();
  for (const event of events) {
    if (event.kind !== "end") continue;
    const { index, change, fallback, chosen } = event;
    for (const id of event.ids) {
      const restore = restores.get(id);
      const undoneBy = restore !== undefined && restore.version > version ? restore : null;
      endings.set(id, { version, index, change, to: distinct(event.to), fallback, chosen, undoneBy });
    }
  }
  return endings;
}

function carryOver<Id>(walk: Walk<Id>, version: number, all: ReadonlyMap<Id, Ending<Id>>): void {
  const met = walk.candidates.flatMap((id) => all.get(id) ?? []);
  const endings = new Map([...all].filter(([, ending]) => ending.undoneBy === null));
  const follow = (id: Id): readonly Id[] => endings.get(id)?.to ?? [id];
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

function moveOn<Id>(walk: Walk<Id>, endings: readonly Ending<Id>[], candidates: readonly Id[]): void {
  walk.candidates = candidates;
  walk.undecided ||= endings.some((ending) => ending.to.length === 0 || ending.chosen);
  const certain = certainOne(walk);
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

function touch<Id>(branch: Branch<Id>, version: number): void {
  branch.touched = Math.max(branch.touched, version);
}

/** The one that the annotation must be, or null. */
function certainOne<Id>({ candidates, undecided }: Walk<Id>): Id | null {
  const [only] = candidates;
  return candidates.length === 1 && only !== undefined && !undecided ? only : null;
}

function followFallback<Id>(branch: Branch<Id>, version: number, endings: ReadonlyMap<Id, Ending<Id>>): void {
  const ending = branch.fallback === null ? undefined : endings.get(branch.fallback);
  if (ending === undefined) return;
  const [only] = ending.to;
  branch.fallback = ending.to.length === 1 && only !== undefined && !ending.chosen ? only : ending.fallback;
  touch(branch, version);
}

function collectReviews<Id>(walk: Walk<Id>, { number: version, events }: EventVersion<Id>, shape: Shape): void {
  for (const event of events) {
    if (event.kind !== "ask" || !event.ids.some((id) => walk.candidates.includes(id))) continue;
    const { index, change, offers, redraw, shapes } = event;
    if (shapes !== null && !shapes.includes(shape)) continue;
    walk.reviews.push({ version, index, change, redraw, grew: offers.length > 0, options: offers, restored: [] });
  }
}

function questionsOf<Id>(walk: Walk<Id>): FoldQuestion<Id>[] {
  const { branch, holder } = walk;
  if (branch === null) return standingReviews(walk).map((review) => reviewQuestion(review, holder));
  const { change, fallback } = branch;
  const widened = wideningReviews(walk);
  const options = distinct([...walk.candidates, ...widened.flatMap((review) => review.options)]);
  const version = Math.max(branch.touched, ...widened.map((review) => review.version));
  return [{ version, kind: "choose", change, holder, options, fallback, key: keyOf(branch) }];
}

function standingReviews<Id>({ candidates, branch, reviews, holder }: Walk<Id>): Review<Id>[] {
  if (candidates.length === 0 || branch !== null) return [];
  return reviews.filter((review) => stands(review, holder));
}

/** Reviews that add something to an open choice. */
function wideningReviews<Id>({ candidates, reviews }: Walk<Id>): Review<Id>[] {
  return reviews.filter((review) => review.options.some((id) => !candidates.includes(id)));
}

/** What grew no longer asks anything of a neighbour once both have become one, or it is gone. */
function stands<Id>({ grew, options }: Review<Id>, holder: Id): boolean {
  return !grew || options.some((id) => id !== holder);
}

function reviewQuestion<Id>(review: Review<Id>, holder: Id): FoldQuestion<Id> {
  const { version, change, redraw } = review;
  const options = review.options.filter((id) => id !== holder);
  const kind = redraw ? "redraw" : "review";
  return { version, kind, change, holder, options, fallback: null, key: keyOf(review) };
}

function keyOf({ version, index, change }: Step): string {
  return `${version}.${index}:${change.kind}`;
}

/** What every change did. A restore did whatever stands now, since without it the walk would have gone elsewhere. */
function effectsOf<Id>(walk: Walk<Id>): Effect[] {
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

function distinct<Id>(ids: readonly Id[]): readonly Id[] {
  return [...new Set(ids)];
}
