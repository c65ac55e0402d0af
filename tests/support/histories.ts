import fc from "fast-check";
import { rollbackOf } from "#domain/draft-rollback.ts";
import type {
  ClassDefinition,
  ClassRules,
  Declaration,
  GuidelineChange,
  GuidelineContent,
  GuidelineVersion,
} from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import type { ClassId } from "#domain/ids.ts";
import { ATTRIBUTE_KINDS, type AttributeKind, editAttribute } from "./attribute-edits.ts";
import { aClass, aClassId, aGuideline, withClass } from "./builders.ts";

export type LineVersion = {
  readonly number: number;
  readonly content: GuidelineContent;
  readonly declarations: readonly Declaration[];
  readonly changes: readonly GuidelineChange[];
  /** The version that it takes back; null for what a lead wrote. */
  readonly takesBack: number | null;
};

export type Line = {
  readonly first: GuidelineContent;
  /** What the first version brings. */
  readonly began: readonly GuidelineChange[];
  readonly versions: readonly LineVersion[];
};

const NAMES = ["a", "b", "c", "d", "e"];
const SHAPES = [["polygon"], ["box"], ["point"], ["polygon", "point"]] as const;
/** Smallest areas, um2; an outline of 150 um2 violates the last one only. */
const AREAS = [null, 100, 200] as const;
/** Largest areas, um2. */
const MOST_AREAS = [null, 900, 300] as const;
/** Shares that outlines of other classes may claim. */
const SHARES = [null, 0.5, 0.25] as const;
const KINDS = [
  "add",
  "merge",
  "split",
  "retire",
  "narrow",
  "broaden",
  "redefine",
  "boundary",
  "geometry",
  "limits",
  "abstract",
  "concrete",
  "reword",
  "rename",
  "restore",
] as const;
const PAIR_KINDS = ["sharing", "nesting"] as const;
type Kind =
  | (typeof KINDS)[number]
  | (typeof PAIR_KINDS)[number]
  | AttributeKind
  | "asking"
  | "most"
  | "move"
  | "rollback";

const opOf = (kinds: readonly Kind[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), subject: fc.nat(50), other: fc.nat(50), third: fc.nat(50) });
type Op = ReturnType<typeof opOf> extends fc.Arbitrary<infer Value> ? Value : never;

/** Five classes, of which the last has a smallest area from the beginning. */
const firstGuideline = (): GuidelineContent => withClass(aGuideline(NAMES), "e", { minAreaUm2: AREAS[2] });

/** The same where most may share everything at first; what some allow less than others matters to what is carried over. */
function firstOfPairs(): GuidelineContent {
  const old: Readonly<Record<string, Partial<ClassRules>>> = {
    b: { maxSharedShare: SHARES[2], overlaps: [aClassId("c")] },
    d: { nestedIn: [aClassId("a")] },
    e: { maxSharedShare: SHARES[2] },
  };
  return aGuideline(
    NAMES.map((name) => aClass(name, { rules: { ...aClass(name).rules, maxSharedShare: null, ...old[name] } })),
  );
}

/** The same where three classes have something to be said from the beginning: required, or not. */
function firstWithAttributes(): GuidelineContent {
  const said: Readonly<Record<string, readonly { readonly other: number; readonly third: number }[]>> = {
    a: [{ other: 1, third: 1 }],
    b: [{ other: 0, third: 0 }],
    c: [
      { other: 1, third: 0 },
      { other: 0, third: 1 },
    ],
  };
  const first = firstGuideline();
  const classes = first.classes.map((definition) => {
    const added = (said[definition.name.slice(-1)] ?? []).map((picks, number) => {
      return editAttribute("attribute", { definition, number }, picks)?.attributes.at(-1);
    });
    return { ...definition, attributes: added.flatMap((each) => each ?? []) };
  });
  return { ...first, classes };
}

/**
 * A guideline of five classes and up to six later versions, each with one to three legal changes; version 1 is the first.
 * The changes are those that `diffGuidelines` finds, which therefore takes part in every property.
 */
export const lines: fc.Arbitrary<Line> = linesOf(KINDS, firstGuideline);

/** The same with rules about two outlines. */
export const pairLines: fc.Arbitrary<Line> = linesOf(
  [...KINDS, ...PAIR_KINDS, ...PAIR_KINDS, "merge", "retire"],
  firstOfPairs,
);

/** Lines with all that can be changed: attributes and values, rules that are inherited, and versions that are taken back. */
export const wholeLines: fc.Arbitrary<Line> = linesOf(
  [
    ...KINDS,
    ...ATTRIBUTE_KINDS,
    ...ATTRIBUTE_KINDS,
    "most",
    "move",
    "rollback",
    "rollback",
    "asking",
    "split",
    "merge",
  ],
  firstWithAttributes,
  4,
);

/** Lines that leave members to choose from, and take nothing back. */
export const choosingLines: fc.Arbitrary<Line> = linesOf(
  [...KINDS.filter((kind) => kind !== "restore" && kind !== "concrete"), "split", "split", "retire", "abstract"],
  firstGuideline,
);

/** One line, by what each of its versions does. */
export function lineOf(...steps: readonly (readonly Partial<Op>[])[]): Line {
  return buildLine(steps.map(wholeOps), firstGuideline());
}

/** The same of a guideline in which something has to be said. */
export function wholeLineOf(...steps: readonly (readonly Partial<Op>[])[]): Line {
  return buildLine(steps.map(wholeOps), firstWithAttributes());
}

function wholeOps(ops: readonly Partial<Op>[]): Op[] {
  return ops.map((op) => ({ kind: "reword", subject: 0, other: 0, third: 0, ...op }));
}

function linesOf(kinds: readonly Kind[], first: () => GuidelineContent, minLength = 1): fc.Arbitrary<Line> {
  return fc
    .array(fc.array(opOf(kinds), { minLength: 1, maxLength: 3 }), { minLength, maxLength: 6 })
    .map((steps) => buildLine(steps, first()));
}

/** A line, one of its class ids, and a stamp at which that class existed. */
export const followed = lines.chain((line) =>
  fc
    .record({ stamp: fc.integer({ min: 1, max: line.versions.length + 1 }), pick: fc.nat(100) })
    .map(({ stamp, pick }) => {
      const content = stamp === 1 ? line.first : (line.versions[stamp - 2]?.content ?? line.first);
      const classId = content.classes[pick % content.classes.length]?.id ?? content.classes[0]!.id;
      return { line, stamp, classId };
    }),
);

export function newest(line: Line): GuidelineContent {
  return line.versions.at(-1)?.content ?? line.first;
}

function buildLine(steps: readonly (readonly Op[])[], first: GuidelineContent): Line {
  const published: GuidelineVersion[] = [{ number: 1, content: first, changes: [], note: "" }];
  const versions = steps.map((ops, index): LineVersion => {
    const number = index + 2;
    const before = published.at(-1)?.content ?? first;
    const version = takenBack(published, ops) ?? written(before, number, ops);
    const changes = changesBetween(before, version.content, version.declarations);
    published.push({ number, content: version.content, changes, note: "" });
    return { number, ...version, changes };
  });
  return shown({ first, began: changesBetween({ ...first, classes: [] }, first, []), versions });
}

function changesBetween(from: GuidelineContent, to: GuidelineContent, said: readonly Declaration[]): GuidelineChange[] {
  const diff = diffGuidelines(from, to, said);
  if (!diff.ok) throw new Error(`${diff.reason} ${JSON.stringify(diff.detail)}`);
  return diff.value;
}

/** A failing case names what its versions do, instead of every text. */
function shown(line: Line): Line {
  const told = () => JSON.stringify(line.versions.map(({ changes, takesBack }) => [takesBack, ...changes]));
  return Object.defineProperty(line, fc.toStringMethod, { value: told, enumerable: false });
}

type Written = Pick<LineVersion, "content" | "declarations" | "takesBack">;

function written(before: GuidelineContent, number: number, ops: readonly Op[]): Written {
  const draft = new Draft(before, number);
  for (const each of ops) draft.apply(each);
  return { content: { ...before, classes: draft.classes }, declarations: draft.declarations, takesBack: null };
}

/**
 * The newest version taken back, or an older one; null where nobody wants that. An older one with which later versions do
 * not go together is left to the lead: then nothing is taken back either.
 */
function takenBack(published: readonly GuidelineVersion[], ops: readonly Op[]): Written | null {
  const back = ops.find(({ kind }) => kind === "rollback");
  const newest = published.at(-1);
  if (back === undefined || newest === undefined || published.length < 2) return null;
  const takesBack = back.third % 2 === 0 ? newest.number : 2 + (back.subject % (published.length - 1));
  const found = rollbackOf(published, takesBack);
  if (found === null) throw new Error(`version ${takesBack} cannot be taken back`);
  const { content, declarations } = found.draft;
  const fits = takesBack === newest.number || diffGuidelines(newest.content, content, declarations).ok;
  return fits ? { content, declarations, takesBack } : null;
}

function isAboutAttributes(kind: Kind): kind is AttributeKind {
  return ATTRIBUTE_KINDS.some((each) => each === kind);
}

class Draft {
  classes: ClassDefinition[];
  readonly declarations: Declaration[] = [];
  private readonly number: number;
  private readonly before: ReadonlyMap<ClassId, ClassDefinition>;
  /** Classes that this version has already used in a way that excludes another. */
  private readonly used = new Set<ClassId>();
  /** Classes of which an attribute is another already. */
  private readonly attributed = new Set<ClassId>();
  private added = 0;

  constructor(before: GuidelineContent, number: number) {
    this.classes = [...before.classes];
    this.before = new Map(before.classes.map((each) => [each.id, each]));
    this.number = number;
  }

  apply(op: Op): void {
    const { kind, subject, other, third } = op;
    if (isAboutAttributes(kind)) this.attribute(kind, op);
    else if (kind === "add") this.add();
    else if (kind === "asking") this.addAsking(op);
    else if (kind !== "rollback") this.change(kind, { subject, other, third });
  }

  private change(
    kind: Exclude<Kind, AttributeKind | "add" | "asking" | "rollback">,
    { subject, other, third }: Omit<Op, "kind">,
  ): void {
    const source = this.pick(kind === "restore", subject);
    if (source === null) return;
    if (kind === "restore") this.set(source, { retired: false });
    else if (kind === "rename") this.set(source, { name: `${source} in ${this.number}` });
    else if (kind === "geometry") this.set(source, { geometry: [...SHAPES[other % SHAPES.length]!] });
    else if (kind === "limits") this.set(source, { minAreaUm2: AREAS[other % AREAS.length]! });
    else if (kind === "most") this.bound(source, MOST_AREAS[other % MOST_AREAS.length] ?? null);
    else if (kind === "move") this.move(source, other, third);
    else if (kind === "sharing" || kind === "nesting") this.relate(kind, source, other, third);
    else if (kind === "abstract") this.group(source, other);
    else if (kind === "concrete") this.set(source, { abstract: false });
    else if (kind === "merge" || kind === "split" || kind === "retire") this.end(kind, source, other, third);
    else this.word(kind, source, other);
  }

  /** A class of which something has to be said from its beginning. */
  private addAsking({ other }: Op): void {
    const id = this.add();
    this.classes = this.classes.map((definition) => {
      if (definition.id !== id) return definition;
      const edit = editAttribute("attribute", { definition, number: this.number }, { other, third: 1 });
      return { ...definition, attributes: edit?.attributes ?? [] };
    });
  }

  private attribute(kind: AttributeKind, { subject, other, third }: Op): void {
    const live = this.classes.filter(
      ({ id, retired, attributes }) =>
        !retired && this.before.has(id) && (kind === "attribute" || attributes.length > 0),
    );
    const definition = live[subject % Math.max(1, live.length)];
    if (definition === undefined || this.attributed.has(definition.id)) return;
    const edit = editAttribute(kind, { definition, number: this.number }, { other, third });
    if (edit === null) return;
    this.attributed.add(definition.id);
    this.declarations.push(...edit.declarations);
    const { attributes } = edit;
    this.classes = this.classes.map((each) => (each.id === definition.id ? { ...each, attributes } : each));
  }

  private bound(source: ClassId, maxAreaUm2: number | null): void {
    const rules = this.classes.find((each) => each.id === source)?.rules;
    if (rules !== undefined) this.set(source, { rules: { ...rules, maxAreaUm2 } });
  }

  /** The class is put below another and has its rules where it has none of its own, or stands for itself again. */
  private move(source: ClassId, other: number, third: number): void {
    const isAbove = (id: ClassId): boolean => this.classes.some((each) => each.parentId === id);
    const moved = this.classes.filter(
      ({ parentId }) => parentId !== null && this.classes.some(({ id, abstract }) => id === parentId && !abstract),
    );
    const back = moved[other % Math.max(1, moved.length)];
    if (back !== undefined && third % 3 === 0) {
      this.set(back.id, { parentId: null });
      return;
    }
    const above = this.classes.filter((each) => each.parentId === null && !each.retired && each.id !== source);
    const parent = above[other % Math.max(1, above.length)];
    const own = this.classes.find((each) => each.id === source);
    if (parent === undefined || parent.abstract || own === undefined || own.abstract || isAbove(source)) return;
    this.set(source, { parentId: parent.id, rules: { ...own.rules, inherits: true } });
  }

  /** Whether the class may share tissue with another, how much of it others may claim, and in what it lies. */
  private relate(kind: "sharing" | "nesting", source: ClassId, other: number, third: number): void {
    const of = this.classes.find((each) => each.id === source);
    const near = this.target(other, source);
    if (of === undefined || near === null) return;
    const listed = third % 2 === 0 ? [] : [near];
    const maxSharedShare = SHARES[other % SHARES.length] ?? null;
    const change = kind === "nesting" ? { nestedIn: listed } : { maxSharedShare, overlaps: listed };
    this.set(source, { rules: { ...of.rules, ...change } });
  }

  /** The class only holds one or two new ones together from now on. */
  private group(source: ClassId, other: number): void {
    if (this.classes.some((each) => each.id === source && each.abstract)) return;
    this.set(source, { abstract: true });
    for (let child = 0; child <= other % 2; child++) this.set(this.add(), { parentId: source });
  }

  private word(said: "narrow" | "broaden" | "redefine" | "boundary" | "reword", source: ClassId, other: number): void {
    // A class that is not drawn itself has no members whose meaning could change.
    const kind = this.before.get(source)?.abstract === true ? "reword" : said;
    const neighbour = kind === "broaden" ? this.target(other, source) : null;
    if (kind === "broaden" && neighbour === null) return;
    this.set(source, { [kind === "boundary" ? "boundary" : "definition"]: `${source} in ${this.number}` });
    if (kind === "broaden") this.declarations.push({ kind, classId: source, neighbours: [neighbour!] });
    else this.declarations.push({ kind, classId: source });
  }

  private end(kind: "merge" | "split" | "retire", source: ClassId, other: number, third: number): void {
    this.used.add(source);
    const target = this.target(other, source);
    if (kind === "merge") {
      if (target === null) return;
      this.declarations.push({ kind, from: [source], into: target });
    } else if (kind === "split") {
      const children = [target ?? this.add(), this.add()];
      const fallback = third % 2 === 0 ? null : this.target(third, source);
      this.declarations.push({ kind, classId: source, into: children, fallback, guide: "" });
    } else {
      const second = this.target(third, source);
      const successors = [target, second].slice(0, third % 3).flatMap((id) => (id === null ? [] : [id]));
      this.declarations.push({ kind, classId: source, successors: [...new Set(successors)] });
    }
    this.set(source, { retired: true });
  }

  /** A class of the version before that this version has left alone so far. */
  private pick(retired: boolean, choice: number): ClassId | null {
    const free = this.classes.filter(
      (each) =>
        each.retired === retired && each.parentId === null && this.before.has(each.id) && !this.used.has(each.id),
    );
    const found = free[choice % Math.max(1, free.length)];
    return found?.id ?? null;
  }

  private target(choice: number, source: ClassId): ClassId | null {
    const live = this.classes.filter((each) => !each.retired && !each.abstract && each.id !== source);
    const found = live[choice % Math.max(1, live.length)];
    if (found === undefined) return null;
    this.used.add(found.id);
    return found.id;
  }

  private add(): ClassId {
    const added = aClass(`v${this.number}n${this.added++}`);
    this.classes.push(added);
    this.used.add(added.id);
    return added.id;
  }

  private set(id: ClassId, change: Partial<ClassDefinition>): void {
    this.used.add(id);
    this.classes = this.classes.map((each) => (each.id === id ? { ...each, ...change } : each));
  }
}
