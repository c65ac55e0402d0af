import type { SplitHint } from "#domain/guideline/change.ts";
import type { ClassDefinition, GuidelineChange, GuidelineVersion } from "#domain/guideline.ts";
import type { AttributeId, ClassId } from "#domain/ids.ts";
import { type AnnotationFacts, type Question, resolve } from "#domain/migration.ts";
import { type Attributes, effectiveAttributes } from "./attributes.ts";

/** A class that an open choice is likely to end in, and what speaks for it. */
export type Suggestion = {
  readonly classId: ClassId;
  readonly because:
    | { readonly kind: "attribute"; readonly attributeId: AttributeId; readonly value: string }
    /** It was drawn as another class, which was merged in a version. */
    | { readonly kind: "former"; readonly classId: ClassId; readonly version: number };
};

type Versions = readonly (Pick<GuidelineVersion, "number" | "content"> & {
  readonly changes: readonly GuidelineChange[];
})[];
type Former = { readonly classId: ClassId; readonly version: number };
type Asked = {
  readonly options: readonly ClassDefinition[];
  readonly classOf: (id: ClassId) => ClassDefinition | undefined;
  readonly attributes: Attributes;
  /** The classes that it had; the last is the one that ended in the choice. */
  readonly formers: readonly Former[];
  /** What the leads said about how splits go, each followed to the class that it means now; the newest split first. */
  readonly hints: readonly SplitHint[];
};
type Source = (asked: Asked) => Suggestion | null;

/**
 * The class to begin with where a choice is open: by what the lead said about a split, else where an attribute or the class
 * before an earlier merge has the name of one of the choices. A person still decides.
 * @param stored the annotation as it is stored
 * @param history every version, oldest first
 * @returns null where nothing speaks for one of the choices
 */
export function suggestionFor(
  question: Pick<Question, "kind" | "options" | "classId">,
  stored: Pick<AnnotationFacts, "classId" | "under"> & { readonly attributes: Attributes },
  history: Versions,
): Suggestion | null {
  if (question.kind !== "choose") return null;
  const classes = new Map(history.at(-1)?.content.classes.map((each) => [each.id, each]));
  const classOf = (id: ClassId) => classes.get(id);
  const { classId, under: stamp, attributes } = stored;
  const asked: Asked = {
    options: question.options.flatMap((id) => classOf(id) ?? []),
    classOf,
    attributes: { ...attributes, ...effectiveAttributes({ classId: question.classId, stamp, attributes }, history) },
    formers: formerClasses(classId, stamp, history),
    hints: allHints(history),
  };
  for (const source of SOURCES) {
    const found = source(asked);
    if (found !== null) return found;
  }
  return null;
}

const SOURCES: readonly Source[] = [fromAttributeHint, fromFormerHint, fromAttributeName, fromFormerName];

function fromAttributeHint({ hints, attributes, options }: Asked): Suggestion | null {
  for (const hint of hints) {
    if (hint.from !== "attribute" || !isOption(hint.classId, options)) continue;
    const value = attributes[hint.attributeId];
    if (value === undefined || !isSame(value, hint.value)) continue;
    return { classId: hint.classId, because: { kind: "attribute", attributeId: hint.attributeId, value } };
  }
  return null;
}

function fromFormerHint({ hints, formers, options }: Asked): Suggestion | null {
  for (const hint of hints) {
    if (hint.from !== "former" || !isOption(hint.classId, options)) continue;
    const former = formers.slice(0, -1).find(({ classId }) => classId === hint.formerId);
    if (former !== undefined) return { classId: hint.classId, because: { kind: "former", ...former } };
  }
  return null;
}

function fromAttributeName({ attributes, formers, options, classOf }: Asked): Suggestion | null {
  for (const former of [...formers].reverse()) {
    for (const { id, values, retired } of classOf(former.classId)?.attributes ?? []) {
      const value = attributes[id] ?? "";
      if (retired || value === "") continue;
      const name = values.find((each) => each.id === value)?.name ?? value;
      const option = options.find((each) => isSame(each.name, name));
      if (option !== undefined) return { classId: option.id, because: { kind: "attribute", attributeId: id, value } };
    }
  }
  return null;
}

function fromFormerName({ formers, options, classOf }: Asked): Suggestion | null {
  for (const former of formers.slice(0, -1).reverse()) {
    const name = classOf(former.classId)?.name ?? "";
    const option = options.find((each) => each.id === former.classId || isSame(each.name, name));
    if (option !== undefined) return { classId: option.id, because: { kind: "former", ...former } };
  }
  return null;
}

/**
 * The classes that it certainly had, oldest first, each with the version that ended it. One that came back has not ended;
 * one that had ended before its stamp is followed from there, as everywhere.
 */
function formerClasses(stored: ClassId, stamp: number, history: Versions): Former[] {
  let formers: Former[] = [];
  let holder = stored;
  for (const { number: version } of history) {
    const then = history.filter(({ number }) => number <= version);
    const { classId, questions } = resolve(stored, stamp, then);
    const isOpen = questions.some(({ kind }) => kind === "choose");
    if (classId !== holder || isOpen) formers.push({ classId: holder, version });
    if (isOpen) break;
    if (classId === stored) formers = [];
    holder = classId;
  }
  return formers;
}

function allHints(history: Versions): SplitHint[] {
  return history
    .toReversed()
    .flatMap(({ number, changes }) =>
      changes.flatMap((change) =>
        change.kind === "split" ? (change.hints ?? []).map((hint) => followed(hint, number, history)) : [],
      ),
    );
}

/** The same hint about what has become of its class since the split. */
function followed(hint: SplitHint, since: number, history: Versions): SplitHint {
  return { ...hint, classId: resolve(hint.classId, since, history).classId };
}

function isOption(id: ClassId, options: readonly ClassDefinition[]): boolean {
  return options.some((each) => each.id === id);
}

function isSame(left: string, right: string): boolean {
  return left.trim() !== "" && left.trim().toLocaleLowerCase("en") === right.trim().toLocaleLowerCase("en");
}
