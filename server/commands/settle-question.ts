import { appendAudit } from "#db/audit.ts";
import { draftOf, lockProject, newestVersion, saveDraft } from "#db/guidelines.ts";
import { changeQuestion, lockQuestion } from "#db/questions.ts";
import type { ClassId, QuestionId } from "#domain/ids.ts";
import { mayBecome, type QuestionState } from "#domain/question.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireQuestion } from "#server/queries/questions.ts";
import type { Caller } from "#server/session.ts";
import { tellQuestion } from "./open-question.ts";

type Work = Pick<World, "db" | "events" | "now">;
type Tx = Parameters<Parameters<World["db"]["transaction"]>[0]>[0];

/**
 * Answers a question in words, closes it, or asks it again. An answer and the reason of a closing must be said.
 * @throws AppError not-found, not-allowed, question-not-open (also where somebody else was faster), note-missing
 */
export async function settleQuestion(
  work: Work,
  caller: Caller,
  id: QuestionId,
  settled: { readonly revision: number; readonly to: "answered" | "closed" | "open"; readonly text: string },
): Promise<void> {
  const { member, subject } = await requireQuestion(work.db, caller, id);
  allow(member, "question.settle", subject);
  const { to, text } = settled;
  if (to !== "open" && text === "") throw new AppError("note-missing", { to });
  await work.db.transaction(async (tx) => {
    await held(tx, id, settled.revision, to);
    const answered = to === "open" ? { answer: "", settledBy: null } : { answer: text, settledBy: caller.personId };
    const notInDraft = { draftClassId: null, publishedIn: null };
    await changeQuestion(tx, id, { state: to, ...answered, ...notInDraft }, work.now());
    const entry = { personId: caller.personId, projectId: subject.projectId, subject: id, detail: {} };
    await appendAudit(tx, { ...entry, action: `question.${to === "open" ? "reopened" : to}` });
  });
  const toast = to === "answered" ? `${caller.name} answered a guideline question.` : null;
  await tellQuestion(work, id, { all: true, toast });
}

/**
 * Makes a question part of the draft, which is started where there is none. Publishing the draft answers it.
 * @param wanted.classId where the draft is opened; without it at the class that the question is about
 * @throws AppError not-found, not-allowed, question-not-open, no-guideline before the first version
 */
export async function questionToDraft(
  work: Work,
  caller: Caller,
  id: QuestionId,
  wanted: { readonly revision: number; readonly classId: ClassId | null },
): Promise<void> {
  const { question, member, subject } = await requireQuestion(work.db, caller, id);
  allow(member, "question.settle", subject);
  allow(member, "guideline.edit");
  const { projectId } = subject;
  await work.db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    await held(tx, id, wanted.revision, "became-draft-change");
    await startDraft(tx, projectId, caller, work.now());
    const draftClassId = wanted.classId ?? question.classId;
    const change = { state: "became-draft-change" as const, draftClassId, settledBy: caller.personId };
    await changeQuestion(tx, id, change, work.now());
    const entry = { personId: caller.personId, projectId, subject: id, detail: { class: draftClassId } };
    await appendAudit(tx, { ...entry, action: "question.became-draft-change" });
  });
  await tellQuestion(work, id, { all: true, toast: null });
}

async function held(tx: Tx, id: QuestionId, revision: number, to: QuestionState): Promise<void> {
  const question = await lockQuestion(tx, id);
  if (question === null) throw new AppError("not-found", { questionId: id });
  if (question.revision !== revision || !mayBecome(question.state, to)) {
    throw new AppError("question-not-open", { state: question.state, to, revision: question.revision });
  }
}

async function startDraft(
  tx: Tx,
  projectId: Parameters<typeof draftOf>[1],
  { personId }: Caller,
  at: Date,
): Promise<void> {
  if ((await draftOf(tx, projectId)) !== null) return;
  const newest = await newestVersion(tx, projectId);
  if (newest === null) throw new AppError("no-guideline", { projectId });
  const { number: parent, content } = newest;
  await saveDraft(tx, { projectId, parent, content, declarations: [], revision: 0, personId, at });
}
