/** What the API answers, for pages: they know the API only through this folder. */

export type {
  BoardBasis,
  BoardClass,
  BoardSlide,
  BoardView,
  Estimate,
  QueuedDispute,
  QueueView,
} from "#server/api/schemas/agreement.ts";
export type { PersonRef, Role } from "#server/api/schemas/common.ts";
export type {
  ClassAgreement,
  ConsensusSlide,
  ConsensusView,
  Decider,
  Decision,
  Dispute,
  Measure,
} from "#server/api/schemas/consensus.ts";
export type { Acknowledgement, WaiverView } from "#server/api/schemas/consistency.ts";
export type { DissolveGroup, DissolveLayer } from "#server/api/schemas/dissolve.ts";
export type { DraftComment, DraftTalk, RebaseAnswer } from "#server/api/schemas/drafts.ts";
export type { Bridge, Drift, DriftEstimate, PairGroup, ReadPoint, UseSeries } from "#server/api/schemas/drift.ts";
export type {
  Draft,
  GuidelineView,
  Preview,
  PreviewProgress,
  PublishedVersion,
  Reconsidered,
} from "#server/api/schemas/guideline.ts";
export type {
  Invitation,
  InvitationCreated,
  InvitationView,
  Me,
  Member,
  Token,
  TokenCreated,
} from "#server/api/schemas/people.ts";
export type { AuditEntry, BalanceRow, LiveEvent, NextStep, Overview, Project } from "#server/api/schemas/projects.ts";
export type { Qualification, ReaderTest, Reference } from "#server/api/schemas/qualification.ts";
export type {
  ClassReasons,
  GuidelineQuestion,
  QuestionPlace,
  UnclearPair,
  UnclearPlace,
} from "#server/api/schemas/questions.ts";
export type { RecordDifference, RecordDifferences } from "#server/api/schemas/record.ts";
export type { Blocker, Release, ReleaseDetail } from "#server/api/schemas/releases.ts";
export type { Round, WorklistItem } from "#server/api/schemas/rounds.ts";
export type { Screening } from "#server/api/schemas/screening.ts";
export type {
  AnnotationRow,
  DroppedFile,
  ImportReport,
  Layer,
  Slide,
  SlideView,
} from "#server/api/schemas/slides.ts";
export type { Comment, Notification, Thread } from "#server/api/schemas/talk.ts";
export type {
  AssignmentPreview,
  Board,
  Task,
  TaskDetail,
  TaskEvent,
  TaskItem,
  TaskQuestion,
  TaskSuggestion,
  TrayItem,
} from "#server/api/schemas/tasks.ts";
export type { Trial, TrialDetail, TrialSheet } from "#server/api/schemas/trials.ts";
