/**
 * The one table from error code to HTTP status, socket close code and the sentence a user reads.
 * Close codes 4400-4499 mean "do not come back as you are", 4500-4599 mean "try again" (the y-websocket client obeys both).
 */
type Fault = { readonly status: number; readonly close: number; readonly sentence: string };

const FAULTS = {
  "bad-request": { status: 400, close: 4400, sentence: "The request is not well formed." },
  "not-signed-in": { status: 401, close: 4401, sentence: "Sign in to go on." },
  "session-ended": { status: 401, close: 4501, sentence: "Your session ended; the page tries the one it has now." },
  "wrong-credentials": { status: 401, close: 4401, sentence: "E-mail and password do not match." },
  "too-many-attempts": { status: 429, close: 4429, sentence: "Too many attempts. Wait a minute and try again." },
  "origin-refused": { status: 403, close: 4403, sentence: "This request came from another site and was refused." },
  "not-allowed": { status: 403, close: 4403, sentence: "Your role in this project does not allow this." },
  "read-only-token": { status: 403, close: 4403, sentence: "This access token may only read." },
  "not-found": { status: 404, close: 4404, sentence: "There is no such thing, or it is not yours to see." },
  "method-not-allowed": { status: 405, close: 4405, sentence: "This address does not answer to that method." },
  "layer-locked": { status: 409, close: 4409, sentence: "This read has been submitted and can no longer be changed." },
  "email-taken": { status: 409, close: 4409, sentence: "There is already an account with this e-mail address." },
  "name-taken": { status: 409, close: 4409, sentence: "This name is already in use here." },
  "invitation-expired": {
    status: 410,
    close: 4410,
    sentence: "This invitation has expired or was used. Ask for a new one.",
  },
  "last-lead": { status: 409, close: 4409, sentence: "A project needs a lead; name another one first." },
  "stale-draft": {
    status: 409,
    close: 4409,
    sentence: "Somebody saved the draft after you opened it. Look at their version first.",
  },
  "draft-overtaken": {
    status: 409,
    close: 4409,
    sentence: "Another version was published after this draft was begun. Put the draft on it first.",
  },
  "trial-ended": { status: 409, close: 4409, sentence: "This trial has ended; nothing is drawn in it any more." },
  "too-many-examples": { status: 422, close: 4422, sentence: "This class has as many examples as it can have." },
  "draft-not-proposed": {
    status: 409,
    close: 4409,
    sentence: "The draft has been put forward, answered or changed meanwhile. Look at it again.",
  },
  "approval-missing": {
    status: 409,
    close: 4409,
    sentence: "This project asks for a second lead: somebody else approves the draft before it is published.",
  },
  "stale-publish": {
    status: 409,
    close: 4409,
    sentence: "Another version was published meanwhile. The draft must be based on it first.",
  },
  "nothing-to-publish": { status: 409, close: 4409, sentence: "The draft does not differ from the published version." },
  "guideline-refused": { status: 422, close: 4422, sentence: "The guideline cannot be published as it is." },
  "question-not-open": {
    status: 409,
    close: 4409,
    sentence: "Somebody else answered, closed or changed this question meanwhile.",
  },
  "task-not-open": { status: 409, close: 4409, sentence: "This task has been answered or closed meanwhile." },
  "task-not-yours": { status: 403, close: 4403, sentence: "This task is assigned to somebody else." },
  "task-unfinished": { status: 409, close: 4409, sentence: "There are still items to answer in this task." },
  "not-alike": {
    status: 422,
    close: 4422,
    sentence: "One answer for several outlines needs outlines of one class and version that ask the same.",
  },
  "nothing-left": {
    status: 422,
    close: 4422,
    sentence: "Nothing of the other outline would be left. Keep both, or delete one of them.",
  },
  "not-touching": {
    status: 422,
    close: 4422,
    sentence: "These outlines are not one group that a merge made alike and that touches.",
  },
  "screening-incomplete": {
    status: 409,
    close: 4409,
    sentence:
      "Less of the slide was seen at working magnification than the study asks for. Confirm to sign all the same.",
  },
  "content-changed": {
    status: 409,
    close: 4409,
    sentence: "The outline was changed meanwhile. Look at its new shape first.",
  },
  "read-not-open": { status: 409, close: 4409, sentence: "This read has already been submitted." },
  "findings-block": {
    status: 409,
    close: 4409,
    sentence: "Some outlines break a rule that must be met before a read is handed in. Put them right first.",
  },
  "repeats-need-blind": {
    status: 422,
    close: 4422,
    sentence: "Repeat reads are hidden, so their round has to be blind.",
  },
  "round-not-finished": { status: 409, close: 4409, sentence: "There are reads of this round that are not submitted." },
  "already-unblinded": { status: 409, close: 4409, sentence: "This round has already been unblinded." },
  "read-not-submitted": { status: 409, close: 4409, sentence: "This read is open; there is nothing to reopen." },
  "no-guideline": {
    status: 409,
    close: 4409,
    sentence: "Publish a first version of the guideline before work starts.",
  },
  "assignment-changed": {
    status: 409,
    close: 4409,
    sentence: "What would be assigned changed meanwhile. Look at the preview again.",
  },
  "person-not-suitable": {
    status: 422,
    close: 4422,
    sentence:
      "This person is not a member of the project, or their role or the project's rules do not let them do this work.",
  },
  "no-reference-items": {
    status: 409,
    close: 4409,
    sentence: "There is nothing to ask about this class yet: a lead chooses reference items first.",
  },
  "attempt-not-open": {
    status: 409,
    close: 4409,
    sentence: "This attempt is finished, or another one took its place.",
  },
  "reference-hidden": {
    status: 409,
    close: 4409,
    sentence: "This outline belongs to a blind read: nobody else may be shown it before the round is unblinded.",
  },
  "note-missing": {
    status: 422,
    close: 4422,
    sentence: "Say why, in a note, so that the next person knows what to do.",
  },
  "choice-needed": {
    status: 422,
    close: 4422,
    sentence: "This class is no longer; choose one of those that take its place.",
  },
  "value-needed": {
    status: 422,
    close: 4422,
    sentence: "Something about this outline has to be said: give the attribute that is asked for.",
  },
  "class-retired": { status: 422, close: 4422, sentence: "This class is retired and can no longer be given." },
  "dispute-gone": { status: 409, close: 4409, sentence: "The reads changed and this dispute is no longer there." },
  "dispute-decided": { status: 409, close: 4409, sentence: "Somebody else decided this dispute meanwhile." },
  "read-waits": {
    status: 409,
    close: 4409,
    sentence: "This read has an outline here whose class is still to be chosen: there is no word of it to accept.",
  },
  "no-majority": { status: 409, close: 4409, sentence: "The reads of this dispute have no majority." },
  "no-common-area": { status: 409, close: 4409, sentence: "The outlines of this dispute have no area in common." },
  "too-few-reads": { status: 409, close: 4409, sentence: "Agreement needs at least two submitted reads." },
  "release-blocked": { status: 409, close: 4409, sentence: "The ground truth is not consistent yet." },
  "slide-in-use": { status: 409, close: 4409, sentence: "This slide has annotations and cannot be removed." },
  "slide-not-an-image": { status: 415, close: 4415, sentence: "This file is not an image that Concord knows." },
  "slide-damaged": { status: 422, close: 4422, sentence: "This slide file is damaged." },
  "slide-unsupported": { status: 415, close: 4415, sentence: "This slide format is not supported." },
  "slide-tile-damaged": { status: 422, close: 4422, sentence: "This part of the slide file is damaged." },
  "slide-tile-absent": { status: 404, close: 4404, sentence: "The slide has no such tile." },
  "body-too-large": { status: 413, close: 4413, sentence: "This request is larger than Concord accepts." },
  "slide-too-large": { status: 413, close: 4413, sentence: "This file is larger than Concord accepts." },
  "mpp-missing": { status: 409, close: 4409, sentence: "State the slide's microns per pixel first." },
  "outline-malformed": { status: 422, close: 4422, sentence: "An outline is not well formed." },
  "coordinates-not-finite": { status: 422, close: 4422, sentence: "A coordinate is not a finite number." },
  "outline-off-slide": { status: 422, close: 4422, sentence: "An outline lies outside the slide." },
  "unknown-class": { status: 422, close: 4422, sentence: "The guideline has no such class." },
  "import-refused": { status: 422, close: 4422, sentence: "The file could not be imported." },
  "frame-malformed": { status: 400, close: 4400, sentence: "The server could not read what this browser sent." },
  "frame-too-large": { status: 413, close: 4413, sentence: "A single change is larger than the server accepts." },
  "update-refused": { status: 403, close: 4403, sentence: "The server refused a change that was not yours to make." },
  "update-gap": { status: 409, close: 4500, sentence: "A change arrived before the one it builds on." },
  "epoch-over": {
    status: 409,
    close: 4410,
    sentence: "This layer was begun anew without its old edits. A page takes up the new document by itself.",
  },
  "page-outdated": {
    status: 409,
    close: 4426,
    sentence: "This page and the server are of different versions. Reload the page to go on.",
  },
  "layer-full": {
    status: 413,
    close: 4413,
    sentence: "This layer holds as much as a layer may. Delete something, or go on in another one.",
  },
  "rate-limited": { status: 429, close: 4529, sentence: "Too much at once. Wait a moment." },
  "too-slow": { status: 503, close: 4508, sentence: "The connection could not keep up and starts again." },
  "not-saved": {
    status: 503,
    close: 4503,
    sentence: "The database does not answer; nothing was saved. Concord tries again.",
  },
  starting: { status: 503, close: 4503, sentence: "Concord is starting." },
  internal: { status: 500, close: 4500, sentence: "Something went wrong on our side. It has been logged." },
} as const satisfies Record<string, Fault>;

export type ErrorCode = keyof typeof FAULTS;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(FAULTS, text);
}

export function faultOf(code: ErrorCode): Fault {
  return FAULTS[code];
}

/** What goes wrong at an edge: a code from the table, and the offending value for whoever reads the answer. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(`${code}: ${JSON.stringify(detail)}`, cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
  }
}

/** The body of every failed answer, RFC 9457. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;
};

export function problemOf(code: ErrorCode, detail: Readonly<Record<string, unknown>> = {}): Problem {
  const fault = faultOf(code);
  return { type: `urn:concord:error:${code}`, title: fault.sentence, status: fault.status, code, detail };
}
