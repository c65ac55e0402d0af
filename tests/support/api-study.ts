import { accessTokensOf } from "#db/people.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { ConsensusView } from "#server/api/schemas/consensus.ts";
import type { DraftTalk } from "#server/api/schemas/drafts.ts";
import type { InvitationCreated } from "#server/api/schemas/people.ts";
import type { GuidelineQuestion } from "#server/api/schemas/questions.ts";
import type { ReleaseDetail } from "#server/api/schemas/releases.ts";
import type { Thread } from "#server/api/schemas/talk.ts";
import type { Task } from "#server/api/schemas/tasks.ts";
import type { TrialDetail } from "#server/api/schemas/trials.ts";
import type { ApiWorld, Name } from "./api-world.ts";
import { aClassId, aGuideline, square } from "./builders.ts";

/** A project with one of everything that a path can name. */
export type Study = {
  readonly guideline: GuidelineContent;
  /** Path parameters by name. */
  readonly ids: Readonly<Record<string, string>>;
  readonly teamLayerId: string;
  /** Bodies that a caller with the right could send, by method and path; null where there is none. */
  readonly bodies: Readonly<Record<string, unknown>>;
  readonly writes: readonly string[];
  /** Paths that answer some people only, whatever their role, by a part of the path. */
  readonly concerned: Readonly<Record<string, readonly Name[]>>;
};

export async function wholeStudy(w: ApiWorld): Promise<Study> {
  const guideline = aGuideline(["a", "b"], { minDisputeUm2: 0 });
  const project = await w.project(guideline);
  const slide = await w.bareSlide(project, "slide");
  const round = await w.round(project, "open", [slide], ["ada", "bea"]);
  const [adas, beas] = [round.layer(slide, "ada"), round.layer(slide, "bea")];
  const shared = { classId: "a", geometry: square(100, 100, 200) };
  const drawn = await w.draw("ada", adas, [shared]);
  await w.draw("bea", beas, [shared, { classId: "b", geometry: square(800, 800, 100) }]);
  for (const [name, layer] of [["ada", adas] as const, ["bea", beas] as const]) {
    await done(w.call(name, "POST", `/layers/${layer}/submit`));
  }
  const consensus = await done(w.call<ConsensusView>("jo", "GET", `/rounds/${round.id}/slides/${slide}/consensus`));
  for (const dispute of consensus.disputes) {
    await done(
      w.call("jo", "POST", `/rounds/${round.id}/slides/${slide}/adjudications`, {
        consensusKey: consensus.key,
        disputeKey: dispute.key,
        decision: { method: "exclude", reason: "artefact" },
      }),
    );
  }
  const release = await done(w.call<ReleaseDetail>("lena", "POST", `/projects/${project}/releases`, { name: "r" }));
  const rework = {
    layerId: adas,
    annotationIds: drawn.map((each) => each.id),
    assigneeId: w.people.bea.id,
    reason: "too-loose",
    text: "tighter",
  };
  const task = await done(w.call<Task>("lena", "POST", `/projects/${project}/tasks`, rework));
  const said = { text: "tighter at the rim", annotationId: drawn[0]?.id };
  const thread = await done(w.call<Thread>("lena", "POST", `/layers/${adas}/comments`, said));
  const team = await done(w.call<{ id: string }>("lena", "POST", `/slides/${slide}/layers`));
  const draft = { revision: 0, content: guideline, declarations: [] };
  await done(w.call("lena", "PUT", `/projects/${project}/guideline/draft`, draft));
  const talk = await done(
    w.call<DraftTalk>("lena", "POST", `/projects/${project}/guideline/draft/comments`, { text: "c" }),
  );
  const invitation = await done(
    w.call<InvitationCreated>("lena", "POST", `/projects/${project}/invitations`, { role: "viewer" }),
  );
  const trial = await done(
    w.call<TrialDetail>("lena", "POST", `/projects/${project}/guideline/trials`, { name: "t", slideIds: [slide] }),
  );
  const asked = { title: "Does mucin count?", classId: guideline.classes[0]?.id };
  const question = await done(w.call<GuidelineQuestion>("lena", "POST", `/projects/${project}/questions`, asked));
  const place = { kind: "box", slideId: slide, box: [0, 0, 200, 200] };
  const refers = { place, classId: aClassId("a") };
  const reference = await done(w.call<{ id: string }>("lena", "POST", `/projects/${project}/references`, refers));
  const region = { kind: "region", slideId: slide, box: [0, 0, 200, 200] };
  const [token] = await accessTokensOf(w.db, w.people.lena.id);
  const dispute = consensus.disputes[0]?.key ?? "";
  const bodies = {
    "PATCH /me": { name: "somebody" },
    "POST /me/password": { current: "", next: "correct horse" },
    "POST /me/tokens": { name: "t", scope: "read", days: 1 },
    "POST /projects/{projectId}/invitations": { role: "viewer" },
    "POST /invitations/{token}/accept": {},
    "POST /projects": { name: "p" },
    "PATCH /projects/{projectId}": { name: "p" },
    "PATCH /projects/{projectId}/members/{personId}": { role: "lead" },
    "POST /projects/{projectId}/slides": undefined,
    "POST /projects/{projectId}/slides/register": { file: "f.tif", name: "n", case: "c" },
    "PATCH /slides/{slideId}": { name: "n" },
    "POST /slides/{slideId}/layers": undefined,
    "POST /layers/{layerId}/seen": { cells: "AAA=" },
    "POST /layers/{layerId}/geojson": { type: "FeatureCollection", features: [] },
    "POST /projects/{projectId}/rounds": {
      name: "r",
      mode: "open",
      slideIds: [slide],
      readerIds: [w.people.ada.id],
    },
    "PUT /projects/{projectId}/bridge": { regions: [], readerIds: [] },
    "POST /rounds/{roundId}/unblind": undefined,
    "POST /layers/{layerId}/submit": undefined,
    "POST /layers/{layerId}/reopen": undefined,
    "PUT /projects/{projectId}/guideline/draft": draft,
    "POST /projects/{projectId}/guideline/draft/comments": { text: "c" },
    "PATCH /projects/{projectId}/guideline/draft/comments/{commentId}": { resolved: true },
    "POST /projects/{projectId}/guideline/draft/examples": {
      classId: guideline.classes[0]?.id,
      slideId: slide,
      box: [0, 0, 200, 200],
      good: true,
    },
    "POST /projects/{projectId}/guideline/draft/rebase": { ...draft, parent: 1 },
    "POST /projects/{projectId}/guideline/draft/review": { revision: 2, kind: "propose" },
    "POST /projects/{projectId}/guideline/draft/editing": { place: null },
    "POST /projects/{projectId}/guideline/publish": { parent: 1 },
    "POST /projects/{projectId}/guideline/acknowledgement": { version: 1 },
    "POST /projects/{projectId}/waivers": {
      scope: { kind: "class", classId: aClassId("a") },
      reason: "pilot",
      expiresAt: "2999-01-01T00:00:00Z",
    },
    "POST /projects/{projectId}/guideline/trials": { name: "t", slideIds: [slide] },
    "POST /trials/{trialId}/end": undefined,
    "PUT /trials/{trialId}/slides/{slideId}/outlines/{annotationId}": {
      classId: guideline.classes[0]?.id,
      geometry: square(10, 10, 50),
    },
    "POST /projects/{projectId}/references": refers,
    "POST /projects/{projectId}/references/{referenceId}/confirm": { classId: aClassId("a") },
    "POST /tasks/{taskId}/test/attempts": undefined,
    "POST /tasks/{taskId}/test/answers": { attemptId: "x", itemId: "x", classId: aClassId("a") },
    "POST /projects/{projectId}/questions": asked,
    "POST /questions/{questionId}/places": region,
    "POST /questions/{questionId}/comments": { text: "c" },
    "POST /questions/{questionId}/settle": { revision: question.revision, to: "answered", text: "yes" },
    "POST /questions/{questionId}/draft": { revision: question.revision },
    "POST /projects/{projectId}/tasks": rework,
    "POST /projects/{projectId}/tasks/reassign": { taskIds: [task.id], assigneeId: w.people.ada.id },
    "POST /projects/{projectId}/tasks/assignment-preview": { taskIds: [task.id], rule: { kind: "author" } },
    "POST /projects/{projectId}/tasks/assign": { taskIds: [task.id], rule: { kind: "author" } },
    "PUT /projects/{projectId}/tasks/order": { taskIds: [task.id] },
    "POST /layers/{layerId}/dissolves": {
      id: "dissolve0001",
      decision: "left",
      items: ["outline00001", "outline00002"].map((id) => ({ annotationId: id, contentHash: "none" })),
    },
    "POST /layers/{layerId}/dissolves/undo": { id: "dissolve0001" },
    "POST /layers/{layerId}/comments": { text: "so", place: { x: 1, y: 1 } },
    "POST /tasks/{taskId}/comments": { text: "so" },
    "PATCH /threads/{threadId}": { resolved: true },
    "POST /me/notifications/read": {},
    "PATCH /tasks/{taskId}": { revision: task.revision, priority: 2 },
    "POST /tasks/{taskId}/move": { revision: task.revision, to: "cancelled" },
    "POST /tasks/{taskId}/screened": { revision: task.revision, confirmed: true },
    "POST /tasks/{taskId}/resolve": {
      annotationId: drawn[0]?.id,
      contentHash: "x",
      answer: { verdict: "keep" },
    },
    "POST /tasks/{taskId}/answers": {
      id: "answer000000",
      items: [{ annotationId: drawn[0]?.id, contentHash: "x" }],
      answer: { verdict: "keep" },
    },
    "POST /tasks/{taskId}/decide": {
      annotationId: drawn[0]?.id,
      contentHash: "x",
      answer: { verdict: "keep" },
    },
    "POST /tasks/{taskId}/undo": { undo: "x" },
    "POST /rounds/{roundId}/slides/{slideId}/adjudications": {
      consensusKey: consensus.key,
      disputeKey: dispute,
      decision: { method: "majority", reason: "slip" },
    },
    "POST /rounds/{roundId}/slides/{slideId}/adjudication-tasks": { assigneeId: w.people.jo.id },
    "PUT /rounds/{roundId}/slides/{slideId}/adjudicators/me": { disputeKey: dispute },
    "POST /projects/{projectId}/releases": { name: "r" },
  };
  return {
    guideline,
    teamLayerId: team.id,
    bodies,
    writes: Object.keys(bodies),
    concerned: {
      // Leads and adjudicators, its assignee, the author of what it is about.
      "/tasks/{taskId}": ["lena", "lars", "jo", "bea", "ada"],
      // Who asks for their own list has read there.
      "/record-differences": ["ada", "bea"],
    },
    ids: {
      projectId: project,
      slideId: slide,
      layerId: adas,
      roundId: round.id,
      commentId: talk.comments[0]?.id ?? "",
      trialId: trial.id,
      annotationId: drawn[0]?.id ?? "",
      questionId: question.id,
      taskId: task.id,
      referenceId: reference.id,
      threadId: thread.id,
      releaseId: release.id,
      path: release.files[0]?.path ?? "",
      personId: w.people.bea.id,
      invitationId: invitation.id,
      token: invitation.url.split("/").at(-1) ?? "",
      tokenId: token?.id ?? "",
    },
  };
}

async function done<Body>(answer: ReturnType<ApiWorld["call"]> | Promise<{ status: number; body: Body }>) {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body as Body;
}
