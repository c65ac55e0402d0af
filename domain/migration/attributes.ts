import { asks } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import { type AttributeId, attributeId, type ClassId, type ValueId, valueId } from "#domain/ids.ts";
import { type Effect, fold } from "#domain/migration-fold.ts";
import { type History, valueEvents } from "./events.ts";
import { type ChangePlace, changeAt, laterOf } from "./limits.ts";

/** Decimal digits of a converted number; a double holds two or three more. */
const DIGITS = 13;

/** What an annotation holds under the ids of attributes. */
export type Attributes = Readonly<Record<string, string>>;

/** What a person must say about an attribute of an annotation. */
export type AttributeQuestion = {
  readonly version: number;
  /** The change that raised it. */
  readonly change: GuidelineChange;
  readonly attributeId: AttributeId;
  /** Values to choose from; empty where any answer of the attribute will do. */
  readonly values: readonly ValueId[];
  readonly fallback: ValueId | null;
  /** True where what is there may stand: a keep answers it. */
  readonly mayStay: boolean;
  readonly key: string;
};

type Followed = {
  readonly classId: ClassId;
  /** The change that made its class another than the stored one; null where it is that. */
  readonly movedBy: ChangePlace | null;
  readonly stamp: number;
  readonly settled: number;
  readonly attributes: Attributes;
};

/**
 * What is to be said about the attributes of an annotation, as for classes: values that were merged are carried over,
 * values that were split or ended in several are chosen, and an attribute that became required is given by those who lack
 * it. Whoever outlined under the demand is not asked: for them it is a finding. What was carried over into the class is asked
 * by the change that carried it, if that came later.
 */
export function attributeQuestions(
  followed: Followed,
  history: History,
): { readonly questions: AttributeQuestion[]; readonly effects: Effect[] } {
  const questions: AttributeQuestion[] = [];
  const effects: Effect[] = [];
  for (const [id, state] of attributeStates(followed.classId, history)) {
    if (state.retired) continue;
    const value = valueFold(id, followed, history);
    effects.push(...(value?.effects ?? []).map(ofTheWhole));
    const found = [demandQuestion(id, state, demandOn(state, value, followed, history), followed)];
    for (const each of [...found, ...(value?.questions ?? []).map((one) => valueQuestion(id, state, one))]) {
      if (each === null) continue;
      questions.push(each.question);
      effects.push(...each.effects);
    }
  }
  return { questions, effects };
}

/**
 * Attributes about which something can be asked of some annotation of a class and stamp, whatever each of them holds.
 * @param carried true where the class is another than the stored one
 */
export function askedAttributes(
  { classId, stamp, carried }: Pick<Followed, "classId" | "stamp"> & { readonly carried: boolean },
  history: History,
): AttributeId[] {
  return [...attributeStates(classId, history)].flatMap(([id, state]) => {
    const { retired, demand, retyped, valuedAt, hasEnded } = state;
    const since = Math.max(retyped?.version ?? 0, valuedAt);
    const isAsked = hasEnded || since > stamp || (demand !== null && (carried || demand.version > stamp));
    return isAsked && !retired ? [id] : [];
  });
}

/**
 * The attributes of an annotation as they count now: values that were merged or ended in one are the successor, numbers are
 * in the present unit, retired attributes are kept under their ids. What is open keeps what is stored.
 */
export function effectiveAttributes(followed: Omit<Followed, "settled" | "movedBy">, history: History): Attributes {
  const whole: Followed = { ...followed, settled: followed.stamp, movedBy: null };
  const states = attributeStates(followed.classId, history);
  return Object.fromEntries(
    Object.entries(followed.attributes).map(([key, stored]) => {
      const id = attributeId.safeParse(key);
      const state = id.success ? states.get(id.data) : undefined;
      if (!id.success || state === undefined) return [key, stored];
      const holder = valueFold(id.data, whole, history)?.holder ?? stored;
      return [key, converted(holder, followed.stamp, state)];
    }),
  );
}

/**
 * What has to be stored so that `effectiveAttributes` gives this value: a number is put into the unit in which an annotation
 * of this stamp is read, because saying something about an attribute does not move the stamp.
 * @param value in the present unit
 */
export function storedAttribute(
  { attributeId: id, value }: { readonly attributeId: AttributeId; readonly value: string },
  { classId, stamp }: Pick<Followed, "classId" | "stamp">,
  history: History,
): string {
  const product = dueFactor(stamp, attributeStates(classId, history).get(id)?.factors ?? []);
  const number = Number(value);
  return product === 1 || value.trim() === "" || !Number.isFinite(number) ? value : decimal(number / product);
}

/**
 * The attributes of an annotation as they have to be stored when its stamp moves to a later version: what was said in a unit of
 * before is put into the one of then, so that it goes on saying the same. A number that no lead said how to convert is not
 * taken over, since it would be read in the new unit. All else stays as it is stored.
 * @returns the same object where nothing is to be changed
 */
export function restampedAttributes(
  { classId, stamp, attributes }: Pick<Followed, "classId" | "stamp" | "attributes">,
  under: number,
  history: History,
): Attributes {
  const names = Object.keys(attributes);
  if (names.length === 0 || under <= stamp) return attributes;
  const states = attributeStates(
    classId,
    history.filter(({ number }) => number <= under),
  );
  const restamped = names.map((name) => {
    const id = attributeId.safeParse(name);
    const state = id.success ? states.get(id.data) : undefined;
    const stored = attributes[name] ?? "";
    if (state === undefined) return [name, stored] as const;
    const isLost = state.retyped !== null && state.retyped.version > stamp;
    return [name, isLost ? null : converted(stored, stamp, state)] as const;
  });
  if (restamped.every(([name, value]) => value === attributes[name])) return attributes;
  return Object.fromEntries(restamped.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/**
 * Whether something is said that no longer fits since a version after the stamp and up to another, and that nothing converts:
 * only whoever says it again can stamp it.
 */
export function isOutgrown(
  { classId, stamp, attributes }: Pick<Followed, "classId" | "stamp" | "attributes">,
  under: number,
  history: History,
): boolean {
  const held = new Set(Object.keys(attributes).filter((name) => attributes[name] !== ""));
  if (held.size === 0 || under <= stamp) return false;
  return [...attributeStates(classId, history)].some(
    ([id, { retired, retyped }]) =>
      held.has(id) && !retired && retyped !== null && retyped.version > stamp && retyped.version <= under,
  );
}

type Step = { readonly version: number; readonly index: number; readonly change: GuidelineChange };
type AttributeState = {
  retired: boolean;
  /** Since when it is there again, and with it what was asked about it; null where it never went. */
  restored: Step | null;
  /** Since when it has to be given; null where it may be left open, or is assumed. */
  demand: Step | null;
  /** Since when what was said before no longer fits. */
  retyped: Step | null;
  readonly factors: { readonly version: number; readonly factor: number }[];
  /** Newest version that did something to its values; 0 for none. */
  valuedAt: number;
  /** A value of it ended in other than one way: whoever holds it is asked, whatever their stamp. */
  hasEnded: boolean;
};

type FoundQuestion = { readonly question: AttributeQuestion; readonly effects: readonly Effect[] };

function demandQuestion(
  id: AttributeId,
  { restored }: AttributeState,
  step: Step | null,
  { movedBy }: Followed,
): FoundQuestion | null {
  if (step === null) return null;
  const key = `${step.version}.${step.index}:${step.change.kind}`;
  const { change } = step;
  const { version, index } = laterOf(step, movedBy);
  const question = { version, change, attributeId: id, values: [], fallback: null, mayStay: false, key };
  return { question, effects: [{ version, index, outcome: "choose" }, ...backWith(restored, version, "choose")] };
}

function valueQuestion(
  id: AttributeId,
  { restored }: AttributeState,
  { kind, options: values, ...asked }: Value["questions"][number],
): FoundQuestion {
  const { version, change, fallback, key } = asked;
  const mayStay = kind !== "choose";
  const question = { version, change, attributeId: id, values, fallback, mayStay, key };
  return { question, effects: backWith(restored, version, mayStay ? "review" : "choose") };
}

/** What an attribute that came back does where it brought an older question with it. */
function backWith(restored: Step | null, asked: number, outcome: Effect["outcome"]): Effect[] {
  if (restored === null || restored.version <= asked) return [];
  return [{ version: restored.version, index: restored.index, outcome }];
}

/** An annotation that lost a value is not lost itself: where the value is needed, that is asked. */
function ofTheWhole(effect: Effect): Effect {
  return effect.outcome === "archive" ? { ...effect, outcome: "automatic" } : effect;
}

const UNVALUED = { valuedAt: 0, hasEnded: false };

type Value = NonNullable<ReturnType<typeof valueFold>>;

/**
 * The change since when the attribute has to be given, or given again, and is not; null where that is not asked. What was
 * given and ended without a successor is asked for by whatever came last, its end or the demand.
 */
function demandOn(
  { demand, retyped }: AttributeState,
  value: Value | null,
  { stamp, movedBy }: Followed,
  history: History,
): Step | null {
  const carried = movedBy !== null;
  if (value === null) return demand !== null && (carried || stamp < demand.version) ? demand : null;
  if (!value.archived) return retyped !== null && stamp < retyped.version ? retyped : null;
  const end = value.effects.findLast(({ outcome }) => outcome === "archive");
  if (demand === null || end === undefined) return demand;
  return laterOf(demand, end) === demand ? demand : { ...end, change: changeAt(end, history) };
}

/** What has become of the value that is stored; null where there is none. */
function valueFold(id: AttributeId, { classId, stamp, settled, attributes }: Followed, history: History) {
  const stored = attributes[id] ?? "";
  if (stored === "") return null;
  const value = valueId.safeParse(stored);
  if (!value.success) return { holder: stored, archived: false, questions: [], effects: [] };
  return fold(value.data, { stamp, settled, shape: "polygon" }, valueEvents(history, classId, id));
}

function converted(value: string, stamp: number, { factors }: AttributeState): string {
  const number = Number(value);
  const product = dueFactor(stamp, factors);
  if (product === 1 || value.trim() === "" || !Number.isFinite(number)) return value;
  return decimal(number * product);
}

function dueFactor(stamp: number, factors: AttributeState["factors"]): number {
  return factors.filter(({ version }) => version > stamp).reduce((product, { factor }) => product * factor, 1);
}

/** As people write it: what binary fractions add at the end is rounded away, so that there and back is the same. */
function decimal(number: number): string {
  return String(Number(number.toPrecision(DIGITS)));
}

/** What the history has made of the attributes of a class. */
function attributeStates(classId: ClassId, history: History): Map<AttributeId, AttributeState> {
  const states = new Map<AttributeId, AttributeState>();
  for (const { number: version, changes } of history.toSorted((left, right) => left.number - right.number)) {
    for (const [index, change] of changes.entries()) {
      if (!("attributeId" in change) || change.classId !== classId) continue;
      const fresh: AttributeState = {
        retired: false,
        restored: null,
        demand: null,
        retyped: null,
        factors: [],
        ...UNVALUED,
      };
      const state = states.get(change.attributeId) ?? fresh;
      states.set(change.attributeId, state);
      apply(state, { version, index, change }, change);
    }
  }
  return states;
}

function apply(
  state: AttributeState,
  step: Step,
  change: Extract<GuidelineChange, { readonly attributeId: unknown }>,
): void {
  switch (change.kind) {
    case "attribute-add":
    case "attribute-restore":
      state.retired = false;
      if (change.kind === "attribute-restore") state.restored = step;
      state.demand = change.required && isAsked(change, change.assumed) ? step : null;
      break;
    case "attribute-require":
      state.demand = isAsked(change, change.assumed) ? step : null;
      break;
    case "attribute-relax":
      state.demand = null;
      break;
    case "attribute-retire":
      state.retired = true;
      break;
    case "attribute-retype":
      if (change.factor !== null) state.factors.push({ version: step.version, factor: change.factor });
      else if (asks(change, "review")) state.retyped = step;
      break;
    case "value-split":
    case "value-retire":
      state.hasEnded ||= change.kind === "value-split" || change.successors.length !== 1;
      state.valuedAt = step.version;
      break;
    case "value-add":
    case "value-merge":
    case "value-restore":
      state.valuedAt = step.version;
      break;
    case "attribute-rename":
    case "attribute-reword":
    case "value-rename":
      break;
    default:
      change satisfies never;
  }
}

function isAsked(change: GuidelineChange, assumed: string | null): boolean {
  return assumed === null && asks(change, "review");
}
