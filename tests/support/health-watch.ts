import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Server } from "#bench/sync/servers.ts";

export type HealthFound = {
  readonly asked: number;
  readonly failed: number;
  /** The longest wait for an answer, by the clock: what else the machine does is in it. */
  readonly slowestMs: number;
  /**
   * The most processor time that the server took while one answer was waited for; 0 where the system does not tell. Whoever
   * asks a server that has a processor for itself waits no longer than this because of what it is busy with.
   */
  readonly mostCpuMs: number;
};

/** Somebody who asks for the health of a server all the time, in a process of their own that nothing here delays. */
export type HealthWatch = {
  /** What was found since the last call. */
  found(): Promise<HealthFound>;
  stop(): Promise<void>;
};

export async function watchHealth(server: Server): Promise<HealthWatch> {
  const { port } = new URL(server.address(0, 0).url);
  const probe = fork(
    join(import.meta.dirname, "health-probe.ts"),
    [`http://127.0.0.1:${port}/api/health`, String(server.processes().server)],
    { execArgv: ["--import", "tsx"], env: { PATH: process.env["PATH"], NODE_ENV: "test" } },
  );
  const tell = async (): Promise<HealthFound> => {
    const told = once(probe, "message");
    probe.send("tell");
    const [found] = await told;
    return found as HealthFound;
  };
  // From its first answer on it watches.
  while ((await tell()).asked === 0);
  return {
    async found() {
      const found = await tell();
      probe.send("forget");
      return found;
    },
    async stop() {
      const gone = once(probe, "exit");
      probe.disconnect();
      await gone;
    },
  };
}
