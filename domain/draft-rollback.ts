import { type DraftClash, type DraftState, mergeDrafts } from "./draft-merge.ts";
import { drawableBelow } from "./guideline/content.ts";
import { inverseValues } from "./guideline/inverse-values.ts";
import {
  type AttributeDefinition,
  type ClassDefinition,
  type Declaration,
  type GuidelineChange,
  type GuidelineVersion,
  isDrawable,
} from "./guideline.ts";
import type { ClassId } from "./ids.ts";
import { resolve } from "./migration.ts";

/**
 * A draft on the newest version that takes back what one version changed. Nothing is erased: classes that the version
 * brought are retired (a class made by a split gives its members back), classes that it ended are there again with the
 * words they had, and what it narrowed is broadened. Where a later version wrote on the same field, that stands and is
 * handed back as a clash.
 * @param versions oldest first; `number` is 2 or more and one of them
 */
export function rollbackOf(
  versions: readonly GuidelineVersion[],
  number: number,
): { readonly draft: DraftState; readonly clashes: readonly DraftClash[] } | null {
  const before = versions.find((each) => each.number === number - 1);
  const undone = versions.find((each) => each.number === number);
  const newest = versions.at(-1);
  if (before === undefined || undone === undefined || newest === undefined) return null;
  const state = ({ content }: GuidelineVersion): DraftState => ({ content, declarations: [] });
  const { merged, clashes } = mergeDrafts(state(undone), state(before), state(newest));
  const classes = withEverKnown(merged.content.classes, newest.content.classes);
  const content = { ...merged.content, classes };
  return { draft: { content, declarations: inverse(versions, undone, classes) }, clashes };
}

/** A class, an attribute or a value that was published stays: what the older version does not have is retired. */
function withEverKnown(merged: readonly ClassDefinition[], newest: readonly ClassDefinition[]): ClassDefinition[] {
  const kept = merged.map((each) => {
    const now = newest.find(({ id }) => id === each.id);
    return now === undefined ? each : { ...each, attributes: attributesEverKnown(each.attributes, now.attributes) };
  });
  const gone = newest.filter(({ id }) => !merged.some((each) => each.id === id));
  return [...kept, ...gone.map((each) => ({ ...each, retired: true }))];
}

function attributesEverKnown(
  merged: readonly AttributeDefinition[],
  newest: readonly AttributeDefinition[],
): AttributeDefinition[] {
  const kept = merged.map((each) => {
    const now = newest.find(({ id }) => id === each.id);
    const gone = now?.values.filter(({ id }) => !each.values.some((value) => value.id === id)) ?? [];
    return { ...each, values: [...each.values, ...gone.map((value) => ({ ...value, retired: true }))] };
  });
  const gone = newest.filter(({ id }) => !merged.some((each) => each.id === id));
  return [...kept, ...gone.map((each) => ({ ...each, retired: true }))];
}

/** What the draft has to say so that its own changes are those of the version, the other way round. */
function inverse(
  versions: readonly GuidelineVersion[],
  { changes, number }: GuidelineVersion,
  classes: readonly ClassDefinition[],
): Declaration[] {
  const newest = versions.at(-1)?.content.classes ?? [];
  const now = byId(newest);
  const after = byId(classes);
  const said = changes.flatMap((change) => inverseWording(change, now, after));
  const earlier = versions.filter((each) => each.number < number);
  const ended = classes.filter(({ id, retired }) => retired && now.get(id)?.retired === false);
  const ends = ended.map(({ id }): Declaration => {
    const cameBack = changes.some((each) => each.kind === "restore" && each.classId === id);
    const again = cameBack ? endedAgain(id, earlier, heirsIn(versions, after)) : null;
    return again ?? { kind: "retire", classId: id, successors: wholeOf(id, changes, after) };
  });
  return [...said, ...ends, ...inverseValues({ changes, earlier, versions }, newest, classes)];
}

/** What a class of a version is in the draft: itself where it can be drawn, else what has become of it since. */
type Heirs = (ids: readonly ClassId[], since: number) => ClassId[];

function heirsIn(versions: readonly GuidelineVersion[], after: Classes): Heirs {
  const drawn = (id: ClassId): boolean => isDrawable(after.get(id));
  const heirs = (id: ClassId, since: number): readonly ClassId[] => {
    if (drawn(id)) return [id];
    const { state, classId, questions } = resolve(id, since, versions);
    const choice = questions.find(({ kind }) => kind === "choose");
    return state === "archived" ? [] : (choice?.options ?? [classId]).filter(drawn);
  };
  return (ids, since) => [...new Set(ids.flatMap((id) => heirs(id, since)))];
}

/** Where the members of a part go back to: the class that was split, or those below it where it is not drawn itself. */
function wholeOf(id: ClassId, changes: readonly GuidelineChange[], after: Classes): ClassId[] {
  const split = changes.find((each) => each.kind === "split" && each.into.includes(id));
  const whole = split?.kind === "split" ? after.get(split.classId) : undefined;
  if (whole === undefined || whole.retired) return [];
  return isDrawable(whole) ? [whole.id] : drawableBelow([...after.values()], whole.id);
}

/** A class that a restore brought back ends once more as it did before, in what has become of what it went to. */
function endedAgain(id: ClassId, earlier: readonly GuidelineVersion[], heirs: Heirs): Declaration | null {
  const ends = earlier.flatMap(({ number, changes }) => changes.map((change) => ({ number, change })));
  const last = ends.findLast(({ change }) => endsClass(change, id));
  if (last === undefined) return null;
  const { number, change: end } = last;
  switch (end.kind) {
    case "merge": {
      const [into, ...others] = heirs([end.into], number);
      if (into === undefined || others.length > 0) break;
      return { kind: "merge", from: [id], into };
    }
    case "split": {
      const into = heirs(end.into, number);
      if (into.length < 2) break;
      const [fallback = null, ...others] = end.fallback === null ? [] : heirs([end.fallback], number);
      const hints = end.hints?.filter((hint) => into.includes(hint.classId));
      const led = others.length === 0 ? fallback : null;
      return { kind: "split", classId: id, into, fallback: led, guide: end.guide, ...(hints && { hints }) };
    }
    case "retire":
      if (end.ignore === true) return { kind: "retire", classId: id, successors: [], ignore: true };
      break;
    default:
      return null;
  }
  return { kind: "retire", classId: id, successors: heirs(targetsOf(end), number) };
}

function targetsOf(end: GuidelineChange): readonly ClassId[] {
  if (end.kind === "merge") return [end.into];
  if (end.kind === "split") return end.into;
  return end.kind === "retire" ? end.successors : [];
}

function endsClass(change: GuidelineChange, id: ClassId): boolean {
  if (change.kind === "merge") return change.from.includes(id);
  return (change.kind === "split" || change.kind === "retire") && change.classId === id;
}

type Classes = ReadonlyMap<ClassId, ClassDefinition>;

function byId(classes: readonly ClassDefinition[]): Classes {
  return new Map(classes.map((each) => [each.id, each]));
}

/** What a class whose words go back means again; nothing where its words stay. */
function inverseWording(change: GuidelineVersion["changes"][number], now: Classes, after: Classes): Declaration[] {
  if (!("classId" in change)) return [];
  const { classId } = change;
  const [old, next] = [now.get(classId), after.get(classId)];
  if (change.kind === "boundary") return isMoved(old, next) ? [{ kind: "boundary", classId }] : [];
  if (!isWorded(old, next)) return [];
  switch (change.kind) {
    case "narrow":
      return [{ kind: "broaden", classId, neighbours: [] }];
    case "broaden":
      return [{ kind: "narrow", classId }];
    case "reword":
    case "redefine":
      return [{ kind: change.kind, classId }];
    default:
      return [];
  }
}

function isWorded(old: ClassDefinition | undefined, now: ClassDefinition | undefined): boolean {
  if (old === undefined || now === undefined || old.retired || now.retired) return false;
  const words = ["definition", "include", "exclude", "boundary", "whenUnsure"] as const;
  return words.some((field) => old[field] !== now[field]);
}

function isMoved(old: ClassDefinition | undefined, now: ClassDefinition | undefined): boolean {
  return old !== undefined && now !== undefined && !old.retired && !now.retired && old.boundary !== now.boundary;
}
