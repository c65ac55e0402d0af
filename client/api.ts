import type { agreementQuery, BoardView, QueueView } from "#server/api/schemas/agreement.ts";
import type {
  adjudicateAnswer,
  adjudicateBody,
  adjudicationTaskAnswer,
  adjudicationTaskBody,
  atDisputeAnswer,
  ConsensusSlide,
  ConsensusView,
  Decider,
} from "#server/api/schemas/consensus.ts";
import type { Acknowledgement, WaiverView, waiverCreate } from "#server/api/schemas/consistency.ts";
import type { DissolveGroup, DissolveLayer, dissolveRequest, dissolveUndo } from "#server/api/schemas/dissolve.ts";
import type {
  DraftTalk,
  draftCommentCreate,
  draftCommentUpdate,
  draftEditing,
  draftExampleCreate,
  draftReviewCreate,
  RebaseAnswer,
  rebaseRequest,
} from "#server/api/schemas/drafts.ts";
import type { Bridge, bridgeUpdate, Drift } from "#server/api/schemas/drift.ts";
import type {
  Draft,
  draftSave,
  GuidelineView,
  Preview,
  PreviewProgress,
  publishAnswer,
  publishRequest,
  Reconsidered,
} from "#server/api/schemas/guideline.ts";
import type {
  Invitation,
  InvitationCreated,
  InvitationView,
  invitationAccept,
  invitationAccepted,
  invitationCreate,
  Me,
  Member,
  memberUpdate,
  meUpdate,
  passwordUpdate,
  Token,
  TokenCreated,
  tokenCreate,
} from "#server/api/schemas/people.ts";
import type { AuditEntry, Overview, Project, projectCreate, projectUpdate } from "#server/api/schemas/projects.ts";
import type { RecordDifferences } from "#server/api/schemas/record.ts";
import type { Blocker, Release, ReleaseDetail, releaseCreate } from "#server/api/schemas/releases.ts";
import type { Round, repeatableAnswer, roundCreate, WorklistItem } from "#server/api/schemas/rounds.ts";
import type { Screening, screeningQuery, screeningSign, viewReport } from "#server/api/schemas/screening.ts";
import type {
  AnnotationRow,
  DroppedFile,
  ImportReport,
  Layer,
  Slide,
  SlideView,
  slideRegister,
  slideUpdate,
} from "#server/api/schemas/slides.ts";
import type {
  layerCommentCreate,
  Notification,
  notificationQuery,
  notificationsRead,
  Thread,
  taskCommentCreate,
} from "#server/api/schemas/talk.ts";
import type {
  AssignmentPreview,
  alikeRequest,
  assignmentApply,
  assignmentRequest,
  Board,
  boardGroup,
  reassignAnswer,
  reassignRequest,
  resolveAnswer,
  resolveRequest,
  reworkCreate,
  Task,
  TaskDetail,
  TrayItem,
  taskMove,
  taskQuery,
  taskUpdate,
  undoRequest,
} from "#server/api/schemas/tasks.ts";
import {
  type ApiTarget,
  allItems,
  createSend,
  type Input,
  type Output,
  type Page,
  type Query,
  type Send,
} from "./http.ts";
import { qualificationCalls } from "./qualification-calls.ts";
import { questionCalls, trialCalls } from "./question-calls.ts";

export { ApiError, type ApiTarget, type Page, sentenceOf } from "./http.ts";

type Done = { readonly done: true };

function meCalls(send: Send) {
  return {
    get: () => send<Me>("GET", "/me"),
    update: (body: Input<typeof meUpdate>) => send<Me>("PATCH", "/me", { body }),
    changePassword: (body: Input<typeof passwordUpdate>) => send<Done>("POST", "/me/password", { body }),
    tokens: () => allItems<Token>(send, "/me/tokens"),
    createToken: (body: Input<typeof tokenCreate>) => send<TokenCreated>("POST", "/me/tokens", { body }),
    revokeToken: (id: string) => send<Done>("DELETE", `/me/tokens/${id}`),
  };
}

function invitationCalls(send: Send) {
  return {
    view: (token: string) => send<InvitationView>("GET", `/invitations/${encodeURIComponent(token)}`),
    accept: (token: string, body: Input<typeof invitationAccept>) =>
      send<Output<typeof invitationAccepted>>("POST", `/invitations/${encodeURIComponent(token)}/accept`, { body }),
  };
}

function projectCalls(send: Send) {
  return {
    list: () => allItems<Project>(send, "/projects"),
    create: (body: Input<typeof projectCreate>) => send<Project>("POST", "/projects", { body }),
    get: (projectId: string) => send<Project>("GET", `/projects/${projectId}`),
    update: (projectId: string, body: Input<typeof projectUpdate>) =>
      send<Project>("PATCH", `/projects/${projectId}`, { body }),
    overview: (projectId: string) => send<Overview>("GET", `/projects/${projectId}/overview`),
    worklist: (projectId: string) => allItems<WorklistItem>(send, `/projects/${projectId}/worklist`),
    audit: (projectId: string, query: { readonly cursor?: string; readonly limit?: number } = {}) =>
      send<Page<AuditEntry>>("GET", `/projects/${projectId}/audit`, { query }),
    blockers: (projectId: string) => allItems<Blocker>(send, `/projects/${projectId}/blockers`),
  };
}

function memberCalls(send: Send) {
  return {
    list: (projectId: string) => allItems<Member>(send, `/projects/${projectId}/members`),
    update: (projectId: string, personId: string, body: Input<typeof memberUpdate>) =>
      send<Member>("PATCH", `/projects/${projectId}/members/${personId}`, { body }),
    remove: (projectId: string, personId: string) => send<Done>("DELETE", `/projects/${projectId}/members/${personId}`),
    invitations: (projectId: string) => allItems<Invitation>(send, `/projects/${projectId}/invitations`),
    invite: (projectId: string, body: Input<typeof invitationCreate>) =>
      send<InvitationCreated>("POST", `/projects/${projectId}/invitations`, { body }),
    withdraw: (projectId: string, id: string) => send<Done>("DELETE", `/projects/${projectId}/invitations/${id}`),
  };
}

function slideCalls(send: Send) {
  return {
    list: (projectId: string) => allItems<Slide>(send, `/projects/${projectId}/slides`),
    dropped: (projectId: string) => allItems<DroppedFile>(send, `/projects/${projectId}/dropped-files`),
    register: (projectId: string, body: Input<typeof slideRegister>) =>
      send<Slide>("POST", `/projects/${projectId}/slides/register`, { body }),
    get: (slideId: string) => send<Slide>("GET", `/slides/${slideId}`),
    update: (slideId: string, body: Input<typeof slideUpdate>) => send<Slide>("PATCH", `/slides/${slideId}`, { body }),
    remove: (slideId: string) => send<Done>("DELETE", `/slides/${slideId}`),
    view: (slideId: string) => send<SlideView>("GET", `/slides/${slideId}/view`),
    layers: (slideId: string) => allItems<Layer>(send, `/slides/${slideId}/layers`),
    addTeamLayer: (slideId: string) => send<Layer>("POST", `/slides/${slideId}/layers`, { body: {} }),
  };
}

function layerCalls(send: Send) {
  return {
    get: (layerId: string) => send<Layer>("GET", `/layers/${layerId}`),
    annotations: (layerId: string) => allItems<AnnotationRow>(send, `/layers/${layerId}/annotations`),
    submit: (layerId: string) => send<Layer>("POST", `/layers/${layerId}/submit`, { body: {} }),
    reopen: (layerId: string) => send<Layer>("POST", `/layers/${layerId}/reopen`, { body: {} }),
    screening: (layerId: string, query: Input<typeof screeningQuery> = {}) =>
      send<Screening>("GET", `/layers/${layerId}/screening`, { query: { since: Number(query.since ?? 0) } }),
    reportSeen: (layerId: string, body: Input<typeof viewReport>, keepalive = false) =>
      send<Done>("POST", `/layers/${layerId}/seen`, { body, keepalive }),
    importGeojson: (layerId: string, geojson: unknown, query: { readonly under?: number; readonly id?: string } = {}) =>
      send<ImportReport>("POST", `/layers/${layerId}/geojson`, {
        body: geojson,
        query,
      }),
  };
}

function roundCalls(send: Send) {
  return {
    list: (projectId: string) => allItems<Round>(send, `/projects/${projectId}/rounds`),
    create: (projectId: string, body: Input<typeof roundCreate>) =>
      send<Round>("POST", `/projects/${projectId}/rounds`, { body }),
    repeatable: (projectId: string, query: { readonly washoutDays: number }) =>
      send<Output<typeof repeatableAnswer>>("GET", `/projects/${projectId}/repeatable-reads`, { query }),
    unblind: (roundId: string) => send<Round>("POST", `/rounds/${roundId}/unblind`, { body: {} }),
  };
}

function driftCalls(send: Send) {
  return {
    get: (projectId: string) => send<Drift>("GET", `/projects/${projectId}/drift`),
    setBridge: (projectId: string, body: Input<typeof bridgeUpdate>) =>
      send<Bridge>("PUT", `/projects/${projectId}/bridge`, { body }),
  };
}

function guidelineCalls(send: Send) {
  return {
    get: (projectId: string) => send<GuidelineView>("GET", `/projects/${projectId}/guideline`),
    saveDraft: (projectId: string, body: Input<typeof draftSave>) =>
      send<Draft>("PUT", `/projects/${projectId}/guideline/draft`, { body }),
    rebaseDraft: (projectId: string, body: Input<typeof rebaseRequest>) =>
      send<RebaseAnswer>("POST", `/projects/${projectId}/guideline/draft/rebase`, { body }),
    discardDraft: (projectId: string) => send<Done>("DELETE", `/projects/${projectId}/guideline/draft`),
    talk: (projectId: string) => send<DraftTalk>("GET", `/projects/${projectId}/guideline/draft/talk`),
    comment: (projectId: string, body: Input<typeof draftCommentCreate>) =>
      send<DraftTalk>("POST", `/projects/${projectId}/guideline/draft/comments`, { body }),
    settleComment: (projectId: string, commentId: string, body: Input<typeof draftCommentUpdate>) =>
      send<DraftTalk>("PATCH", `/projects/${projectId}/guideline/draft/comments/${commentId}`, { body }),
    review: (projectId: string, body: Input<typeof draftReviewCreate>) =>
      send<DraftTalk>("POST", `/projects/${projectId}/guideline/draft/review`, { body }),
    addExample: (projectId: string, body: Input<typeof draftExampleCreate>) =>
      send<Draft>("POST", `/projects/${projectId}/guideline/draft/examples`, { body }),
    editing: (projectId: string, body: Input<typeof draftEditing>) =>
      send<Pick<DraftTalk, "editors">>("POST", `/projects/${projectId}/guideline/draft/editing`, { body }),
    preview: (projectId: string) => send<Preview>("GET", `/projects/${projectId}/guideline/preview`),
    previewProgress: (projectId: string) =>
      send<PreviewProgress>("GET", `/projects/${projectId}/guideline/preview/progress`),
    reconsidered: (projectId: string) =>
      send<Reconsidered>("GET", `/projects/${projectId}/guideline/preview/decisions`),
    publish: (projectId: string, body: Input<typeof publishRequest>) =>
      send<Output<typeof publishAnswer>>("POST", `/projects/${projectId}/guideline/publish`, { body }),
    toRead: (projectId: string) => send<Acknowledgement>("GET", `/projects/${projectId}/guideline/acknowledgement`),
    confirmRead: (projectId: string, version: number) =>
      send<Acknowledgement>("POST", `/projects/${projectId}/guideline/acknowledgement`, { body: { version } }),
    waivers: (projectId: string) => allItems<WaiverView>(send, `/projects/${projectId}/waivers`),
    waive: (projectId: string, body: Input<typeof waiverCreate>) =>
      send<WaiverView>("POST", `/projects/${projectId}/waivers`, { body }),
    withdrawWaiver: (projectId: string, id: string) => send<Done>("DELETE", `/projects/${projectId}/waivers/${id}`),
  };
}

function taskCalls(send: Send) {
  return {
    list: (projectId: string, query: Input<typeof taskQuery> = {}) =>
      allItems<Task>(send, `/projects/${projectId}/tasks`, query satisfies Query),
    reads: (projectId: string) => allItems<Task>(send, `/projects/${projectId}/tasks/reads`),
    board: (projectId: string, group: Output<typeof boardGroup>) =>
      send<Board>("GET", `/projects/${projectId}/tasks/board`, { query: { group } }),
    tray: (projectId: string, query: { readonly cursor?: string | undefined; readonly limit?: number } = {}) =>
      send<Page<TrayItem>>("GET", `/projects/${projectId}/tasks/tray`, { query }),
    decide: (taskId: string, body: Omit<Input<typeof resolveRequest>, "id">) =>
      send<Done>("POST", `/tasks/${taskId}/decide`, { body }),
    order: (projectId: string, taskIds: string[]) =>
      send<Done>("PUT", `/projects/${projectId}/tasks/order`, { body: { taskIds } }),
    get: (taskId: string) => send<TaskDetail>("GET", `/tasks/${taskId}`),
    createRework: (projectId: string, body: Input<typeof reworkCreate>) =>
      send<Task>("POST", `/projects/${projectId}/tasks`, { body }),
    reassign: (projectId: string, body: Input<typeof reassignRequest>) =>
      send<Output<typeof reassignAnswer>>("POST", `/projects/${projectId}/tasks/reassign`, { body }),
    previewAssignment: (projectId: string, body: Input<typeof assignmentRequest>) =>
      send<AssignmentPreview>("POST", `/projects/${projectId}/tasks/assignment-preview`, { body }),
    assign: (projectId: string, body: Input<typeof assignmentApply>) =>
      send<Output<typeof reassignAnswer>>("POST", `/projects/${projectId}/tasks/assign`, { body }),
    update: (taskId: string, body: Input<typeof taskUpdate>) => send<Task>("PATCH", `/tasks/${taskId}`, { body }),
    move: (taskId: string, body: Input<typeof taskMove>) => send<Task>("POST", `/tasks/${taskId}/move`, { body }),
    resolve: (taskId: string, body: Input<typeof resolveRequest>) =>
      send<Output<typeof resolveAnswer>>("POST", `/tasks/${taskId}/resolve`, { body }),
    answerAlike: (taskId: string, body: Input<typeof alikeRequest>) =>
      send<Output<typeof resolveAnswer>>("POST", `/tasks/${taskId}/answers`, { body }),
    undo: (taskId: string, body: Input<typeof undoRequest>) =>
      send<{ readonly left: number }>("POST", `/tasks/${taskId}/undo`, { body }),
    screened: (taskId: string, body: Input<typeof screeningSign>) =>
      send<Task>("POST", `/tasks/${taskId}/screened`, { body }),
  };
}

function dissolveCalls(send: Send) {
  return {
    list: (projectId: string) => allItems<DissolveLayer>(send, `/projects/${projectId}/dissolves`),
    ofLayer: (layerId: string) => allItems<DissolveGroup>(send, `/layers/${layerId}/dissolves`),
    decide: (layerId: string, body: Input<typeof dissolveRequest>) =>
      send<Done>("POST", `/layers/${layerId}/dissolves`, { body }),
    undo: (layerId: string, body: Input<typeof dissolveUndo>) =>
      send<Done>("POST", `/layers/${layerId}/dissolves/undo`, { body }),
  };
}

function talkCalls(send: Send) {
  return {
    ofLayer: (layerId: string) => allItems<Thread>(send, `/layers/${layerId}/comments`),
    ofTask: (taskId: string) => allItems<Thread>(send, `/tasks/${taskId}/comments`),
    onLayer: (layerId: string, body: Input<typeof layerCommentCreate>) =>
      send<Thread>("POST", `/layers/${layerId}/comments`, { body }),
    onTask: (taskId: string, body: Input<typeof taskCommentCreate>) =>
      send<Thread>("POST", `/tasks/${taskId}/comments`, { body }),
    resolve: (threadId: string, resolved: boolean) =>
      send<Thread>("PATCH", `/threads/${threadId}`, { body: { resolved } }),
  };
}

function notificationCalls(send: Send) {
  return {
    list: (query: Input<typeof notificationQuery> & { readonly cursor?: string; readonly limit?: number } = {}) =>
      send<Page<Notification>>("GET", "/me/notifications", { query }),
    unread: () => send<{ readonly unread: number }>("GET", "/me/notifications/unread"),
    read: (body: Input<typeof notificationsRead> = {}) => send<Done>("POST", "/me/notifications/read", { body }),
  };
}

function consensusCalls(send: Send) {
  return {
    list: (projectId: string) => allItems<ConsensusSlide>(send, `/projects/${projectId}/consensus`),
    get: (roundId: string, slideId: string) =>
      send<ConsensusView>("GET", `/rounds/${roundId}/slides/${slideId}/consensus`),
    board: (
      projectId: string,
      query: Omit<Input<typeof agreementQuery>, "version"> & { readonly version?: number | undefined } = {},
    ) => send<BoardView>("GET", `/projects/${projectId}/agreement`, { query: query satisfies Query }),
    /** @param query as the route describes it: class, kind, slide, round, readers a and b, what they say x and y */
    queue: (projectId: string, query: Query = {}) =>
      send<QueueView>("GET", `/projects/${projectId}/disputes`, { query }),
    /** Where the record differs from the caller's reads; leads may name another reader. */
    differences: (roundId: string, query: Query = {}) =>
      send<RecordDifferences>("GET", `/rounds/${roundId}/record-differences`, { query }),
    deciders: (roundId: string, slideId: string) =>
      allItems<Decider>(send, `/rounds/${roundId}/slides/${slideId}/adjudicators`),
    giveAway: (roundId: string, slideId: string, body: Input<typeof adjudicationTaskBody>) =>
      send<Output<typeof adjudicationTaskAnswer>>("POST", `/rounds/${roundId}/slides/${slideId}/adjudication-tasks`, {
        body,
      }),
    at: (roundId: string, slideId: string, disputeKey: string) =>
      send<Output<typeof atDisputeAnswer>>("PUT", `/rounds/${roundId}/slides/${slideId}/adjudicators/me`, {
        body: { disputeKey },
      }),
    adjudicate: (roundId: string, slideId: string, body: Input<typeof adjudicateBody>) =>
      send<Output<typeof adjudicateAnswer>>("POST", `/rounds/${roundId}/slides/${slideId}/adjudications`, { body }),
  };
}

function releaseCalls(send: Send) {
  return {
    list: (projectId: string) => allItems<Release>(send, `/projects/${projectId}/releases`),
    create: (projectId: string, body: Input<typeof releaseCreate>) =>
      send<ReleaseDetail>("POST", `/projects/${projectId}/releases`, { body }),
    get: (releaseId: string) => send<ReleaseDetail>("GET", `/releases/${releaseId}`),
  };
}

/** Typed calls to /api/v1, one per route. Every call throws ApiError where the API says no or does not answer. */
export function createApi(target: ApiTarget) {
  const send = createSend(target);
  return {
    me: meCalls(send),
    invitations: invitationCalls(send),
    projects: projectCalls(send),
    members: memberCalls(send),
    slides: slideCalls(send),
    layers: layerCalls(send),
    rounds: roundCalls(send),
    drift: driftCalls(send),
    guideline: guidelineCalls(send),
    qualification: qualificationCalls(send),
    questions: questionCalls(send),
    trials: trialCalls(send),
    tasks: taskCalls(send),
    talk: talkCalls(send),
    dissolves: dissolveCalls(send),
    notifications: notificationCalls(send),
    consensus: consensusCalls(send),
    releases: releaseCalls(send),
  };
}

export type Api = ReturnType<typeof createApi>;

/** The API of the page's own origin, with the browser's session. */
export const api: Api = createApi({ baseUrl: "" });

/** Address of one file of a release, as an attachment. */
export function releaseFileUrl(releaseId: string, path: string): string {
  return `/api/v1/releases/${releaseId}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
}
