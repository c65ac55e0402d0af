// Concord from its sources, without pages, on the embedded Postgres, with a round of one slide that five readers have read
// and handed in; tells how long turns of its event loop were. Arguments: data folder, objects, seed.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { watchTurns } from "#bench/support/turns.ts";
import { readEnv } from "#server/env.ts";
import { startWorld } from "#server/world.ts";
import { benchReads } from "./reads.ts";
import { fillStudy } from "./served-study.ts";

/** The longest turns since the question before, ms. */
export type Turns = {
  /** By the thread's own processor time; null where the system does not tell. */
  readonly own: number | null;
  /** How late the loop came, whatever kept it. */
  readonly late: number;
};

const [, , folder = "", objects = "1", seed = "1"] = process.argv;
const env = readEnv({
  PORT: "0",
  HOST: "127.0.0.1",
  CONCORD_DATA: folder,
  CONCORD_MODE: "production",
  CONCORD_SECRET: "of the bench, which nobody else can reach",
  LOG_LEVEL: "error",
});
const running = await startWorld(env, { pages: false });
const study = await fillStudy(running.product.world, benchReads(Number(seed), Number(objects)));
const turns = watchTurns();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

function answerTo(question: string): unknown {
  if (question === "study") return study;
  const found: Turns = { own: turns.longest(), late: delay.max / 1e6 };
  delay.reset();
  return found;
}

process.on("message", (message: { readonly ask: string; readonly id: number }) => {
  process.send?.({ answered: message.id, said: answerTo(message.ask) });
});
process.on("disconnect", () => process.exit(1));
process.once("SIGTERM", () => {
  turns.stop();
  void running.stop().then(() => process.exit(0));
});
process.send?.({ port: running.port });
