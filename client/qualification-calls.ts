import type {
  Qualification,
  ReaderTest,
  referenceConfirm,
  referenceCreate,
  testAnswer,
} from "#server/api/schemas/qualification.ts";
import type { Input, Send } from "./http.ts";

type Done = { readonly done: true };

/** Calls about who can tell a redefined class: references for leads, tests for readers. */
export function qualificationCalls(send: Send) {
  return {
    get: (projectId: string) => send<Qualification>("GET", `/projects/${projectId}/qualification`),
    addReference: (projectId: string, body: Input<typeof referenceCreate>) =>
      send<{ readonly id: string }>("POST", `/projects/${projectId}/references`, { body }),
    confirmReference: (projectId: string, id: string, body: Input<typeof referenceConfirm>) =>
      send<Done>("POST", `/projects/${projectId}/references/${id}/confirm`, { body }),
    removeReference: (projectId: string, id: string) => send<Done>("DELETE", `/projects/${projectId}/references/${id}`),
    begin: (taskId: string) => send<ReaderTest>("POST", `/tasks/${taskId}/test/attempts`, { body: {} }),
    say: (taskId: string, body: Input<typeof testAnswer>) =>
      send<ReaderTest>("POST", `/tasks/${taskId}/test/answers`, { body }),
  };
}
