import type { Ratings } from "./agreement.ts";
import { fitLatentClasses, type LatentClasses, mostProbable, voteShares } from "./latent-class.ts";

/**
 * What readers' outlines say together when each is weighed by how far it fits the others: a view beside the votes, never
 * the record. Its prior is the share of votes over the region that the ratings cover, so another region gives another
 * result; the region is the read one near the outlines, and is kept with it.
 */
export type Staple = {
  readonly prior: readonly number[];
  /** Per reader: entry [true][said]. */
  readonly confusion: LatentClasses["confusion"];
  /** Per row of the ratings: probability of each class, and the most probable one, or null where two are. */
  readonly posterior: LatentClasses["posterior"];
  readonly labels: readonly (number | null)[];
  readonly rounds: number;
};

/** Of a binary mark: how often a reader marks what is there, and leaves out what is not. */
export type MarkSkill = { readonly sensitivity: number; readonly specificity: number };

/** Every reader begins as nearly perfect. */
const START = 0.99999;
const NO_SMOOTHING = { same: 0, other: 0 };

/**
 * STAPLE of a mark (category 1) against its absence (category 0).
 * @param ratings combinations of votes with the area of each; null is "has not read it" and no vote
 * Source: Warfield, Zou & Wells 2004, IEEE Trans. Med. Imaging 23(7); start and prior as in ITK.
 */
export function stapleOfMarks(ratings: Ratings): Staple & { readonly skills: readonly MarkSkill[] } {
  if (ratings.categories !== 2) throw new RangeError(`marks have two categories, not ${ratings.categories}`);
  const readers = readersOf(ratings);
  const confusion = readers.map(() => [
    [START, 1 - START],
    [1 - START, START],
  ]);
  const fitted = stapleFrom(ratings, readers, { confusion });
  const skills = fitted.confusion.map((table) => ({
    sensitivity: table[1]?.[1] ?? 0,
    specificity: table[0]?.[0] ?? 0,
  }));
  return { ...fitted, skills };
}

/**
 * STAPLE of several classes at once, from the majority of votes; ties begin undecided between the leading classes.
 * Source: as `stapleOfMarks`; Rohlfing et al. 2004, IEEE Trans. Med. Imaging 23(8) for several classes.
 */
export function stapleOfClasses(ratings: Ratings): Staple {
  const posterior = ratings.rows.map((row) => {
    const shares = voteShares(row, ratings.categories);
    const most = Math.max(...shares);
    const leads = shares.map((share) => Number(most - share < 1e-9));
    const leaders = leads.reduce((sum, lead) => sum + lead, 0);
    return leads.map((lead) => lead / leaders);
  });
  return stapleFrom(ratings, readersOf(ratings), { posterior });
}

function stapleFrom(
  ratings: Ratings,
  readerOf: readonly number[],
  start: { readonly confusion: LatentClasses["confusion"] } | { readonly posterior: LatentClasses["posterior"] },
): Staple {
  const prior = labelShares(ratings);
  const fitted = fitLatentClasses(ratings, { readerOf, prior, start, smoothing: NO_SMOOTHING });
  const { confusion, posterior, rounds } = fitted;
  return { prior, confusion, posterior, labels: posterior.map(mostProbable), rounds };
}

function readersOf({ rows }: Ratings): number[] {
  const readers = rows.reduce((most, { labels }) => Math.max(most, labels.length), 0);
  return Array.from({ length: readers }, (_, reader) => reader);
}

/** Share of each label among all votes, by area. */
function labelShares({ categories, rows }: Ratings): number[] {
  const counts = Array.from({ length: categories }, () => 0);
  for (const { labels, weight } of rows) {
    for (const label of labels) if (label !== null) counts[label] = (counts[label] ?? 0) + weight;
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (all > 0 ? count / all : 1 / categories));
}
