import { environment, readEnv } from "./env.ts";
import { describeError } from "./log.ts";
import { type RunningWorld, startWorld } from "./world.ts";

/** Pages start within seconds once built; a development server compiles first. */
const PAGES_READY_MS = 120_000;
const SAME_SIGNAL_MS = 1_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function greet({ url, product }: RunningWorld): void {
  const lines = [`Concord is running at ${url}`, ...product.welcome, "Stop it with Ctrl-C."];
  say(`\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
}

function complain(title: string, error: unknown): void {
  process.stderr.write(`\n${title}\n${messagesOf(error).join("\n")}\n\n`);
}

/** What an error says, and why where it is not a sentence of ours; without the values of a failed query. */
function messagesOf(error: unknown): string[] {
  const messages: string[] = [];
  for (let current = error; current !== undefined; current = current instanceof Error ? current.cause : undefined) {
    messages.push(String(describeError(current).message));
  }
  return messages;
}

/** Runs until it is asked to stop, or cannot go on. @returns the exit code */
async function run(starting: Promise<RunningWorld>, asked: Promise<number>): Promise<number> {
  const world = await starting;
  const answering = world.ready(PAGES_READY_MS).then(() => greet(world));
  const code = await Promise.race([asked, answering.then(() => asked)]).catch((error: unknown) => {
    complain("Concord ends.", error);
    return 1;
  });
  await world.stop();
  return code;
}

/** Resolves with an exit code when a signal comes or something broke that nobody caught. */
function askedToStop(): { readonly asked: Promise<number>; readonly lost: () => void } {
  let stop: (code: number) => void = () => undefined;
  const asked = new Promise<number>((resolve) => {
    stop = resolve;
  });
  let since: number | null = null;
  const onSignal = (): void => {
    // Asked again the operator means it; what is left running is taken over by the next start. (npm passes on a
    // Ctrl-C that we got from the terminal ourselves: twice at once is once.)
    if (since !== null && Date.now() - since > SAME_SIGNAL_MS) process.exit(130);
    since ??= Date.now();
    stop(0);
  };
  const onFault = (error: unknown): void => {
    process.stderr.write(
      `${JSON.stringify({ level: "fatal", event: "process.failed", error: describeError(error) })}\n`,
    );
    stop(1);
  };
  // Whoever read the output has gone (a closed pipe): said to nobody, or the saying would fail again and again.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  return { asked, lost: () => onFault(new Error("another Concord took the database")) };
}

const { asked, lost } = askedToStop();
const starting = Promise.resolve().then(() =>
  startWorld(readEnv(environment()), { pages: true, dev: process.argv.includes("--dev"), say, onLost: lost }),
);
process.exit(
  await run(starting, asked).catch((error: unknown) => {
    complain("Concord did not start.", error);
    return 1;
  }),
);
