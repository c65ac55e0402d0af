import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import type { LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import { type ErrorCode, faultOf } from "#server/errors.ts";
import type { Logger } from "#server/log.ts";

/** Something that a person sent to a layer and that was not taken. */
export type SyncRefusal = {
  readonly personId: PersonId;
  readonly projectId: ProjectId;
  readonly layerId: LayerId;
  readonly code: ErrorCode;
};

/** The first of a kind is written at once; those like it in the time after it are counted, and written as one. */
const GATHER_MS = 60_000;
/** So many entries in that time at most, whoever makes them: nobody fills the audit. What is beyond is counted and written as one. */
const MAX_ENTRIES = 60;
/** Close codes from here on ask to try again. */
const FIRST_RETRY = 4500;

type Gathered = { readonly refusal: SyncRefusal; count: number };

/**
 * Writes refused messages into the audit: who, which layer, why. However many come, and from however many people,
 * the audit grows by a bounded number of entries a minute.
 */
export class RefusalAudit {
  readonly #db: Db;
  readonly #log: Pick<Logger, "error">;
  readonly #now: () => number;
  readonly #gathered = new Map<string, Gathered>();
  #since = Number.NEGATIVE_INFINITY;
  #written = 0;
  #beyond = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor({ db, log, now }: { readonly db: Db; readonly log: Pick<Logger, "error">; readonly now: () => number }) {
    this.#db = db;
    this.#log = log;
    this.#now = now;
  }

  /** Takes it in where it was the sender's own doing; who only has to send again did nothing wrong. */
  note(refusal: SyncRefusal): void {
    if (faultOf(refusal.code).close >= FIRST_RETRY && refusal.code !== "rate-limited") return;
    this.tend();
    const key = [refusal.personId, refusal.layerId, refusal.code].join(" ");
    const known = this.#gathered.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#written >= MAX_ENTRIES) this.#beyond += 1;
    else {
      this.#gathered.set(key, { refusal, count: 0 });
      this.#written += 1;
      this.#write(refusal, 1);
    }
  }

  /** Writes what was counted, when its time is over. */
  tend(): void {
    const now = this.#now();
    if (now - this.#since < GATHER_MS) return;
    this.#since = now;
    this.#flush();
  }

  /** Writes what was counted, and waits until everything is written. */
  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    const [gathered, beyond] = [[...this.#gathered.values()], this.#beyond];
    this.#gathered.clear();
    [this.#beyond, this.#written] = [0, 0];
    for (const { refusal, count } of gathered) if (count > 0) this.#write(refusal, count);
    if (beyond > 0) this.#append({ personId: null, projectId: null, subject: "sync", detail: { count: beyond } });
  }

  #write({ personId, projectId, layerId, code }: SyncRefusal, count: number): void {
    this.#append({ personId, projectId, subject: layerId, detail: { code, count } });
  }

  /** One after the other: entries are chained. A refusal that cannot be written is in the log. */
  #append(entry: Omit<Parameters<typeof appendAudit>[1], "action">): void {
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#db.transaction((tx) => appendAudit(tx, { ...entry, action: "update.refused" }));
      } catch (error) {
        this.#log.error("audit.failed", error, { action: "update.refused" });
      }
    });
  }
}
