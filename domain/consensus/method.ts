import { majorityOf, type Ratings, tally } from "#domain/agreement.ts";
import { mostProbable } from "#domain/latent-class.ts";
import { stapleOfClasses } from "#domain/staple.ts";

/**
 * How votes on one class become the record. Readers are named by the key of their read, so that the order of reads does
 * not matter; `votes` counts reads that have read the place.
 */
export type ConsensusMethod =
  /** More than half of the readers of the place. */
  | { readonly kind: "majority" }
  | { readonly kind: "quorum"; readonly votes: number }
  /** The share of all weights that the class must reach; a reader without a weight has weight 1. */
  | { readonly kind: "weighted"; readonly share: number; readonly weights: Readonly<Record<string, number>> }
  /** Readers weighed by how far they fit one another; the class must be at least this probable. */
  | { readonly kind: "staple"; readonly probability: number }
  /** One reader's word is taken. */
  | { readonly kind: "adjudicator"; readonly readerKey: string }
  /** Two read; where they differ a third settles it. */
  | { readonly kind: "two-plus-one"; readonly readerKeys: readonly [string, string]; readonly third: string };

/** Label 0 is "not marked". "tie": as many for one as for another; "no-consensus": nothing reaches what its method asks. */
export type Verdict = {
  readonly label: number | null;
  readonly standing: "class" | "not-marked" | "tie" | "no-consensus";
};

type Labels = readonly (number | null)[];
export type Judge = (labels: Labels) => Verdict;

/**
 * The verdict on any combination of votes. Each class is affirmed by its own method, "not marked" by `methods[0]`; a
 * place where two are affirmed has as many for one as for the other and is a tie. A class that its own method affirms is
 * there, however many say "not marked": that is what it has a method of its own for.
 * @param methods of "not marked" and of the classes in their order
 * @param ratings the combinations that there are with their weights, for STAPLE
 */
export function judgeOf(methods: readonly ConsensusMethod[], readerKeys: readonly string[], ratings: Ratings): Judge {
  const probable = methods.some(({ kind }) => kind === "staple") ? stapleJudge(ratings) : null;
  const known = new Map<string, Verdict>();
  const usual = JSON.stringify(methods[0]);
  const hasOwn = methods.map((method) => JSON.stringify(method) !== usual);
  return (labels) => {
    const key = labels.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const affirmed = [...new Set(labels)].filter((label): label is number => {
      const method = label === null ? undefined : methods[label];
      return label !== null && method !== undefined && affirms(method, label, labels, readerKeys, probable);
    });
    const own = affirmed.filter((label) => hasOwn[label] === true);
    const verdict = verdictOf(own.length > 0 ? affirmed.filter((label) => label !== 0) : affirmed, labels);
    known.set(key, verdict);
    return verdict;
  };
}

function verdictOf(affirmed: readonly number[], labels: Labels): Verdict {
  const best = affirmed.length > 1 ? leadersAmong(affirmed, labels) : affirmed;
  const [label] = best;
  if (best.length > 1) return { label: null, standing: "tie" };
  if (label !== undefined) return { label, standing: label === 0 ? "not-marked" : "class" };
  return { label: null, standing: majorityOf(labels) === null ? "tie" : "no-consensus" };
}

/** Of several affirmed labels those with the most votes. */
function leadersAmong(affirmed: readonly number[], labels: Labels): number[] {
  const votes = (label: number) => labels.filter((each) => each === label).length;
  const most = Math.max(...affirmed.map(votes));
  return affirmed.filter((label) => votes(label) === most);
}

type Probable = (labels: Labels) => { readonly label: number | null; readonly probability: number };

function affirms(
  method: ConsensusMethod,
  label: number,
  labels: Labels,
  readerKeys: readonly string[],
  probable: Probable | null,
): boolean {
  const place = (key: string) => readerKeys.indexOf(key);
  switch (method.kind) {
    case "majority":
      return votesFor(labels, label) * 2 > labels.filter((each) => each !== null).length;
    case "quorum":
      return votesFor(labels, label) >= method.votes;
    case "weighted": {
      const weights = readerKeys.map((key) => method.weights[key] ?? 1);
      return tally(labels, { kind: "weighted", quorum: method.share, weights }).label === label;
    }
    case "staple": {
      const found = probable?.(labels);
      return found?.label === label && found.probability >= method.probability;
    }
    case "adjudicator":
      return tally(labels, { kind: "adjudicator", reader: place(method.readerKey) }).label === label;
    case "two-plus-one": {
      const [first, second] = method.readerKeys;
      const readers = [place(first), place(second)] as const;
      return tally(labels, { kind: "two-plus-one", readers, third: place(method.third) }).label === label;
    }
    default:
      return method satisfies never;
  }
}

function votesFor(labels: Labels, label: number): number {
  return labels.filter((each) => each === label).length;
}

function stapleJudge(ratings: Ratings): Probable {
  const { posterior } = stapleOfClasses(ratings);
  const byVotes = new Map(ratings.rows.map(({ labels }, row) => [labels.join(), posterior[row] ?? []]));
  return (labels) => {
    const shares = byVotes.get(labels.join()) ?? [];
    const label = shares.length === 0 ? null : mostProbable(shares);
    return { label, probability: label === null ? 0 : (shares[label] ?? 0) };
  };
}
