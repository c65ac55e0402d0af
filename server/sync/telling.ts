import type { LayerId } from "#domain/ids.ts";
import type { Bus } from "#server/bus/bus.ts";
import { AppError } from "#server/errors.ts";
import type { Audience, Told } from "./audience.ts";
import type { Committed } from "./commit.ts";
import type { Connection, QueuedMessage } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import type { LayerState } from "./layer-state.ts";
import { Pace } from "./pace.ts";
import { PackedJoins } from "./packed-joins.ts";
import { markFrame, step1Frame } from "./protocol.ts";
import type { Outcome } from "./turn.ts";

type TellingWorld = ConstructorParameters<typeof PackedJoins>[0] & {
  readonly counters: SyncCounters;
  readonly bus: Pick<Bus, "send"> | null;
};

/** So few sockets are told at once, whatever it took the last time. */
const SMALL_ROOM = 8;

/** What is told when it is durable: updates to everybody here, answers to who asked, and to other nodes that there is news. */
export class Telling {
  readonly pace = new Pace();
  readonly #world: TellingWorld;
  readonly #state: LayerState;
  readonly #audience: Audience;
  readonly #packed: PackedJoins;

  constructor(world: TellingWorld, state: LayerState, audience: Audience) {
    this.#world = world;
    this.#state = state;
    this.#audience = audience;
    this.#packed = new PackedJoins(world, state);
  }

  /** Makes ready what is sent to who asks for the document. */
  async prepare({ answers }: Outcome): Promise<void> {
    if (answers.some(({ connection, message }) => message.type === "step-1" && connection.unpacks))
      await this.#packed.prepare();
  }

  /** Tells what a turn came to. The content is there where somebody asked for it. */
  tell({ updates, answers }: Outcome): void {
    const { counters } = this.#world;
    const started = performance.now();
    const elsewhere = this.#untold();
    const own = updates.map((update) => ({ frame: this.#committed(update), from: update.from }));
    if (own.length > 0) this.wakeOthers();
    const told = [...elsewhere, ...own];
    const more = new Map<Connection, () => void>();
    for (const connection of this.#audience.connections)
      if (connection.dropped) more.set(connection, () => connection.tell(connection.standing));
    for (const { connection, message } of answers) {
      const earlier = more.get(connection);
      more.set(connection, () => {
        earlier?.();
        this.#answer(connection, message);
      });
    }
    this.#audience.tell(told, more);
    const ended = performance.now();
    if (this.#audience.connections.size > SMALL_ROOM) this.pace.record(ended, ended - started);
    counters.add("turns");
    counters.add("fan_out_ms", ended - started);
  }

  /** Tells an update of the server's own, which is applied. */
  tellOwn(update: Committed): void {
    this.#audience.tell([...this.#untold(), { frame: this.#committed(update), from: null }]);
  }

  /** Tells what other nodes wrote and nobody here was told of. */
  elsewhere(): void {
    this.#audience.tell(this.#untold());
  }

  /** Says to the other nodes that the log has gone on. */
  wakeOthers(epoch = this.#state.place.epoch): void {
    this.#world.bus?.send({ kind: "appended", layerId: this.#layerId, lastSeq: this.#state.seq, epoch });
  }

  get #layerId(): LayerId {
    return this.#state.place.id;
  }

  #untold(): Told[] {
    const frames = this.#state.takeUntold();
    this.#world.counters.add("updates_elsewhere", frames.length);
    return frames.map((frame) => ({ frame, from: null }));
  }

  #committed({ bytes }: Pick<Committed, "bytes">): Uint8Array {
    this.#world.counters.add("updates");
    this.#world.counters.add("update_bytes", bytes.length);
    return this.#state.committed(bytes);
  }

  #answer(connection: Connection, message: QueuedMessage): void {
    if (message.type === "mark") {
      this.#world.counters.add("marks");
      if (!connection.dropped) connection.send(markFrame(message.count));
      connection.ours = true;
      connection.tell(connection.standing);
    } else if (message.type === "step-1") this.#answerStep1(connection, message.vector);
  }

  #answerStep1(connection: Connection, vector: Uint8Array): void {
    try {
      const { frames, whole } = this.#state.framesFor(vector, connection.unpacks);
      connection.sendDocument(frames);
      this.#world.counters.add(whole ? "joins_whole" : "joins_tail");
    } catch (error) {
      const malformed = () => new AppError("frame-malformed", { vector: vector.length }, error);
      connection.fail(error instanceof AppError ? error : malformed());
      return;
    }
    if (connection.joined) return;
    connection.joined = true;
    // Step 2 first: then the other side is synced, and its own offline work comes as the answer to this step 1.
    connection.send(step1Frame(this.#state.vector()));
    this.#audience.tellPresent(connection);
  }
}
