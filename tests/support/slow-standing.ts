import type {
  AttributeDefinition,
  ClassDefinition,
  GuidelineChange,
  GuidelineVersion,
  Shape,
} from "#domain/guideline.ts";
import { type AttributeId, type ClassId, classId } from "#domain/ids.ts";
import { type Fact, MAKES, slowResolve } from "./slow-resolve.ts";

/** Versions with what they say, oldest first, from the first one. */
export type Versions = readonly (Pick<GuidelineVersion, "number" | "content"> & {
  readonly changes: readonly GuidelineChange[];
})[];

export type SlowOutline = {
  readonly classId: ClassId;
  readonly under: number;
  readonly shape: Shape;
  /** 0 for what has none. */
  readonly areaUm2: number;
  /** As they are stored. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What somebody meant by each number, and the version in whose unit. */
  readonly numbers: Readonly<Record<string, { readonly value: number; readonly version: number }>>;
  /** Versions under which its present content was kept, each with the class that it then had for certain. */
  readonly keeps: readonly { readonly version: number; readonly as: ClassId | null }[];
};

/**
 * Where an outline stands and what is to be said about it, from what the versions say and nothing else: the class by
 * trying every course of events, rules by the newest text, attributes by since when the texts demand them. Values of
 * attributes fare as classes do.
 */
export function slowStanding(outline: SlowOutline, versions: Versions) {
  const { classId: stored, under, shape, keeps } = outline;
  const keptAs = new Map(keeps.flatMap(({ version, as }) => (as === null ? [] : [[as, version] as const])));
  const seen = { settled: Math.max(0, ...keeps.map(({ version }) => version)), keptAs, shape };
  const { certain, state } = slowResolve(stored, under, versions, seen);
  if (certain === null) return { ...slowResolve(stored, under, versions, seen), values: new Map<string, string>() };
  const content = versions.at(-1)?.content.classes ?? [];
  const found = slowResolve(stored, under, versions, { ...seen, violates: violated(outline, certain, content) });
  const held = { classId: certain, movedIn: certain === stored ? 0 : found.movedIn, settled: seen.settled };
  const attributes = content.find(({ id }) => id === certain)?.attributes ?? [];
  const said = attributes.map((each) => slowAttribute(each, outline, held, versions));
  const facts = [...found.facts, ...said.flatMap((each) => each.facts)];
  const values = new Map(said.flatMap(({ id, value }) => (value === null ? [] : [[id as string, value] as const])));
  const settled =
    state === "stale" || found.state === "stale" ? (certain === stored ? "current" : "carried-over") : state;
  return {
    ...found,
    facts,
    asked: facts.map(({ text }) => text).sort(),
    values,
    state: facts.length > 0 ? "stale" : settled,
  };
}

/** Rules of the newest text that an outline of a class does not satisfy: its size, and its shape where it came from another. */
function violated({ classId: stored, shape, areaUm2 }: SlowOutline, now: ClassId, classes: readonly ClassDefinition[]) {
  const byId = new Map(classes.map((each) => [each.id, each]));
  const own = byId.get(now);
  const limit = (read: (of: ClassDefinition) => number | null): number | null => {
    for (let at = own; at !== undefined; at = byId.get(at.parentId ?? classId.parse("nonenone"))) {
      const found = read(at);
      if (found !== null || !at.rules.inherits) return found;
    }
    return null;
  };
  const least = limit(({ minAreaUm2 }) => minAreaUm2);
  const most = limit(({ rules }) => rules.maxAreaUm2);
  const found: string[] = [];
  if (areaUm2 > 0 && least !== null && areaUm2 < least) found.push("minAreaUm2");
  if (areaUm2 > 0 && most !== null && areaUm2 > most) found.push("maxAreaUm2");
  const wasAllowed = byId.get(stored)?.geometry.includes(shape) === true;
  const isMade = MAKES[shape].some((made) => own?.geometry.includes(made));
  if (stored !== now && wasAllowed && !isMade) found.push("geometry");
  return found;
}

/** `movedIn`: the version that made the outline a member of the class; 0 for one that was drawn as it. */
type Held = { readonly classId: ClassId; readonly movedIn: number; readonly settled: number };

function slowAttribute(definition: AttributeDefinition, outline: SlowOutline, held: Held, versions: Versions) {
  const { id } = definition;
  const stored = outline.attributes[id] ?? "";
  const value = effective(definition, stored, outline, held, versions);
  return { id, value, facts: definition.retired ? [] : asked(definition, stored, outline, held, versions) };
}

function asked(
  { id, kind }: AttributeDefinition,
  stored: string,
  outline: SlowOutline,
  held: Held,
  versions: Versions,
): Fact[] {
  const { movedIn } = held;
  const must = (version: number): Fact => ({ text: `attribute ${id} must`, version: Math.max(version, movedIn) });
  const since = demandedSince(held.classId, id, versions);
  if (stored === "") return since > 0 && (movedIn > 0 || outline.under < since) ? [must(since)] : [];
  if (kind === "number") {
    const asksAgain = retypes(held.classId, id, versions).filter(({ factor }) => factor === null);
    const retyped = asksAgain.at(-1)?.version ?? 0;
    return (outline.numbers[id]?.version ?? 0) < retyped ? [must(retyped)] : [];
  }
  const found = slowValue(id, stored, outline, held, versions);
  if (found.state === "archived") return since > 0 ? [must(Math.max(since, found.movedIn))] : [];
  return found.facts.map(({ text, version }) => {
    const [what, options = ""] = text.split(" ");
    return { text: [`attribute ${id}`, what === "choose" ? "must" : "may", options].join(" "), version };
  });
}

/** What is said as it counts now; null where that is open, or nothing is said. */
function effective(
  definition: AttributeDefinition,
  stored: string,
  outline: SlowOutline,
  held: Held,
  versions: Versions,
) {
  const { id, kind } = definition;
  if (stored === "") return null;
  if (kind === "choice") return slowValue(id, stored, outline, held, versions).certain;
  const meant = outline.numbers[id];
  if (meant === undefined) return null;
  const since = retypes(held.classId, id, versions).filter(({ version }) => version > meant.version);
  if (since.some(({ factor }) => factor === null)) return null;
  return String(Number(since.reduce((number, { factor }) => number * (factor ?? 1), meant.value).toPrecision(12)));
}

/** Since when the texts demand that it is said, without a break; 0 where the newest does not. */
function demandedSince(of: ClassId, id: AttributeId, versions: Versions): number {
  let since = 0;
  for (const { number, content } of versions) {
    const definition = content.classes.find((each) => each.id === of)?.attributes.find((each) => each.id === id);
    const isDemanded = definition?.required === true && definition.assumed === null && !definition.retired;
    if (!isDemanded) since = 0;
    else if (since === 0) since = number;
  }
  return since;
}

function retypes(of: ClassId, id: AttributeId, versions: Versions) {
  return versions.flatMap(({ number: version, changes }) =>
    changes.flatMap((change) =>
      change.kind === "attribute-retype" && change.classId === of && change.attributeId === id
        ? [{ version, factor: change.factor }]
        : [],
    ),
  );
}

/** What has become of a value, as of a class to which the same was done. */
function slowValue(
  id: AttributeId,
  stored: string,
  { under }: SlowOutline,
  { classId: of, settled }: Held,
  versions: Versions,
) {
  const history = versions.map(({ number, changes }) => ({
    number,
    changes: changes.flatMap((change) => {
      const isOfIt = "attributeId" in change && change.classId === of && change.attributeId === id;
      return isOfIt ? asOfClass(change) : [];
    }),
  }));
  return slowResolve(classId.parse(stored), under, history, { settled });
}

/** The same done to a class as to a value. */
function asOfClass(change: GuidelineChange): GuidelineChange[] {
  const as = (value: string): ClassId => classId.parse(value);
  switch (change.kind) {
    case "value-merge":
      return [{ kind: "merge", from: change.from.map(as), into: as(change.into) }];
    case "value-split":
      return [{ kind: "split", classId: as(change.value), into: change.into.map(as), fallback: null, guide: "" }];
    case "value-retire":
      return [{ kind: "retire", classId: as(change.value), successors: change.successors.map(as) }];
    case "value-restore":
      return [{ kind: "restore", classId: as(change.value) }];
    case "value-add":
      return [{ kind: "broaden", classId: as(change.value), neighbours: change.neighbours.map(as) }];
    default:
      return [];
  }
}
