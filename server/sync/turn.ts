import { AppError } from "#server/errors.ts";
import type { Caller, LayerAccess } from "./access.ts";
import type { Commit, Committed } from "./commit.ts";
import type { Connection, QueuedMessage } from "./connection.ts";

/** A message of a socket in the room's queue. */
export type Waiting = { readonly connection: Connection; readonly message: QueuedMessage; readonly since: number };

/** What is told when the turn's transaction has committed, in this order. */
export type Outcome = {
  readonly updates: readonly (Committed & { readonly from: Connection })[];
  readonly answers: readonly { readonly connection: Connection; readonly message: QueuedMessage }[];
};

/** What each of those who bring something may do, null for who may not know of the layer; and which question that answers. */
type Rights = ReadonlyMap<Connection, { readonly access: LayerAccess | null; readonly question: number }>;
type Update = Extract<QueuedMessage, { type: "update" }>;

/**
 * Goes through the waiting messages of a turn in order. Updates are checked and applied; what asks for an answer is
 * collected for after the commit; a refused update ends its socket and leaves the others as they are.
 */
export class Turn {
  readonly #commit: Commit;
  readonly #rights: Rights;
  readonly #updates: (Committed & { readonly from: Connection })[] = [];
  readonly #answers: { connection: Connection; message: QueuedMessage }[] = [];
  readonly #refused = new Map<Connection, AppError>();

  /** @param rights as permissions gave them inside the transaction of `commit` */
  constructor(commit: Commit, rights: Rights) {
    this.#commit = commit;
    this.#rights = rights;
  }

  async take(connection: Connection, message: QueuedMessage): Promise<void> {
    if (connection.failed || this.#refused.has(connection)) return;
    try {
      if (message.type === "update") await this.#update(connection, message);
      else if (message.type === "mark" && connection.held.length > 0) connection.hold(message);
      else this.#answers.push({ connection, message });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#refused.set(connection, error);
    }
  }

  /** Sockets that end, and why; told also where the transaction does not commit. */
  get refused(): ReadonlyMap<Connection, AppError> {
    return this.#refused;
  }

  get outcome(): Outcome {
    return { updates: this.#updates, answers: this.#answers };
  }

  async #update(connection: Connection, message: Update): Promise<void> {
    if (connection.held.length > 0 && !message.step2) {
      connection.hold(message);
      return;
    }
    await this.#store(connection, message);
    if (!message.step2) return;
    connection.filled = true;
    const held = connection.held;
    connection.held = [];
    for (const each of held) await this.take(connection, each);
  }

  async #store(connection: Connection, message: Update): Promise<void> {
    const { personId } = connection.caller;
    const verdict = await this.#commit.check(message.bytes, personId, message.step2);
    if (verdict.kind === "nothing") return;
    const excess = verdict.kind === "fresh" ? this.#commit.excess(verdict.bytes) : null;
    if (excess !== null) connection.block("layer-full", excess);
    if (!this.#mayWrite(connection)) {
      connection.dropped = true;
      return;
    }
    if (verdict.kind === "fresh") {
      const committed = this.#commit.apply(verdict.bytes, verdict.newClients, personId);
      this.#updates.push({ ...committed, from: connection });
    } else if (connection.filled || message.step2) {
      throw new AppError("update-gap");
    } else {
      connection.hold(message);
    }
  }

  #mayWrite(connection: Connection): boolean {
    const { access = null, question = 0 } = this.#rights.get(connection) ?? {};
    if (access === null) throw new AppError("not-found");
    connection.learn(access, question);
    const mayWrite = connection.allows(access);
    // What was dropped before the right to write came back, also while this was asked, is sent again by a socket that comes back.
    if (connection.mayWrite && (connection.dropped || !mayWrite)) throw new AppError("update-gap");
    return mayWrite;
  }
}

/** Asks permissions for everybody who brings something, once each. */
export async function rightsOf(
  messages: readonly Waiting[],
  ask: (caller: Caller) => Promise<LayerAccess | null>,
): Promise<Rights> {
  const bringing = new Set(messages.filter(needsCommit).map(({ connection }) => connection));
  const answers = [...bringing].map(async (connection) => {
    const question = connection.asking();
    return [connection, { access: await ask(connection.caller), question }] as const;
  });
  return new Map(await Promise.all(answers));
}

/** An empty update is the answer of a client that has nothing of its own; it needs no transaction. */
export function needsCommit({ connection, message }: Waiting): boolean {
  return connection.held.length > 0 || (message.type === "update" && message.bytes.some((byte) => byte !== 0));
}

/** The outcome of a turn that brings nothing. */
export function answersOnly(messages: readonly Waiting[]): Outcome {
  for (const { connection, message } of messages) if (message.type === "update") connection.filled ||= message.step2;
  return { updates: [], answers: messages };
}
