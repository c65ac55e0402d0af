/** How a layer stands. A new object for every change, so that it can be compared by identity. */
export type LiveStatus = {
  /** `refused`: the server does not want this socket as it is; `code` says why, `retry` tries again. */
  readonly connection: "connecting" | "live" | "offline" | "refused";
  /** The whole stored document is here. */
  readonly synced: boolean;
  /** One's own changes that the server has not called durable. */
  readonly waiting: number;
  /** Changes of an earlier tab, found in the journal and merged. */
  readonly recovered: number;
  /** Whether the browser keeps unsaved changes over a crash of the tab. */
  readonly kept: boolean;
  /** What the server lets this person do; null until it has said so. */
  readonly write: boolean | null;
  /** Why the connection is refused, or why nothing may be written: a code of the table of errors. */
  readonly code: string | null;
  /** The value that the code is about. */
  readonly detail: Readonly<Record<string, unknown>> | null;
  /** How often the layer began anew while it was open: `layerDoc` is another one then, and one's steps are forgotten. */
  readonly renewed: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
};

/** A layer that nothing has been heard of yet. */
export const JOINING: LiveStatus = {
  connection: "connecting",
  synced: false,
  waiting: 0,
  recovered: 0,
  kept: true,
  write: null,
  code: null,
  detail: null,
  renewed: 0,
  canUndo: false,
  canRedo: false,
};

/** Whether a refusal means that nobody is signed in, or somebody else. */
export function isSignedOut(code: string | null): boolean {
  return code === "not-signed-in" || code === "4401";
}
