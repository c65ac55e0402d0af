import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { type ClassId, classId } from "#domain/ids.ts";

/** Names of classes as a version or a draft has them. */
export type Naming = (id: ClassId) => string;

/** Names from the newest text that knows a class. */
export function namingOf(...contents: readonly GuidelineContent[]): Naming {
  const names = new Map<ClassId, string>();
  for (const content of contents) for (const each of content.classes) names.set(each.id, each.name);
  return (id) => names.get(id) ?? "a removed class";
}

const LABELS: Readonly<Record<GuidelineChange["kind"], string>> = {
  rename: "renamed",
  recolour: "recoloured",
  rehotkey: "new key",
  move: "moved",
  reword: "reworded",
  narrow: "narrowed",
  broaden: "broadened",
  add: "added",
  merge: "merged",
  split: "split",
  retire: "retired",
  restore: "restored",
  rules: "rules",
};

export function changeLabel(kind: GuidelineChange["kind"]): string {
  return LABELS[kind];
}

function list(ids: readonly ClassId[], name: Naming): string {
  const names = ids.map(name);
  const last = names.pop();
  if (last === undefined) return "nothing";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

const RULE_WORDS: Readonly<Record<string, string>> = {
  introduction: "introduction",
  exhaustive: "exhaustive reading",
  readersPerCase: "readers per case",
  quorum: "quorum",
  minDisputeUm2: "smallest dispute",
  geometry: "kinds of outline",
  minAreaUm2: "smallest area",
  targetShare: "target share",
  backgroundAllowed: "glass allowed",
};

function ruleWords(rule: string, name: Naming): string {
  const [id = "", field] = rule.split(".");
  if (field === undefined) return RULE_WORDS[rule] ?? rule;
  const known = classId.safeParse(id);
  return `${RULE_WORDS[field] ?? field} of ${known.success ? name(known.data) : id}`;
}

/** One change in a sentence, with what it means for what is already drawn. */
export function changeSentence(change: GuidelineChange, name: Naming): string {
  switch (change.kind) {
    case "rename":
      return `${change.from} is now called ${change.to}.`;
    case "recolour":
      return `${name(change.classId)} has another colour.`;
    case "rehotkey":
      return `${name(change.classId)} is drawn with ${change.to === null ? "no key" : `key ${change.to}`}.`;
    case "move":
      return `${name(change.classId)} ${change.to === null ? "stands by itself" : `belongs under ${name(change.to)}`}.`;
    case "reword":
      return `${name(change.classId)} has clearer words; the meaning is the same.`;
    case "narrow":
      return `${name(change.classId)} means less than before: its members are reviewed.`;
    case "broaden":
      return `${name(change.classId)} means more than before: finished slides are screened again${change.neighbours.length === 0 ? "" : `, and members of ${list(change.neighbours, name)} reviewed`}.`;
    case "add":
      return `${name(change.classId)} is new.`;
    case "merge":
      return `${list(change.from, name)} ${change.from.length === 1 ? "is" : "are"} merged into ${name(change.into)}, by itself.`;
    case "split":
      return `${name(change.classId)} is split into ${list(change.into, name)}: each member is chosen.`;
    case "retire":
      return retireSentence(change.classId, change.successors, name);
    case "restore":
      return `${name(change.classId)} can be drawn again.`;
    case "rules":
      return `Other rules: ${change.what.map((rule) => ruleWords(rule, name)).join(", ")}.`;
    default:
      return change satisfies never;
  }
}

/** The classes that a change is about, in a few words; a badge with its kind stands beside it. */
export function changeSubject(change: GuidelineChange, name: Naming): string {
  if (change.kind === "merge") return `${list(change.from, name)} into ${name(change.into)}`;
  return change.kind === "rules" ? "the study" : name(change.classId);
}

function retireSentence(id: ClassId, successors: readonly ClassId[], name: Naming): string {
  if (successors.length === 0) return `${name(id)} is retired; its members are set aside.`;
  if (successors.length === 1)
    return `${name(id)} is retired; its members become ${list(successors, name)}, by itself.`;
  return `${name(id)} is retired; each member becomes one of ${list(successors, name)}.`;
}

const REFUSALS: Readonly<Record<string, string>> = {
  "class-id-repeated": "A class is there twice.",
  "name-taken": "Two classes have the same name.",
  "hotkey-taken": "Two classes have the same number key.",
  "unknown-class": "A class refers to one that does not exist.",
  "class-cycle": "A class stands under itself.",
  "quorum-exceeds-readers": "The quorum is larger than the number of readers.",
  "change-undeclared": "Say what the new words mean for what is already drawn: reworded, narrowed or broadened.",
  "class-removed": "A published class cannot be taken out; retire it instead.",
  "declaration-unfounded": "Something was declared that the text does not bear out.",
  "declared-twice": "A class is ended or explained in two ways.",
  "merge-target-missing": "The class that others are merged into can no longer be drawn.",
  "split-needs-children": "A split needs at least two classes that can be drawn.",
  "retired-id-reused": "A retired class came back with other words; make a new class for a new meaning.",
};

/** Why a draft cannot be published, with the class it is about. */
export function refusalSentence(reason: string, detail: Readonly<Record<string, unknown>>, name: Naming): string {
  const sentence = REFUSALS[reason] ?? "The draft does not hold together.";
  const raw = detail["classId"] ?? (Array.isArray(detail["classIds"]) ? detail["classIds"][1] : undefined);
  const id = classId.safeParse(raw);
  return id.success ? `${name(id.data)}: ${sentence}` : sentence;
}
