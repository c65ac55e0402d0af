/** Why a number is not defined; shown in its place. */
export type UndefinedReason =
  | "no common items"
  | "fewer than two reads"
  | "chance agreement is 1"
  | "only one category"
  | "class not marked"
  | "missing outline"
  | "too few slides"
  | "too few reads";

/** A number, or the reason why it is not defined. Never NaN, and never a 0 or 1 that stands for "not defined". */
export type Measure =
  | { readonly defined: true; readonly value: number }
  | { readonly defined: false; readonly reason: UndefinedReason };

/** A chance-corrected coefficient with the observed and the chance agreement that it is made of. */
export type Coefficient = { readonly measure: Measure; readonly observed: Measure; readonly expected: Measure };

export function defined(value: number): Measure {
  return { defined: true, value };
}

export function undefinedBecause(reason: UndefinedReason): Measure {
  return { defined: false, reason };
}

export function notDefined(reason: UndefinedReason): Coefficient {
  const measure = undefinedBecause(reason);
  return { measure, observed: measure, expected: measure };
}

/** (observed - expected) / (1 - expected); not defined where chance alone agrees always. */
export function corrected(observed: Measure, expected: number): Coefficient {
  if (!observed.defined) return { measure: observed, observed, expected: observed };
  if (1 - expected < 1e-12) {
    return { measure: undefinedBecause("chance agreement is 1"), observed, expected: defined(expected) };
  }
  return { measure: defined((observed.value - expected) / (1 - expected)), observed, expected: defined(expected) };
}
