import type { Lint } from "#domain/guideline/lint.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { type AttributeId, type ClassId, classId, type ValueId } from "#domain/ids.ts";
import { METHOD_WORDS } from "./method-words.ts";

/** Names of classes, their attributes and values, as a version or a draft has them. */
export type Naming = (id: ClassId | AttributeId | ValueId) => string;

/** Names from the newest text that knows a class. */
export function namingOf(...contents: readonly GuidelineContent[]): Naming {
  const names = new Map<string, string>();
  for (const each of contents.flatMap(({ classes }) => classes)) {
    names.set(each.id, each.name);
    for (const { id, name, values } of each.attributes) {
      names.set(id, name);
      for (const value of values) names.set(value.id, value.name);
    }
  }
  return (id) => names.get(id) ?? "what is no longer there";
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
  icon: "new sign",
  ontology: "codes",
  reorder: "order",
  abstract: "group only",
  concrete: "drawable",
  example: "examples",
  redefine: "redefined",
  boundary: "boundary",
  geometry: "shapes",
  limits: "limits",
  balance: "target",
  matching: "matching",
  method: "method",
  screening: "screening",
  consensus: "consensus",
  "attribute-add": "attribute",
  "attribute-rename": "attribute",
  "attribute-reword": "attribute",
  "attribute-require": "attribute",
  "attribute-relax": "attribute",
  "attribute-retype": "attribute",
  "attribute-retire": "attribute",
  "attribute-restore": "attribute",
  "value-add": "value",
  "value-rename": "value",
  "value-merge": "value",
  "value-split": "value",
  "value-retire": "value",
  "value-restore": "value",
};

export function changeLabel(kind: GuidelineChange["kind"]): string {
  return LABELS[kind];
}

function list(ids: readonly Parameters<Naming>[0][], name: Naming): string {
  const names = ids.map(name);
  const last = names.pop();
  if (last === undefined) return "nothing";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

export const RULE_WORDS: Readonly<Record<string, string>> = {
  introduction: "introduction",
  exhaustive: "exhaustive reading",
  readersPerCase: "readers per case",
  quorum: "quorum",
  minDisputeUm2: "smallest dispute",
  geometry: "kinds of outline",
  minAreaUm2: "smallest area",
  targetShare: "target share",
  backgroundAllowed: "glass allowed",
  maxAreaUm2: "largest area",
  advisedAreaUm2: "advised area",
  fieldOfView: "fields of view",
  maxSharedShare: "shared tissue",
  overlaps: "classes that may overlap",
  nestedIn: "where it lies",
  maxBackgroundShare: "glass",
  minVariety: "variety",
  severity: "severity",
  region: "what is read",
  minScreeningMagnification: "magnification",
  method: "method",
  weights: "weights",
  adjudicatorId: "adjudicator",
  barredAdjudicators: "barred adjudicators",
  barReaders: "readers adjudicate",
  thresholds: "agreement aimed at",
  secondLead: "second lead",
  minScreeningShare: "share to be seen",
  washoutDays: "washout",
  qualifyShare: "share that passes a test",
  dissolveGapUm: "touching after a merge",
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
      return `${list(change.from, name)} ${change.from.length === 1 ? "is" : "are"} merged into ${name(change.into)} without anybody's doing; only outlines that break its rules are reviewed.`;
    case "split":
      return `${name(change.classId)} is split into ${list(change.into, name)}: each member is chosen.`;
    case "retire":
      return retireSentence(change, name);
    case "restore":
      return `${name(change.classId)} can be drawn again.`;
    case "rules":
      return `Other rules: ${change.what.map((rule) => ruleWords(rule, name)).join(", ")}.`;
    default:
      return "attributeId" in change ? attributeSentence(change, name) : otherSentence(change, name);
  }
}

type Sentenced =
  | "rename"
  | "recolour"
  | "rehotkey"
  | "move"
  | "reword"
  | "narrow"
  | "broaden"
  | "add"
  | "merge"
  | "split"
  | "retire"
  | "restore"
  | "rules";
type OfAttribute = Extract<GuidelineChange, { readonly attributeId: unknown }>;
type Other = Exclude<GuidelineChange, OfAttribute | { readonly kind: Sentenced }>;

function otherSentence(change: Other, name: Naming): string {
  switch (change.kind) {
    case "icon":
      return `${name(change.classId)} has another sign.`;
    case "ontology":
      return `${name(change.classId)} has other codes in exports.`;
    case "reorder":
      return "The classes stand in another order.";
    case "abstract":
      return `${name(change.classId)} only holds others together: each member becomes one of ${list(change.children, name)}.`;
    case "concrete":
      return `${name(change.classId)} can be drawn itself again.`;
    case "example":
      return `${name(change.classId)} has other examples: readers look at them before they draw on.`;
    case "redefine":
      return `${name(change.classId)} means something else: members are reviewed, slides screened again, readers show that they can tell it.`;
    case "boundary":
      return `The outline of ${name(change.classId)} runs elsewhere: its members are drawn again.`;
    case "geometry":
      return `${name(change.classId)} is drawn as ${change.to.join(" or ")} instead of ${change.from.join(" or ")}.`;
    case "limits":
      return `Rules of ${name(change.classId)}: ${change.what.map((rule) => RULE_WORDS[rule] ?? rule).join(", ")}${change.tightened.length > 0 ? "; what violates them is reviewed" : ""}.`;
    case "balance":
      return `${name(change.classId)} has another target; planning only.`;
    case "matching":
      return `${name(change.classId)} is compared in another way; its agreement is computed again.`;
    case "method": {
      const way = change.to === null ? "as the study has it" : `by ${METHOD_WORDS[change.to]}`;
      return `The record of ${name(change.classId)} is made ${way}; it is computed again.`;
    }
    case "screening":
      return `Reading: ${change.what.map((rule) => RULE_WORDS[rule] ?? rule).join(", ")}${change.tightened.length > 0 ? "; finished slides are looked through again" : ""}.`;
    case "consensus":
      return `Consensus: ${change.what.map((rule) => RULE_WORDS[rule] ?? rule).join(", ")}; it is computed again.`;
    default:
      return change satisfies never;
  }
}

function attributeSentence(change: OfAttribute, name: Naming): string {
  const whose = name(change.classId);
  const what = name(change.attributeId);
  switch (change.kind) {
    case "attribute-add":
    case "attribute-restore":
      return `${whose} has another attribute, ${what}${change.required && change.assumed === null ? ", which members are asked for" : ""}.`;
    case "attribute-rename":
    case "value-rename":
      return `${change.from} of ${whose} is now called ${change.to}.`;
    case "attribute-reword":
      return `${what} of ${whose} is explained in clearer words.`;
    case "attribute-require":
      return `${what} of ${whose} has to be given${change.assumed === null ? ": members without it are asked" : ""}.`;
    case "attribute-relax":
      return `${what} of ${whose} may be left open.`;
    case "attribute-retype":
      return `${what} of ${whose} is given in another way${change.factor === null ? ": members are asked again" : ", converted by itself"}.`;
    case "attribute-retire":
      return `${what} of ${whose} is no longer asked; what was said is kept.`;
    case "value-add":
      return `${what} of ${whose} has a new value, ${name(change.value)}.`;
    case "value-merge":
      return `${what} of ${whose}: ${list(change.from, name)} ${change.from.length === 1 ? "is" : "are"} merged into ${name(change.into)}, by itself.`;
    case "value-split":
      return `${what} of ${whose}: ${name(change.value)} is split into ${list(change.into, name)}; each member is chosen.`;
    case "value-retire":
      return `${what} of ${whose}: ${name(change.value)} is retired.`;
    case "value-restore":
      return `${what} of ${whose}: ${name(change.value)} can be chosen again.`;
    default:
      return change satisfies never;
  }
}

/** The classes that a change is about, in a few words; a badge with its kind stands beside it. */
export function changeSubject(change: GuidelineChange, name: Naming): string {
  if (change.kind === "merge") return `${list(change.from, name)} into ${name(change.into)}`;
  return "classId" in change ? name(change.classId) : "the study";
}

function retireSentence(
  { classId: id, successors, ignore = false }: Extract<GuidelineChange, { kind: "retire" }>,
  name: Naming,
): string {
  if (successors.length === 0 && ignore) return `${name(id)} is retired; its members are regions to ignore.`;
  if (successors.length === 0) return `${name(id)} is retired; its members are set aside.`;
  if (successors.length === 1)
    return `${name(id)} is retired; its members become ${list(successors, name)} without anybody's doing; only outlines that break its rules are reviewed.`;
  return `${name(id)} is retired; each member becomes one of ${list(successors, name)}.`;
}

/** What is said about a lint, after the name of its class. */
const LINTS: Readonly<Record<Lint["code"], string>> = {
  "destructive-without-successor": "is retired without a successor: what was drawn of it is set aside.",
  "split-without-guide": "is split without a word on how to choose; readers will each choose their own way.",
  "order-dependent":
    "is changed in meaning and takes in members of another class at once: publish one after the other.",
  "outcome-weakened": "asks for less than the change does by its nature; the reason is printed in releases.",
  "redefined-in-place": "means something else under the same name: retiring it and adding a class is safer.",
  "retired-name-reused": "has the name of a retired class; outlines of the two are told apart by their ids only.",
  "blind-round-touched": "reaches into blind rounds that are still open.",
  "members-drawn-again": "has another boundary: every member is drawn again.",
};

export function lintSentence({ code, classId: about }: Lint, name: Naming): string {
  return `${about === null ? "The study" : name(about)} ${LINTS[code]}`;
}

const REFUSALS: Readonly<Record<string, string>> = {
  "class-id-repeated": "A class is there twice.",
  "name-taken": "Two classes have the same name.",
  "hotkey-taken": "Two classes have the same number key.",
  "unknown-class": "A class refers to one that does not exist.",
  "class-cycle": "A class stands under itself.",
  "quorum-exceeds-readers": "The quorum is larger than the number of readers.",
  "abstract-needs-children": "It is not drawn itself and has no class below it that is.",
  "area-bounds-crossed": "Its smallest area is above its largest.",
  "attribute-id-repeated": "An attribute or value is there twice.",
  "attribute-name-taken": "Two attributes or values have the same name.",
  "attribute-without-values": "An attribute has nothing to choose from.",
  "assumed-unknown": "What is assumed of an attribute is none of its values.",
  "attribute-removed": "A published attribute or value cannot be taken out; retire it instead.",
  "outcome-needed": "What decides where an outline belongs, and a consensus made anew, cannot be left out.",
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
