import type { PersonId, ProjectId } from "#domain/ids.ts";

type ProjectSubject = { readonly projectId: ProjectId };

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
type NewTaskSubject = ProjectSubject & { readonly layer: LayerSubject | null };

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
