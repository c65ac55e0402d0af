import type { PersonId, ProjectId } from "./ids.ts";
import type {
  LayerSubject,
  PlaceSubject,
  QuestionSubject,
  RoundSubject,
  Subject,
  TaskSubject,
} from "./permissions/subjects.ts";

export type {
  ComparedSubject,
  DraftSubject,
  LayerSubject,
  PlaceSubject,
  QuestionSubject,
  RoundSubject,
  SlideSubject,
  Subject,
  TaskSubject,
} from "./permissions/subjects.ts";

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
  "layer.reopen": { roles: LEADS, rule: onLayer(reopensLayer) },
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
  return !layer.slideBlindReaderIds.includes(member.personId) && (layer.kind !== "read" || seesReads(member, layer));
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
  const { barredIds = [], soleAdjudicatorIds: soles = [] } = round;
  if (!seesReads(member, round) || barredIds.includes(member.personId)) return false;
  return soles.length === 0 || soles.includes(member.personId);
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

function reopensLayer(member: Member, layer: LayerSubject): boolean {
  return (layer.kind === "read" || layer.kind === "team") && seesLayer(member, layer);
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
  return JUDGES.includes(member.role) || [task.assigneeId, task.creatorId, ...task.authorIds].includes(member.personId);
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
  const blind = subject !== undefined && "slideBlindReaderIds" in subject ? subject.slideBlindReaderIds : [];
  return blind?.includes(member.personId) !== true;
}
