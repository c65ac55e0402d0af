import fc from "fast-check";
import type { ClassDefinition, ClassRules, Declaration, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import type { ClassId } from "#domain/ids.ts";
import { aClass, aClassId, aGuideline, withClass } from "./builders.ts";

export type Line = {
  readonly first: GuidelineContent;
  readonly versions: readonly {
    readonly number: number;
    readonly content: GuidelineContent;
    readonly declarations: readonly Declaration[];
    readonly changes: readonly GuidelineChange[];
  }[];
};

const NAMES = ["a", "b", "c", "d", "e"];
const SHAPES = [["polygon"], ["box"], ["point"], ["polygon", "point"]] as const;
/** Smallest areas, um2; an outline of 150 um2 violates the last one only. */
const AREAS = [null, 100, 200] as const;
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
type Kind = (typeof KINDS)[number] | (typeof PAIR_KINDS)[number];

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

/** Lines that leave members to choose from, and take nothing back. */
export const choosingLines: fc.Arbitrary<Line> = linesOf(
  [...KINDS.filter((kind) => kind !== "restore" && kind !== "concrete"), "split", "split", "retire", "abstract"],
  firstGuideline,
);

/** One line, by what each of its versions does. */
export function lineOf(...steps: readonly (readonly Partial<Op>[])[]): Line {
  const whole: Op = { kind: "reword", subject: 0, other: 0, third: 0 };
  return buildLine(
    steps.map((ops) => ops.map((op) => ({ ...whole, ...op }))),
    firstGuideline(),
  );
}

function linesOf(kinds: readonly Kind[], first: () => GuidelineContent): fc.Arbitrary<Line> {
  return fc
    .array(fc.array(opOf(kinds), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
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
  let before = first;
  const versions = steps.map((ops, index) => {
    const draft = new Draft(before, index + 2);
    for (const each of ops) draft.apply(each);
    const content = { ...before, classes: draft.classes };
    const diff = diffGuidelines(before, content, draft.declarations);
    if (!diff.ok) throw new Error(`${diff.reason} ${JSON.stringify(diff.detail)}`);
    before = content;
    return { number: index + 2, content, declarations: draft.declarations, changes: diff.value };
  });
  return { first, versions };
}

class Draft {
  classes: ClassDefinition[];
  readonly declarations: Declaration[] = [];
  private readonly number: number;
  private readonly before: ReadonlyMap<ClassId, ClassDefinition>;
  /** Classes that this version has already used in a way that excludes another. */
  private readonly used = new Set<ClassId>();
  private added = 0;

  constructor(before: GuidelineContent, number: number) {
    this.classes = [...before.classes];
    this.before = new Map(before.classes.map((each) => [each.id, each]));
    this.number = number;
  }

  apply({ kind, subject, other, third }: Op): void {
    if (kind === "add") {
      this.add();
      return;
    }
    const source = this.pick(kind === "restore", subject);
    if (source === null) return;
    if (kind === "restore") this.set(source, { retired: false });
    else if (kind === "rename") this.set(source, { name: `${source} in ${this.number}` });
    else if (kind === "geometry") this.set(source, { geometry: [...SHAPES[other % SHAPES.length]!] });
    else if (kind === "limits") this.set(source, { minAreaUm2: AREAS[other % AREAS.length]! });
    else if (kind === "sharing" || kind === "nesting") this.relate(kind, source, other, third);
    else if (kind === "abstract") this.group(source, other);
    else if (kind === "concrete") this.set(source, { abstract: false });
    else if (kind === "merge" || kind === "split" || kind === "retire") this.end(kind, source, other, third);
    else this.word(kind, source, other);
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
