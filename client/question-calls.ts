import type { PlaceInput } from "#domain/question.ts";
import type { trialOutlineSchema } from "#domain/trial.ts";
import type {
  ClassReasons,
  GuidelineQuestion,
  questionComment,
  questionCreate,
  questionQuery,
  questionSettle,
  questionToDraft,
  UnclearPair,
} from "#server/api/schemas/questions.ts";
import type { Trial, TrialDetail, TrialSheet, trialCreate } from "#server/api/schemas/trials.ts";
import { allItems, type Input, type Query, type Send } from "./http.ts";

type Done = { readonly done: true };

/** Calls about trials of a draft. */
export function trialCalls(send: Send) {
  const outline = (trialId: string, slideId: string, id: string) =>
    `/trials/${trialId}/slides/${slideId}/outlines/${id}`;
  return {
    list: (projectId: string) => allItems<Trial>(send, `/projects/${projectId}/guideline/trials`),
    start: (projectId: string, body: Input<typeof trialCreate>) =>
      send<TrialDetail>("POST", `/projects/${projectId}/guideline/trials`, { body }),
    get: (trialId: string) => send<TrialDetail>("GET", `/trials/${trialId}`),
    end: (trialId: string) => send<TrialDetail>("POST", `/trials/${trialId}/end`, { body: {} }),
    sheet: (trialId: string, slideId: string) => send<TrialSheet>("GET", `/trials/${trialId}/slides/${slideId}`),
    put: (trialId: string, slideId: string, id: string, body: Input<typeof trialOutlineSchema>) =>
      send<Done>("PUT", outline(trialId, slideId, id), { body }),
    remove: (trialId: string, slideId: string, id: string) => send<Done>("DELETE", outline(trialId, slideId, id)),
  };
}

/** Calls about questions to the guideline. */
export function questionCalls(send: Send) {
  return {
    list: (projectId: string, query: Input<typeof questionQuery> = {}) =>
      allItems<GuidelineQuestion>(send, `/projects/${projectId}/questions`, query satisfies Query),
    /** Why disputes had to be decided, class by class. */
    reasons: (projectId: string) => allItems<ClassReasons>(send, `/projects/${projectId}/decision-reasons`),
    /** Where adjudicators found the guideline unclear, by the classes that are confused. */
    unclear: (projectId: string) => allItems<UnclearPair>(send, `/projects/${projectId}/unclear`),
    get: (questionId: string) => send<GuidelineQuestion>("GET", `/questions/${questionId}`),
    ask: (projectId: string, body: Input<typeof questionCreate>) =>
      send<GuidelineQuestion>("POST", `/projects/${projectId}/questions`, { body }),
    addPlace: (questionId: string, body: PlaceInput) =>
      send<GuidelineQuestion>("POST", `/questions/${questionId}/places`, { body }),
    comment: (questionId: string, body: Input<typeof questionComment>) =>
      send<GuidelineQuestion>("POST", `/questions/${questionId}/comments`, { body }),
    settle: (questionId: string, body: Input<typeof questionSettle>) =>
      send<GuidelineQuestion>("POST", `/questions/${questionId}/settle`, { body }),
    toDraft: (questionId: string, body: Input<typeof questionToDraft>) =>
      send<GuidelineQuestion>("POST", `/questions/${questionId}/draft`, { body }),
  };
}
