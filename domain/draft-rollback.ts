import { type DraftClash, type DraftState, mergeDrafts } from "./draft-merge.ts";
import type { AttributeDefinition, ClassDefinition, Declaration, GuidelineVersion } from "./guideline.ts";
import type { ClassId } from "./ids.ts";

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
  return { draft: { content, declarations: inverse(undone, newest.content.classes, classes) }, clashes };
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
  { changes }: GuidelineVersion,
  newest: readonly ClassDefinition[],
  classes: readonly ClassDefinition[],
): Declaration[] {
  const now = byId(newest);
  const after = byId(classes);
  const said = changes.flatMap((change) => inverseWording(change, now, after));
  const whole = new Map(
    changes.flatMap((each) => (each.kind === "split" ? each.into.map((id) => [id, each.classId] as const) : [])),
  );
  const ended = classes.filter(({ id, retired }) => retired && now.get(id)?.retired === false);
  const ends = ended.map(({ id }): Declaration => {
    const back = whole.get(id);
    const successors = back !== undefined && after.get(back)?.retired === false ? [back] : [];
    return { kind: "retire", classId: id, successors };
  });
  return [...said, ...ends, ...valueEnds(newest, classes)];
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

/** Values that can no longer be chosen are forgotten: nobody could say them before. */
function valueEnds(newest: readonly ClassDefinition[], classes: readonly ClassDefinition[]): Declaration[] {
  return classes.flatMap(({ id: classId, attributes }) => {
    const old = newest.find(({ id }) => id === classId)?.attributes ?? [];
    return attributes.flatMap((attribute): Declaration[] => {
      const before = old.find(({ id }) => id === attribute.id);
      if (before === undefined || attribute.retired) return [];
      const ended = attribute.values.filter(
        (value) => value.retired && before.values.some((each) => each.id === value.id && !each.retired),
      );
      const about = { classId, attributeId: attribute.id, successors: [] };
      return ended.map((value) => ({ kind: "value-retire", ...about, value: value.id }));
    });
  });
}

function isWorded(old: ClassDefinition | undefined, now: ClassDefinition | undefined): boolean {
  if (old === undefined || now === undefined || old.retired || now.retired) return false;
  const words = ["definition", "include", "exclude", "boundary", "whenUnsure"] as const;
  return words.some((field) => old[field] !== now[field]);
}

function isMoved(old: ClassDefinition | undefined, now: ClassDefinition | undefined): boolean {
  return old !== undefined && now !== undefined && !old.retired && !now.retired && old.boundary !== now.boundary;
}
