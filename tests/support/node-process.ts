import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Annotation } from "#domain/annotation.ts";
import type { AnnotationId, LayerId } from "#domain/ids.ts";
import type { Caller } from "#server/sync/access.ts";
import { FakeReader } from "./fake-socket.ts";
import type { Person } from "./node-world.ts";

const CHILD = join(import.meta.dirname, "node-child.ts");
const ROOT = join(import.meta.dirname, "..", "..");
const START_MS = 60_000;
const MOST_LIVING = 200;

/** A node in a process of its own. */
export type NodeProcess = {
  readonly origin: string;
  readonly running: boolean;
  output(): string;
  health(): Promise<{ readonly code: number; readonly degraded?: readonly string[] }>;
  /** @returns when the process has ended */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
};

export async function startNodeProcess(variables: Readonly<Record<string, string>>): Promise<NodeProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NODE_ENV: "production", ...variables },
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const output = () => chunks.join("");
  const port = await portOf(child, output);
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    output,
    async health() {
      const response = await fetch(`${origin}/api/health`);
      return { code: response.status, ...(await response.json()) };
    },
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

async function portOf(child: ChildProcess, output: () => string): Promise<string> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const port = /listening on (\d+)/.exec(output())?.[1];
    if (port !== undefined) return port;
    if (child.exitCode !== null) throw new Error(`the node ended with ${child.exitCode}: ${output()}`);
    await delay(20);
  }
  child.kill("SIGKILL");
  throw new Error(`the node did not start: ${output()}`);
}

/** A change of a writer, and the number that its acknowledgement has. */
type Change = { readonly id: AnnotationId; readonly there: boolean; readonly change: number };

/**
 * Somebody who draws all the time, and now and then deletes an outline of theirs. When the line breaks they come back with
 * growing pauses, as the browser does, to whatever node the address in front of them gives.
 */
export class Writer {
  readonly reader: FakeReader;
  readonly #layerId: LayerId;
  readonly #person: Person;
  readonly #nodes: () => readonly NodeProcess[];
  readonly #draw: () => Annotation;
  readonly #changes: Change[] = [];
  #living: AnnotationId[] = [];
  #at: NodeProcess | null = null;
  #drawing = true;
  #ended = false;
  #done: Promise<void>;
  /** How often a line was found broken. */
  lost = 0;

  constructor(
    caller: Caller,
    person: Person,
    options: {
      readonly layerId: LayerId;
      /** Nodes that the address leads to at the moment, the preferred one first. */
      readonly nodes: () => readonly NodeProcess[];
      readonly draw: () => Annotation;
    },
  ) {
    this.reader = new FakeReader(caller);
    this.#person = person;
    this.#layerId = options.layerId;
    this.#nodes = options.nodes;
    this.#draw = options.draw;
    this.#done = this.#work();
  }

  get at(): NodeProcess | null {
    return this.reader.connected ? this.#at : null;
  }

  get synced(): boolean {
    return this.reader.synced && this.reader.acknowledged === this.reader.made;
  }

  /** For the message of a test that waits for them in vain. */
  state(): string {
    const { connected, synced, acknowledged, made, closes, layer } = this.reader;
    const line = connected ? `at ${this.#at?.origin}` : "without a line";
    const ends = JSON.stringify(closes.slice(-3));
    return `${acknowledged} of ${made} acknowledged, ${line}, synced ${synced}, lost ${this.lost}, ${layer.size} outlines, ended by ${ends}`;
  }

  /** Draws nothing more, and comes back still. */
  pause(): void {
    this.#drawing = false;
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#done;
    this.reader.drop();
  }

  /** What the writer was told is durable: for each outline whether it is there after their last acknowledged change. */
  acknowledged(): Map<AnnotationId, boolean> {
    const last = new Map<AnnotationId, boolean>();
    const unsure = new Set<AnnotationId>();
    for (const { id, there, change } of this.#changes) {
      if (change <= this.reader.acknowledged) last.set(id, there);
      else unsure.add(id);
    }
    for (const id of unsure) last.delete(id);
    return last;
  }

  async #work(): Promise<void> {
    let tries = 0;
    while (!this.#ended) {
      if (!this.reader.connected) {
        if (this.#at !== null) this.lost += 1;
        this.#at = null;
        tries += 1;
        await this.#dial(tries);
      } else {
        tries = this.reader.synced ? 0 : tries;
        if (this.#drawing && this.reader.synced) this.change();
      }
      await delay(15 + (tries > 1 ? Math.min(2_000, 25 * 2 ** tries) * (0.5 + Math.random() / 2) : 0));
    }
  }

  async #dial(tries: number): Promise<void> {
    const nodes = this.#nodes();
    const node = nodes[(tries - 1) % nodes.length];
    if (node === undefined) return;
    try {
      await this.reader.dial(`${node.origin.replace("http", "ws")}/sync/${this.#layerId}`, this.#person.headers);
      this.#at = node;
    } catch (error) {
      // Nobody there; the next try goes to another one.
      if (!(error instanceof Error)) throw error;
    }
  }

  /** Draws or deletes something now, whether there is a line or not. */
  change(): void {
    const { layer } = this.reader;
    // Not too many at a time, so that a long run does not slow down the one process that plays everybody.
    const victim = this.#living[Math.floor(Math.random() * this.#living.length)];
    if (victim !== undefined && (this.#living.length > MOST_LIVING || Math.random() < 0.2)) {
      layer.remove(victim);
      this.#living = this.#living.filter((id) => id !== victim);
      this.#changes.push({ id: victim, there: false, change: this.reader.made });
    } else {
      const drawn = this.#draw();
      layer.put(drawn);
      this.#living.push(drawn.id);
      this.#changes.push({ id: drawn.id, there: true, change: this.reader.made });
    }
  }
}
