/** A business "no" that a caller must look at: a reason from a closed list, and the offending value. */
export type Refusal<Reason extends string = string> = {
  readonly ok: false;
  readonly reason: Reason;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type Ok<Value> = { readonly ok: true; readonly value: Value };

/** The answer to a legal question: a value, or a refusal. Never thrown. */
export type Result<Value, Reason extends string = string> = Ok<Value> | Refusal<Reason>;

export function ok(): Ok<undefined>;
export function ok<Value>(value: Value): Ok<Value>;
export function ok<Value>(value?: Value): Ok<Value | undefined> {
  return { ok: true, value };
}

export function refuse<Reason extends string>(
  reason: Reason,
  detail: Readonly<Record<string, unknown>> = {},
): Refusal<Reason> {
  return { ok: false, reason, detail };
}
