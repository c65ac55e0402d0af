import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export type Usage = {
  /** Processor time of the process since its start, user and system. */
  readonly cpuMs: number;
  /** Resident bytes. */
  readonly rss: number;
  /** Bytes in use on the heap and outside of it. */
  readonly held: number;
};

/** A server in a process of its own. */
export type Child = {
  readonly pid: number;
  readonly port: number;
  /** @param collect collects garbage first */
  usage(collect?: boolean): Promise<Usage>;
  /** What the script says to a question of its own. */
  ask(question: string): Promise<unknown>;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Asks it to stop and waits; kills it where it does not. */
  stop(): Promise<void>;
};

const START_MS = 120_000;
const STOP_MS = 30_000;

/** Starts a script that tells its port. @throws with what it printed, where it ends or says nothing */
export async function startChild(
  script: string,
  args: readonly string[],
  { node = [], env = {} }: { readonly node?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Child> {
  const child = spawn(process.execPath, ["--expose-gc", ...node, script, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NODE_ENV: "production", ...env },
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      printed.push(chunk.toString("utf8"));
      if (printed.length > 50) printed.shift();
    });
  }
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await portOf(child, exited, () => printed.join(""));
  let asked = 0;
  const answerTo = <Answer>(question: object): Promise<Answer> => {
    const id = ++asked;
    const answer = answerOf<Answer>(child, id);
    child.send({ ...question, id });
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    port,
    usage: (collect = false) => answerTo<Usage>({ ask: "usage", collect }),
    ask: async (question) => (await answerTo<{ readonly said: unknown }>({ ask: question })).said,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(late);
    },
  };
}

async function portOf(child: ChildProcess, exited: Promise<void>, printed: () => string): Promise<number> {
  const said = once(child, "message", { signal: AbortSignal.timeout(START_MS) }).then(([message]) => message.port);
  const port: unknown = await Promise.race([said, exited.then(() => null)]).catch(() => null);
  if (typeof port === "number") return port;
  child.kill("SIGKILL");
  throw new Error(`a server did not start: ${printed()}`);
}

function answerOf<Answer>(child: ChildProcess, id: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: { readonly answered?: number } & Answer): void => {
      if (message.answered !== id) return;
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(message);
    };
    const onExit = (): void => reject(new Error("a server ended while it was measured"));
    child.on("message", onMessage);
    child.once("exit", onExit);
  });
}
