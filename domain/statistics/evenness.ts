/** How evenly amounts (objects or um2 of each class) are spread. Null where there is nothing to divide by. */
export type Spread = {
  readonly total: number;
  readonly shares: readonly (number | null)[];
  /** Shannon entropy of the shares, nats, and as a share of the largest that so many classes could have. */
  readonly entropy: number | null;
  readonly normalisedEntropy: number | null;
  /** Probability that two drawn at random are of different classes. */
  readonly giniSimpson: number | null;
  /** exp of the entropy: as many equally common classes would be as varied. Source: Jost 2006, Oikos 113(2). */
  readonly effectiveClasses: number | null;
  /** The commonest over each one; null for a class that is missing. */
  readonly imbalance: readonly (number | null)[];
  /** The commonest over the rarest; null where a class is missing. */
  readonly imbalanceRatio: number | null;
};

export function spreadOf(amounts: readonly number[]): Spread {
  const total = sum(amounts);
  const most = Math.max(0, ...amounts);
  const shares = amounts.map((amount) => (total > 0 ? amount / total : null));
  const imbalance = amounts.map((amount) => (amount > 0 ? most / amount : null));
  const entropy = total > 0 ? sum(shares.map((share) => (share ? -share * Math.log(share) : 0))) : null;
  const missing = amounts.length === 0 || imbalance.includes(null);
  return {
    total,
    shares,
    entropy,
    normalisedEntropy: entropy === null || amounts.length < 2 ? null : entropy / Math.log(amounts.length),
    giniSimpson: total > 0 ? 1 - sum(shares.map((share) => (share ?? 0) ** 2)) : null,
    effectiveClasses: entropy === null ? null : Math.exp(entropy),
    imbalance,
    imbalanceRatio: missing ? null : most / Math.min(...amounts),
  };
}

/** Gini coefficient: 0 where all have as much, near 1 where one has all; null where there is nothing. */
export function giniCoefficient(amounts: readonly number[]): number | null {
  const total = sum(amounts);
  if (!(total > 0)) return null;
  const ordered = [...amounts].sort((a, b) => a - b);
  const ranked = sum(ordered.map((amount, index) => (2 * (index + 1) - ordered.length - 1) * amount));
  return ranked / (ordered.length * total);
}

/**
 * How many equal weights would tell as much as these; null where there are none.
 * Source: Kish 1965, Survey Sampling.
 */
export function effectiveNumber(weights: readonly number[]): number | null {
  const squares = sum(weights.map((weight) => weight * weight));
  return squares > 0 ? sum(weights) ** 2 / squares : null;
}

export type ClassWeights = {
  /** (1 - b^n) / (1 - b): how many different samples n of them amount to. */
  readonly effective: readonly number[];
  /** total / (classes x count), null for a class that is missing. */
  readonly inverse: readonly (number | null)[];
  /** Inverse of the effective number, scaled so that those of classes that are there add up to their number. */
  readonly balanced: readonly (number | null)[];
};

/**
 * Weights for training on unequal classes. The choice among them is the trainer's.
 * Source: Cui et al. 2019, CVPR (effective number of samples).
 */
export function classWeights(counts: readonly number[], beta = 0.999): ClassWeights {
  const total = sum(counts);
  const present = counts.filter((count) => count > 0).length;
  const effective = counts.map((count) => (1 - beta ** count) / (1 - beta));
  const raw = effective.map((number) => (number > 0 ? 1 / number : null));
  const scale = present / sum(raw.map((weight) => weight ?? 0));
  return {
    effective,
    inverse: counts.map((count) => (count > 0 ? total / (counts.length * count) : null)),
    balanced: raw.map((weight) => (weight === null ? null : weight * scale)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
