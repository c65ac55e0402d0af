import type { Db } from "#db/client.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";

/** Who is at the other end of a socket, as the server itself found out. */
export type Caller = {
  readonly personId: PersonId;
  readonly name: string;
  readonly colour: string;
  /** A token may be good for reading only. */
  readonly scope: "read" | "write";
  readonly via: "cookie" | "token";
  /** Wall clock at which session or token end, ms; absent where they do not. */
  readonly expiresAt?: number;
};

/** What a person may do with a layer; there is none for a layer that the person may not know of. */
export type LayerAccess = {
  readonly see: true;
  readonly write: boolean;
  /** Submitted: nobody may write, whatever the role. */
  readonly locked: boolean;
};

/**
 * Asks the one permissions module. Asked when a socket comes, when something changed, and again for every write inside
 * the transaction that commits it, which is then `tx`.
 */
export type AskAccess = (caller: Caller, layerId: LayerId, tx?: Db) => Promise<LayerAccess | null>;
