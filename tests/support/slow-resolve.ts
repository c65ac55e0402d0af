import type { GuidelineChange } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";

type End = ClassId | "gone";

/**
 * What has become of a class, by walking every possible course of events one after the other: the plain reading of the
 * rules, exponential, to compare the fold with.
 */
export function slowResolve(classId: ClassId, stamp: number, history: History) {
  const versions = [...history].sort((left, right) => left.number - right.number);
  const start = startOf(classId, stamp, versions);
  const ends = new Set<End>();
  const reviews: { change: GuidelineChange; moved: ClassId[] }[] = [];
  walk(
    classId,
    start,
    versions,
    (end) => ends.add(end),
    (change, version) => {
      if (version <= stamp) return;
      const moved = new Set<End>();
      if (change.kind === "broaden")
        walk(
          change.classId,
          version,
          versions,
          (end) => moved.add(end),
          () => undefined,
        );
      moved.delete("gone");
      reviews.push({ change, moved: [...moved] as ClassId[] });
    },
  );
  const live = [...ends].filter((end): end is ClassId => end !== "gone");
  if (live.length === 0) return { state: "archived", certain: null, asked: [] };
  if (ends.size > 1) {
    const options = [...new Set([...live, ...reviews.flatMap((review) => review.moved)])].sort();
    return { state: "stale", certain: null, asked: [["choose", options].join(" ")] };
  }
  const certain = live[0]!;
  const unlike = (ids: ClassId[]) => ids.filter((id) => id !== certain).sort();
  const standing = [...new Map(reviews.map((review) => [review.change, review])).values()].filter(
    ({ change, moved }) => change.kind === "narrow" || unlike(moved).length > 0,
  );
  const asked = standing.map(({ moved }) => ["review", unlike(moved)].join(" ")).sort();
  const moved = certain === classId ? "current" : "carried-over";
  return { state: asked.length > 0 ? "stale" : moved, certain, asked };
}

/** Follows a class from just after a version to the end, telling of every end and of every definition changed on the way. */
function walk(
  classId: ClassId,
  after: number,
  versions: History,
  atEnd: (end: End) => void,
  onReview: (change: GuidelineChange, version: number) => void,
): void {
  const next = versions.find((version) => version.number > after);
  if (next === undefined) {
    atEnd(classId);
    return;
  }
  const ending = next.changes.find((change) => ends(change, classId));
  const undone = versions.some(
    (later) => later.number > next.number && later.changes.some((each) => restores(each, classId)),
  );
  const now = ending === undefined || undone ? [classId] : successors(ending);
  if (now.length === 0) atEnd("gone");
  for (const id of now) {
    for (const change of next.changes) {
      const asked =
        (change.kind === "narrow" && change.classId === id) ||
        (change.kind === "broaden" && change.neighbours.includes(id));
      if (asked) onReview(change, next.number);
    }
    walk(id, next.number, versions, atEnd, onReview);
  }
}

function startOf(classId: ClassId, stamp: number, versions: History): number {
  const past = versions.filter((version) => version.number <= stamp).reverse();
  for (const { number, changes } of past) {
    if (changes.some((change) => restores(change, classId))) return stamp;
    if (changes.some((change) => ends(change, classId))) return number - 1;
  }
  return stamp;
}

function ends(change: GuidelineChange, classId: ClassId): boolean {
  if (change.kind === "merge") return change.from.includes(classId);
  return (change.kind === "split" || change.kind === "retire") && change.classId === classId;
}

function restores(change: GuidelineChange, classId: ClassId): boolean {
  return change.kind === "restore" && change.classId === classId;
}

function successors(change: GuidelineChange): ClassId[] {
  if (change.kind === "merge") return [change.into];
  if (change.kind === "split") return change.into;
  return change.kind === "retire" ? change.successors : [];
}
