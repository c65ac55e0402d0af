import { sum } from "./ratings.ts";

/** The label with strictly more votes than any other; null for a tie or no votes. */
export function majorityOf(labels: readonly (number | null)[]): number | null {
  return tally(labels, { kind: "majority", quorum: 0 }).label;
}

/**
 * How votes on one item become a label. `quorum` is the share of the votes given that the label must reach; 0 asks only
 * that no other has as many. Readers count by their place among the labels.
 */
export type VotingRule =
  | { readonly kind: "majority"; readonly quorum: number }
  | { readonly kind: "weighted"; readonly quorum: number; readonly weights: readonly number[] }
  /** One reader's word is taken. */
  | { readonly kind: "adjudicator"; readonly reader: number }
  /** Two read; where they differ a third settles it, with one of their labels or an own one. */
  | { readonly kind: "two-plus-one"; readonly readers: readonly [number, number]; readonly third: number };

/** "no quorum": one label leads and does not reach it. "no votes": nobody who counts has read the item. */
export type Standing = "decided" | "tie" | "no quorum" | "no votes";

export type Tally = {
  /** Null unless decided: then the item goes to adjudication. */
  readonly label: number | null;
  readonly standing: Standing;
  /** Of the weight of all votes, that of the leading label; null without votes. */
  readonly share: number | null;
  /** How many votes were given. */
  readonly support: number;
};

/** Totals of weights that differ by less are equal: they are sums in an order that must not matter. */
const EQUAL = 1e-9;

/** The verdict of one item's votes; null is "has not read it" and no vote. Which reader comes first changes nothing. */
export function tally(labels: readonly (number | null)[], rule: VotingRule): Tally {
  switch (rule.kind) {
    case "majority":
      return leading(labels, () => 1, rule.quorum);
    case "weighted":
      return leading(labels, (reader) => rule.weights[reader] ?? 0, rule.quorum);
    case "adjudicator":
      return leading([labels[rule.reader] ?? null], () => 1, 0);
    case "two-plus-one": {
      const [first, second, third] = [...rule.readers, rule.third].map((reader) => labels[reader] ?? null);
      if (third !== null && first !== second) return leading([third ?? null], () => 1, 0);
      const both = leading([first ?? null, second ?? null], () => 1, 0);
      return both.support === 1 ? { ...both, label: null, standing: "no quorum" } : both;
    }
    default:
      return rule satisfies never;
  }
}

function leading(labels: readonly (number | null)[], weightOf: (reader: number) => number, quorum: number): Tally {
  const totals = new Map<number, number>();
  let support = 0;
  for (const [reader, label] of labels.entries()) {
    if (label === null) continue;
    totals.set(label, (totals.get(label) ?? 0) + weightOf(reader));
    support++;
  }
  const ordered = [...totals].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const [first, second] = ordered;
  const all = sum(ordered.map(([, weight]) => weight));
  if (first === undefined || !(all > 0)) return { label: null, standing: "no votes", share: null, support };
  const share = first[1] / all;
  if (second !== undefined && first[1] - second[1] <= EQUAL * all) {
    return { label: null, standing: "tie", share, support };
  }
  if (share < quorum - EQUAL) return { label: null, standing: "no quorum", share, support };
  return { label: first[0], standing: "decided", share, support };
}

/** Spread of votes, 0 where all agree to 1 where they differ as much as so many readers and categories can. */
export function voteEntropy(labels: readonly number[], categories: number): number {
  const most = Math.min(labels.length, categories);
  if (most < 2) return 0;
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const entropy = sum([...counts.values()].map((count) => -(count / labels.length) * Math.log(count / labels.length)));
  return Math.min(1, entropy / Math.log(evenest(labels.length, most)));
}

/** The number of equally likely labels whose entropy is the largest that votes can have over so many categories. */
function evenest(votes: number, categories: number): number {
  const [each, rest] = [Math.floor(votes / categories), votes % categories];
  const part = (count: number) => (count === 0 ? 0 : -(count / votes) * Math.log(count / votes));
  return Math.exp(rest * part(each + 1) + (categories - rest) * part(each));
}
