/**
 * The child's side of `bench/support/child.ts`: answers what this process has used so far.
 * Started with --expose-gc it collects garbage first where that is asked for.
 */
export function reportUsage() {
  process.on("message", (message) => {
    if (message?.ask !== "usage") return;
    if (message.collect) for (let round = 0; round < 3; round++) globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ answered: message.id, cpuMs: (user + system) / 1_000, rss, held: heapUsed + external });
  });
  // The bench has gone: nobody is left to end this process.
  process.on("disconnect", () => process.exit(1));
}
