import { environment, readEnv } from "#server/env.ts";
import { startWorld } from "#server/world.ts";

/** A node without pages, as a process of its own; started by node-process.ts. */
const world = await startWorld(readEnv(environment()), {
  pages: false,
  onLost: () => {
    process.stderr.write("the database is somebody else's\n");
    process.exit(1);
  },
});
process.stdout.write(`listening on ${world.port}\n`);
process.on("SIGTERM", () => {
  void world.stop().then(() => process.exit(0));
});
