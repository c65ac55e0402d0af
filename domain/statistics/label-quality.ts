/** Labels beside the probabilities that a model, which has not seen these labels in training, gives each class. */
export type Predicted = { readonly label: number; readonly probabilities: readonly number[] };

export type LabelQuality = {
  /** Mean probability of a class over the items labelled so; null for a label that nothing has. */
  readonly thresholds: readonly (number | null)[];
  /** Entry [i][j]: items labelled i that are, as far as probabilities clear thresholds, j. */
  readonly confidentJoint: readonly (readonly number[])[];
  readonly items: readonly {
    /** Probability of the item's own label. */
    readonly selfConfidence: number;
    /** 0 where another class has all, 1 where the own label has; 1/2 where it ties with the next. */
    readonly normalisedMargin: number;
    /** The items that the confident joint counts off its diagonal: look at them again. */
    readonly suspect: boolean;
  }[];
};

/**
 * Labels that a model's predictions contradict.
 * @param predictions out-of-sample; those of a model that was trained on the same labels find nothing
 * Source: Northcutt, Jiang & Chuang 2021, J. Artif. Intell. Res. 70 (confident learning).
 */
export function labelQuality(predictions: readonly Predicted[], classes: number): LabelQuality {
  const thresholds = Array.from({ length: classes }, (_, label) => {
    const own = predictions.filter((each) => each.label === label).map((each) => each.probabilities[label] ?? 0);
    return own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length;
  });
  const confidentJoint = thresholds.map(() => thresholds.map(() => 0));
  const items = predictions.map(({ label, probabilities }) => {
    const confident = mostConfident(probabilities, thresholds);
    const row = confident === null ? undefined : confidentJoint[label];
    if (row !== undefined && confident !== null) row[confident] = (row[confident] ?? 0) + 1;
    const selfConfidence = probabilities[label] ?? 0;
    const rival = Math.max(0, ...probabilities.filter((_, index) => index !== label));
    const suspect = confident !== null && confident !== label;
    return { selfConfidence, normalisedMargin: (selfConfidence - rival + 1) / 2, suspect };
  });
  return { thresholds, confidentJoint, items };
}

/** Of the classes whose probability reaches their threshold the most probable, the first of equals; or null. */
function mostConfident(probabilities: readonly number[], thresholds: readonly (number | null)[]): number | null {
  let [best, most] = [-1, -1];
  for (const [label, probability] of probabilities.entries()) {
    const threshold = thresholds[label] ?? null;
    if (threshold !== null && probability >= threshold - 1e-6 && probability > most) {
      [best, most] = [label, probability];
    }
  }
  return best === -1 ? null : best;
}
