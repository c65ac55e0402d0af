import { once } from "node:events";
import { Readable } from "node:stream";
import pg from "pg";

/** What the driver offers for copies beside what its types say. */
type CopyConnection = pg.Connection & {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
};

function forCopies(connection: pg.Connection): CopyConnection {
  if (!isForCopies(connection)) throw new Error("this version of the database driver cannot copy");
  return connection;
}

function isForCopies(connection: pg.Connection): connection is CopyConnection {
  return "sendCopyFromChunk" in connection && "endCopyFrom" in connection && "sendCopyFail" in connection;
}

/** Rows of a `copy ... to stdout`, in the format of the server. Reading slowly slows the server down. */
class CopyOut extends Readable implements pg.Submittable {
  readonly #text: string;
  #connection: pg.Connection | null = null;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection;
    connection.query(this.#text);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    // The driver reuses the memory behind a chunk.
    if (!this.destroyed && !this.push(Buffer.from(chunk))) this.#connection?.stream.pause();
  }

  handleCommandComplete(): void {
    if (!this.destroyed) this.push(null);
  }

  handleReadyForQuery(): void {
    this.#connection = null;
  }

  handleError(error: Error): void {
    this.#connection = null;
    this.destroy(error);
  }

  override _read(): void {
    this.#connection?.stream.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // What the server still sends must be taken in before the connection can be used for anything else.
    this.#connection?.stream.resume();
    done(error);
  }
}

/** A `copy ... from stdin` that is fed from a source. */
class CopyIn implements pg.Submittable {
  readonly done: Promise<void>;
  readonly #text: string;
  readonly #source: AsyncIterable<Buffer>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #failure: Error | null = null;

  constructor(text: string, source: AsyncIterable<Buffer>) {
    this.#text = text;
    this.#source = source;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: pg.Connection): void {
    void this.#feed(forCopies(connection));
  }

  handleCommandComplete(): void {
    // The answer counts once the server is ready again.
  }

  handleReadyForQuery(): void {
    if (this.#failure === null) this.#resolve();
    else this.#reject(this.#failure);
  }

  handleError(error: Error): void {
    this.#failure ??= error;
    this.#reject(this.#failure);
  }

  async #feed(connection: CopyConnection): Promise<void> {
    try {
      for await (const chunk of this.#source) {
        if (this.#failure !== null) return;
        connection.sendCopyFromChunk(chunk);
        if (connection.stream.writableNeedDrain) await once(connection.stream, "drain");
      }
      connection.endCopyFrom();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      connection.sendCopyFail(this.#failure.message);
    }
  }
}

/** What a table holds, in the text format of `copy`. The caller reads it to its end before the next query. */
export function copyOut(client: pg.ClientBase, table: string, columns: readonly string[]): Readable {
  return client.query(new CopyOut(`copy ${named(table, columns)} to stdout`));
}

/** Appends rows in the text format of `copy` to a table. @throws what the source or the database throws */
export async function copyIn(
  client: pg.ClientBase,
  table: string,
  columns: readonly string[],
  source: AsyncIterable<Buffer>,
): Promise<void> {
  await client.query(new CopyIn(`copy ${named(table, columns)} from stdin`, source)).done;
}

function named(table: string, columns: readonly string[]): string {
  return `${pg.escapeIdentifier(table)} (${columns.map((column) => pg.escapeIdentifier(column)).join(", ")})`;
}
