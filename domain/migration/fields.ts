import { effectiveRules } from "#domain/guideline/effective.ts";
import type { ClassRules, Shape } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { followFacts, UNSETTLED } from "#domain/migration.ts";
import { isNewcomer, pendingLimits } from "./limits.ts";
import type { Versions } from "./sharing.ts";

export type FieldOfView = NonNullable<ClassRules["fieldOfView"]>;

type Member = { readonly classId: ClassId; readonly under: number; readonly shape: Shape };

/**
 * Tells which outlines have to be measured for room for the fields of view of their class: those of a class that asks for
 * some by the newest version, where that rule became stricter since they were drawn or is new to them.
 */
export class FieldRules {
  /** False where no class asks for fields of view: then nothing is measured. */
  readonly isAsking: boolean;
  readonly #history: Versions;
  readonly #asked = new Map<string, FieldOfView | null>();

  constructor(history: Versions) {
    this.#history = history;
    const content = history.at(-1)?.content;
    this.isAsking = content?.classes.some(({ rules }) => rules.fieldOfView !== null) ?? false;
  }

  /** What an outline of a class, stamp and shape has to have room for; null where nobody is asked about it. */
  asked(member: Member): FieldOfView | null {
    const key = `${member.classId}/${member.under}/${member.shape}`;
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const found = this.isAsking ? this.#askedOf(member) : null;
    this.#asked.set(key, found);
    return found;
  }

  #askedOf({ classId: stored, under, shape }: Member): FieldOfView | null {
    const facts = { classId: stored, under, shape, attributes: null, violations: [] };
    const { archived, questions, classId, rules } = followFacts(facts, UNSETTLED, this.#history);
    if (archived || questions.some(({ kind }) => kind === "choose")) return null;
    const isStricter = pendingLimits(rules, this.#history).some(({ rule }) => rule === "fieldOfView");
    const content = this.#history.at(-1)?.content;
    if (content === undefined || !(isStricter || isNewcomer(rules))) return null;
    return effectiveRules(content, classId)?.fieldOfView ?? null;
  }
}
