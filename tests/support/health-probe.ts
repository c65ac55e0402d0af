// Asks a server's health again and again, from a process of its own. Arguments: address, pid of the server. Tells its parent what it
// found when that asks.
import { setTimeout as delay } from "node:timers/promises";
import { processCpuMs } from "#bench/support/process-tree.ts";

const PAUSE_MS = 20;

const [, , address = "", pid = "0"] = process.argv;
const found = { asked: 0, failed: 0, slowestMs: 0, mostCpuMs: 0 };

process.on("message", (message) => {
  if (message === "tell") process.send?.({ ...found });
  if (message === "forget") Object.assign(found, { asked: 0, failed: 0, slowestMs: 0, mostCpuMs: 0 });
});
process.on("disconnect", () => process.exit(0));

for (;;) {
  const [cpu, started] = [processCpuMs(Number(pid)), performance.now()];
  const ok = await fetch(address).then(
    (answer) => answer.ok,
    () => false,
  );
  found.asked += 1;
  if (!ok) found.failed += 1;
  found.slowestMs = Math.max(found.slowestMs, performance.now() - started);
  const spent = processCpuMs(Number(pid));
  if (cpu !== null && spent !== null) found.mostCpuMs = Math.max(found.mostCpuMs, spent - cpu);
  await delay(PAUSE_MS);
}
