import type { GuidelineChange, Shape } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";

type End = ClassId | "gone";
/**
 * Newest version that somebody confirmed, the same for each class that it was kept as, what the outline is drawn as, and
 * rules of the newest version that it violates.
 */
export type Seen = {
  readonly settled?: number;
  readonly keptAs?: ReadonlyMap<ClassId, number>;
  readonly shape?: Shape;
  readonly violates?: readonly string[];
};

/** One thing that is asked, and the version that asks it; null for a choice, of which every version may change what it offers. */
export type Fact = { readonly text: string; readonly version: number | null };

/** The shapes of which nothing makes the new ones: a polygon has a box and a middle, a line too, a box has a middle. */
export const MAKES: Readonly<Record<Shape, readonly Shape[]>> = {
  polygon: ["polygon", "box", "point"],
  line: ["line", "box", "point"],
  box: ["box", "point"],
  point: ["point"],
};

/**
 * What has become of a class, by walking every possible course of events one after the other: the plain reading of the
 * rules, exponential, to compare the fold with. Shares no code with it.
 */
export function slowResolve(
  classId: ClassId,
  stamp: number,
  history: History,
  { settled = 0, keptAs = new Map(), shape = "polygon", violates = [] }: Seen = {},
) {
  const versions = [...history].sort((left, right) => left.number - right.number);
  const start = startOf(classId, stamp, versions);
  const ends = new Set<End>();
  const reviews: { change: GuidelineChange; version: number; moved: ClassId[] }[] = [];
  let mustLook = false;
  let movedIn = 0;
  walk(classId, start, versions, {
    atEnd: (end) => ends.add(end),
    onMove: (version) => {
      movedIn = Math.max(movedIn, version);
    },
    onChoice: () => {
      mustLook = true;
    },
    onReview: (change, version) => {
      if (version <= Math.max(stamp, settled) || !reaches(change, shape)) return;
      const moved = new Set<End>();
      if (change.kind === "broaden") {
        walk(change.classId, version, versions, {
          atEnd: (end) => moved.add(end),
          onMove: nothing,
          onChoice: nothing,
          onReview: nothing,
        });
      }
      moved.delete("gone");
      reviews.push({ change, version, moved: [...moved] as ClassId[] });
    },
  });
  const live = [...ends].filter((end): end is ClassId => end !== "gone");
  if (live.length === 0) return answer("archived", null, movedIn, []);
  if (ends.size > 1 || mustLook) {
    const options = [...new Set([...live, ...reviews.flatMap((review) => review.moved)])].sort();
    return answer("stale", null, movedIn, [{ text: ["choose", options].join(" "), version: null }]);
  }
  const certain = live[0]!;
  const unlike = (ids: ClassId[]) => ids.filter((id) => id !== certain).sort();
  const standing = [...new Map(reviews.map((review) => [review.change, review])).values()].filter(
    ({ change, moved }) => change.kind !== "broaden" || unlike(moved).length > 0,
  );
  const facts = standing.map(({ change, version, moved }): Fact => {
    return { text: [redraws(change) ? "redraw" : "review", unlike(moved)].join(" "), version };
  });
  // Whoever came to this class after they were drawn and kept has never been judged by its rules, however old those are.
  const judged = Math.max(stamp, keptAs.get(certain) ?? 0);
  for (const rule of violates) {
    const isNew = certain !== classId && movedIn > judged;
    const tightened = versions.filter(({ changes }) =>
      changes.some(
        (change) => change.kind === "limits" && change.classId === certain && change.tightened.includes(rule),
      ),
    );
    const last = tightened.at(-1)?.number ?? 0;
    if (!isNew && last <= judged) continue;
    facts.push({ text: `limit ${rule}`, version: Math.max(last, certain === classId ? 0 : movedIn) });
  }
  const moved = certain === classId ? "current" : "carried-over";
  return answer(facts.length > 0 ? "stale" : moved, certain, movedIn, facts);
}

function answer(state: string, certain: ClassId | null, movedIn: number, facts: readonly Fact[]) {
  return { state, certain, movedIn, facts, asked: facts.map(({ text }) => text).sort() };
}

type Visitor = {
  readonly atEnd: (end: End) => void;
  /** A version ended the class that it was until then. */
  readonly onMove: (version: number) => void;
  /** A person has to look, even if only one class can follow. */
  readonly onChoice: () => void;
  readonly onReview: (change: GuidelineChange, version: number) => void;
};

const nothing = (): undefined => undefined;

/** Follows a class from just after a version to the end, telling of every end and of every definition changed on the way. */
function walk(classId: ClassId, after: number, versions: History, visitor: Visitor): void {
  const next = versions.find((version) => version.number > after);
  if (next === undefined) {
    visitor.atEnd(classId);
    return;
  }
  const ending = next.changes.find((change) => ends(change, classId));
  const undone = versions.some(
    (later) => later.number > next.number && later.changes.some((each) => restores(each, classId)),
  );
  const now = ending === undefined || undone ? [classId] : successors(ending);
  if (ending !== undefined && !undone) visitor.onMove(next.number);
  if (ending?.kind === "abstract" && !undone) visitor.onChoice();
  if (now.length === 0) visitor.atEnd("gone");
  for (const id of now) {
    for (const change of next.changes) if (asksMembers(change, id)) visitor.onReview(change, next.number);
    walk(id, next.number, versions, visitor);
  }
}

function asksMembers(change: GuidelineChange, id: ClassId): boolean {
  if (change.kind === "broaden") return change.neighbours.includes(id);
  const kinds = ["narrow", "redefine", "boundary", "geometry"];
  return kinds.includes(change.kind) && "classId" in change && change.classId === id;
}

function reaches(change: GuidelineChange, shape: Shape): boolean {
  if (change.kind !== "geometry") return true;
  return change.from.includes(shape) && !MAKES[shape].some((made) => change.to.includes(made));
}

function redraws(change: GuidelineChange): boolean {
  return change.kind === "boundary" || change.kind === "geometry";
}

function startOf(classId: ClassId, stamp: number, versions: History): number {
  const past = versions.filter((version) => version.number <= stamp).reverse();
  for (const { number, changes } of past) {
    if (changes.some((change) => ends(change, classId))) return number - 1;
    if (changes.some((change) => restores(change, classId))) return stamp;
  }
  return stamp;
}

function ends(change: GuidelineChange, classId: ClassId): boolean {
  if (change.kind === "merge") return change.from.includes(classId);
  return ["split", "retire", "abstract"].includes(change.kind) && "classId" in change && change.classId === classId;
}

function restores(change: GuidelineChange, classId: ClassId): boolean {
  return (change.kind === "restore" || change.kind === "concrete") && change.classId === classId;
}

function successors(change: GuidelineChange): ClassId[] {
  if (change.kind === "merge") return [change.into];
  if (change.kind === "split") return change.into;
  if (change.kind === "abstract") return change.children;
  return change.kind === "retire" ? change.successors : [];
}
