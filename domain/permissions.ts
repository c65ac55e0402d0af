import type { PersonId, ProjectId } from "./ids.ts";

export const ROLES = ["lead", "adjudicator", "annotator", "engineer", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** A person's place in one project. */
export type Member = { readonly personId: PersonId; readonly projectId: ProjectId; readonly role: Role };

export const ROLE_LABELS: Readonly<Record<Role, string>> = {
  lead: "Lead",
  adjudicator: "Adjudicator",
  annotator: "Annotator",
  engineer: "Engineer",
  viewer: "Viewer",
};

/** Everything that a person may or may not do in a project. */
export const ACTIONS = [
  "project.view",
  "project.configure",
  "member.view",
  "member.manage",
  "slide.view",
  "slide.add",
  "slide.edit",
  "slide.remove",
  "layer.see",
  "layer.reader",
  "layer.create",
  "layer.write",
  "layer.submit",
  "layer.reopen",
  "layer.dissolve",
  "layer.import",
  "layer.export",
  "presence.see",
  "screening.log",
  "round.view",
  "round.progress",
  "round.create",
  "round.unblind",
  "guideline.view",
  "guideline.acknowledge",
  "guideline.edit",
  "guideline.approve",
  "guideline.publish",
  "trial.draw",
  "trial.results",
  "question.see",
  "question.place",
  "question.ask",
  "question.discuss",
  "question.settle",
  "task.see",
  "task.answer",
  "task.create",
  "task.assign",
  "task.review",
  "drift.view",
  "drift.configure",
  "comment.see",
  "comment.write",
  "consensus.view",
  "consensus.readers",
  "consensus.adjudicate",
  "record.compare",
  "release.view",
  "release.freeze",
  "release.export",
  "audit.view",
] as const;
export type Action = (typeof ACTIONS)[number];

export type ProjectSubject = { readonly projectId: ProjectId };

/** A slide, or what is shown of a whole slide: its ground truth, its releases, its history. */
export type SlideSubject = ProjectSubject & {
  /** Readers of a blind round on it that is not unblinded yet. */
  readonly slideBlindReaderIds: readonly PersonId[];
};

/** A round, or a consensus made from its reads. */
export type RoundSubject = ProjectSubject & {
  /** True for a round that is not blind. */
  readonly unblinded: boolean;
  readonly roundReaderIds: readonly PersonId[];
  /** Readers of any blind, not yet unblinded round on the slide, for a view of one slide. */
  readonly slideBlindReaderIds?: readonly PersonId[];
  /** No read of the round is open any more. */
  readonly allSubmitted?: boolean;
  /** Who reads one of its slides blind in another round, and of them whose read there is open; to unblind it. */
  readonly elsewhere?: { readonly blindIds: readonly PersonId[]; readonly openIds: readonly PersonId[] };
  /** Who may not decide where the reads differ: barred by the project, or readers of the case where it bars those. */
  readonly barredIds?: readonly PersonId[];
  /** The only ones who decide, where the guideline takes one person's word; empty for anybody who adjudicates. */
  readonly soleAdjudicatorIds?: readonly PersonId[];
};

/** The reads of one person in a round beside the record. */
export type ComparedSubject = RoundSubject & { readonly comparedId: PersonId };

export type LayerSubject = SlideSubject & {
  readonly kind: "team" | "read" | "ground-truth" | "prediction";
  readonly readerId: PersonId | null;
  readonly mode: "together" | "open" | "blind" | null;
  readonly state: "open" | "submitted";
  /** True where the round is not blind, or there is none. */
  readonly unblinded: boolean;
  readonly roundReaderIds: readonly PersonId[];
  /** Its reader is reading the slide anew, as a hidden repeat or for the bridge set: what they said then is kept from them. */
  readonly repeating?: boolean;
  /** Of a ground-truth layer: who may not decide about its slide, and so writes nothing into its record. */
  readonly barredIds?: readonly PersonId[];
};

export type TaskSubject = ProjectSubject & {
  readonly assigneeId: PersonId;
  /** Null where a published guideline made the task. */
  readonly creatorId: PersonId | null;
  /** Who drew what the task is about. */
  readonly authorIds: readonly PersonId[];
  readonly layer: LayerSubject | null;
  /** The only one who can do it: what somebody shows of themselves, nobody shows in their place. */
  readonly onlyFor?: PersonId | null;
  /** What it is done by deciding where reads differ, as far as somebody has looked; absent for what is done otherwise. */
  readonly disputes?: readonly RoundSubject[] | null;
};

/** A task that does not exist yet: what it would be about. */
export type NewTaskSubject = ProjectSubject & { readonly layer: LayerSubject | null };

/** A place that a guideline question is about: on a layer, in a round's consensus, or only on a slide. */
export type PlaceSubject = SlideSubject & {
  readonly addedBy: PersonId;
  readonly placeLayer: LayerSubject | null;
  /** Null where the place is no dispute. */
  readonly placeRound: RoundSubject | null;
};

export type QuestionSubject = ProjectSubject & {
  readonly askedBy: PersonId;
  readonly places: readonly PlaceSubject[];
};

/** A guideline draft, with whoever put it forward or wrote in it last. */
export type DraftSubject = ProjectSubject & { readonly writerIds: readonly PersonId[] };

export type Subject =
  | ProjectSubject
  | SlideSubject
  | RoundSubject
  | ComparedSubject
  | LayerSubject
  | TaskSubject
  | NewTaskSubject
  | DraftSubject
  | PlaceSubject
  | QuestionSubject;

/**
 * Whether a person may do something: the one place where that is decided, blinding included.
 * Whether a state allows it (an answered task, a stale draft) is asked of the task, guideline and release rules; the one
 * state that counts here is that of a layer, since a submitted read is locked.
 * @param member null for a person who is not of the project
 * @param subject what it is done to; an action whose rule needs a fuller subject than the one given is refused
 */
export function can(member: Member | null, action: Action, subject?: Subject): boolean {
  if (member === null) return false;
  if (subject !== undefined && subject.projectId !== member.projectId) return false;
  const { roles, rule } = TABLE[action];
  return roles.includes(member.role) && (rule === undefined || rule(member, subject));
}

/** Roles that may ever do it; a rule about the subject may narrow this further. */
export function rolesFor(action: Action): readonly Role[] {
  return TABLE[action].roles;
}

type Rule = (member: Member, subject: Subject | undefined) => boolean;
type Entry = { readonly roles: readonly Role[]; readonly rule?: Rule };
const EVERYBODY = ROLES;
const LEADS: readonly Role[] = ["lead"];
const PATHOLOGISTS: readonly Role[] = ["lead", "adjudicator", "annotator"];
const JUDGES: readonly Role[] = ["lead", "adjudicator"];

const TABLE: Readonly<Record<Action, Entry>> = {
  "project.view": { roles: EVERYBODY },
  "project.configure": { roles: LEADS },
  "member.view": { roles: EVERYBODY },
  "member.manage": { roles: LEADS },
  "slide.view": { roles: EVERYBODY },
  "slide.add": { roles: LEADS },
  "slide.edit": { roles: LEADS },
  "slide.remove": { roles: LEADS },
  "layer.see": { roles: EVERYBODY, rule: onLayer(seesLayer) },
  "layer.reader": { roles: EVERYBODY, rule: onLayer(knowsReader) },
  "layer.create": { roles: LEADS },
  "layer.write": { roles: PATHOLOGISTS, rule: onLayer(writesLayer) },
  "layer.submit": { roles: PATHOLOGISTS, rule: onLayer(submitsLayer) },
  "layer.reopen": { roles: LEADS, rule: onLayer((member, layer) => layer.kind === "read" && seesLayer(member, layer)) },
  "layer.dissolve": { roles: PATHOLOGISTS, rule: onLayer(dissolvesIn) },
  "layer.import": { roles: PATHOLOGISTS, rule: onLayer(writesLayer) },
  "layer.export": { roles: [...PATHOLOGISTS, "engineer"], rule: onLayer(seesLayer) },
  "presence.see": { roles: EVERYBODY, rule: onLayer(seesLayer) },
  "screening.log": { roles: PATHOLOGISTS, rule: onLayer(seesLayer) },
  "round.view": { roles: EVERYBODY },
  "round.progress": { roles: EVERYBODY, rule: onRound(seesReads) },
  "round.create": { roles: LEADS },
  "round.unblind": { roles: LEADS, rule: onRound(mayUnblind) },
  "guideline.view": { roles: EVERYBODY },
  "guideline.acknowledge": { roles: PATHOLOGISTS },
  "guideline.edit": { roles: LEADS },
  "guideline.approve": { roles: LEADS, rule: approvesDraft },
  "guideline.publish": { roles: LEADS },
  "trial.draw": { roles: PATHOLOGISTS },
  "trial.results": { roles: LEADS, rule: notReadingBlind },
  "question.see": { roles: EVERYBODY, rule: onQuestion(seesQuestion) },
  "question.place": { roles: EVERYBODY, rule: onPlace(seesPlace) },
  "question.ask": { roles: PATHOLOGISTS },
  "question.discuss": { roles: PATHOLOGISTS, rule: onQuestion(seesWhole) },
  "question.settle": { roles: LEADS, rule: onQuestion(seesWhole) },
  "task.see": { roles: EVERYBODY, rule: onTask(seesTask) },
  "task.answer": { roles: PATHOLOGISTS, rule: onTask(answersTask) },
  "task.create": { roles: LEADS, rule: onTaskLayer },
  "task.assign": { roles: LEADS, rule: onTask(seesTask) },
  "task.review": { roles: LEADS, rule: onTask(reviewsTask) },
  "drift.view": { roles: LEADS },
  "drift.configure": { roles: LEADS },
  "comment.see": { roles: EVERYBODY, rule: onThread },
  "comment.write": { roles: [...PATHOLOGISTS, "engineer"], rule: onThread },
  "consensus.view": { roles: EVERYBODY, rule: onRound(seesReads) },
  "consensus.readers": { roles: ROLES.filter((role) => role !== "adjudicator"), rule: onRound(seesReads) },
  "consensus.adjudicate": { roles: JUDGES, rule: onRound(adjudicates) },
  "record.compare": { roles: PATHOLOGISTS, rule: comparesRecord },
  "release.view": { roles: EVERYBODY, rule: notReadingBlind },
  "release.freeze": { roles: LEADS, rule: notReadingBlind },
  "release.export": { roles: [...PATHOLOGISTS, "engineer"], rule: notReadingBlind },
  "audit.view": { roles: LEADS, rule: notReadingBlind },
};

function onLayer(rule: (member: Member, layer: LayerSubject) => boolean): Rule {
  return (member, subject) => isLayer(subject) && rule(member, subject);
}

function onRound(rule: (member: Member, round: RoundSubject) => boolean): Rule {
  return (member, subject) => isRound(subject) && rule(member, subject);
}

function onTask(rule: (member: Member, task: TaskSubject) => boolean): Rule {
  return (member, subject) => subject !== undefined && "assigneeId" in subject && rule(member, subject);
}

/** What is said about a layer or a task is seen by whoever sees that. */
function onThread(member: Member, subject: Subject | undefined): boolean {
  if (isLayer(subject)) return seesLayer(member, subject);
  return subject !== undefined && "assigneeId" in subject && seesTask(member, subject);
}

function onPlace(rule: (member: Member, place: PlaceSubject) => boolean): Rule {
  return (member, subject) => subject !== undefined && "placeLayer" in subject && rule(member, subject);
}

function onQuestion(rule: (member: Member, question: QuestionSubject) => boolean): Rule {
  return (member, subject) => subject !== undefined && "askedBy" in subject && rule(member, subject);
}

function onTaskLayer(member: Member, subject: Subject | undefined): boolean {
  return subject !== undefined && "layer" in subject && (subject.layer === null || seesLayer(member, subject.layer));
}

function isLayer(subject: Subject | undefined): subject is LayerSubject {
  return subject !== undefined && "kind" in subject;
}

function isRound(subject: Subject | undefined): subject is RoundSubject {
  return subject !== undefined && "unblinded" in subject && !("kind" in subject);
}

/**
 * A blind read is seen by its reader, and by leads who do not read in that round. Whoever reads a slide blind sees no
 * other person's work on it, of whatever round, and neither ground truth nor team layer. A model's output is nobody's read.
 */
function seesLayer(member: Member, layer: LayerSubject): boolean {
  if (layer.projectId !== member.projectId) return false;
  if (layer.kind === "prediction") return true;
  if (isReader(member, layer)) return layer.repeating !== true;
  if (layer.slideBlindReaderIds.includes(member.personId)) return false;
  return layer.kind !== "read" || seesReads(member, layer);
}

/** Whose read it is: an adjudicator judges what was drawn and not who drew it. */
function knowsReader(member: Member, layer: LayerSubject): boolean {
  if (!seesLayer(member, layer)) return false;
  return member.role !== "adjudicator" || layer.kind !== "read" || isReader(member, layer);
}

/** The reads of a round, and all that is computed from them, among other things how far each reader is. */
function seesReads(member: Member, round: RoundSubject): boolean {
  if (round.slideBlindReaderIds?.includes(member.personId) === true) return false;
  if (round.unblinded) return true;
  return member.role === "lead" && !round.roundReaderIds.includes(member.personId);
}

function adjudicates(member: Member, round: RoundSubject): boolean {
  if (!seesReads(member, round) || round.barredIds?.includes(member.personId) === true) return false;
  const { soleAdjudicatorIds = [] } = round;
  return soleAdjudicatorIds.length === 0 || soleAdjudicatorIds.includes(member.personId);
}

/** Where the record differs from somebody's reads is for them and for leads. */
function comparesRecord(member: Member, subject: Subject | undefined): boolean {
  if (subject === undefined || !("comparedId" in subject) || !seesReads(member, subject)) return false;
  return member.role === "lead" || subject.comparedId === member.personId;
}

function isReader(member: Member, layer: LayerSubject): boolean {
  return layer.kind === "read" && layer.readerId === member.personId;
}

function writesLayer(member: Member, layer: LayerSubject): boolean {
  if (layer.state === "submitted" || !seesLayer(member, layer)) return false;
  switch (layer.kind) {
    case "read":
      return isReader(member, layer);
    case "team":
      return true;
    case "ground-truth":
      return member.role !== "annotator" && layer.barredIds?.includes(member.personId) !== true;
    case "prediction":
      return false;
    default:
      return layer.kind satisfies never;
  }
}

/** What a merge made alike is joined by whom it belongs to, in a locked read too, and by leads; in a blind round by nobody. */
function dissolvesIn(member: Member, layer: LayerSubject): boolean {
  if (!layer.unblinded || !seesLayer(member, layer)) return false;
  if (layer.kind === "read") return isReader(member, layer) || member.role === "lead";
  return writesLayer(member, { ...layer, state: "open" });
}

function submitsLayer(member: Member, layer: LayerSubject): boolean {
  if (layer.state === "submitted" || !seesLayer(member, layer)) return false;
  return isReader(member, layer) || (layer.kind === "team" && member.role === "lead");
}

/** A lead who reads in the round waits for its last read and hands in elsewhere first; who reads blind elsewhere only, leaves it. */
function mayUnblind({ personId }: Member, { roundReaderIds, allSubmitted, elsewhere }: RoundSubject): boolean {
  if (!roundReaderIds.includes(personId)) return elsewhere?.blindIds.includes(personId) !== true;
  return allSubmitted === true && elsewhere?.openIds.includes(personId) !== true;
}

/** Leads and adjudicators see all tasks, others those they have to do with; nobody one on a layer they may not see. */
function seesTask(member: Member, task: TaskSubject): boolean {
  if (task.layer !== null && !seesLayer(member, task.layer)) return false;
  if (JUDGES.includes(member.role)) return true;
  return [task.assigneeId, task.creatorId, ...task.authorIds].includes(member.personId);
}

function answersTask(member: Member, task: TaskSubject): boolean {
  if (task.onlyFor != null && task.onlyFor !== member.personId) return false;
  if (task.disputes != null && !JUDGES.includes(member.role)) return false;
  if (task.disputes?.some((dispute) => !adjudicates(member, dispute)) === true) return false;
  return task.assigneeId === member.personId && (task.layer === null || seesLayer(member, task.layer));
}

/** Nobody accepts their own work. */
function reviewsTask(member: Member, task: TaskSubject): boolean {
  return task.assigneeId !== member.personId && !task.authorIds.includes(member.personId) && seesTask(member, task);
}

/** A second pair of eyes. */
function approvesDraft(member: Member, subject: Subject | undefined): boolean {
  return subject !== undefined && "writerIds" in subject && !subject.writerIds.includes(member.personId);
}

/** One's own place; another's where the layer, the round's reads, or the slide's other work may be seen. */
function seesPlace(member: Member, place: PlaceSubject): boolean {
  if (place.addedBy === member.personId) return true;
  if (place.placeLayer !== null) return seesLayer(member, place.placeLayer);
  if (place.placeRound !== null) return seesReads(member, place.placeRound);
  return !place.slideBlindReaderIds.includes(member.personId);
}

/** What is said about a question may tell of each of its places, so a hidden one hides all but one's own part. */
function seesWhole(member: Member, { places }: QuestionSubject): boolean {
  return places.every((place) => seesPlace(member, place));
}

function seesQuestion(member: Member, question: QuestionSubject): boolean {
  const isOwn = [question.askedBy, ...question.places.map(({ addedBy }) => addedBy)].includes(member.personId);
  return isOwn || seesWhole(member, question);
}

/** Also for a subject that does not say who reads blind: then there is nobody to keep it from. */
function notReadingBlind(member: Member, subject: Subject | undefined): boolean {
  if (subject === undefined || !("slideBlindReaderIds" in subject)) return true;
  return subject.slideBlindReaderIds?.includes(member.personId) !== true;
}
