import { connect, createServer, type Socket } from "node:net";
import { portOf } from "#server/port.ts";

/** One address in front of several ports, as a balancer is: each line goes to one of them, and breaks with it. */
export type OneAddress = {
  readonly port: number;
  /** New lines go to this port first while something listens there. */
  prefer(port: number): void;
  close(): Promise<void>;
};

export async function oneAddress(ports: readonly number[]): Promise<OneAddress> {
  let preferred = ports[0] ?? 0;
  const open = new Set<Socket>();
  const server = createServer((line) => {
    open.add(line);
    line.on("close", () => open.delete(line));
    line.on("error", () => line.destroy());
    pass(line, [preferred, ...ports.filter((port) => port !== preferred)]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    prefer(port) {
      preferred = port;
    },
    async close() {
      for (const line of open) line.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function pass(line: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined) {
    line.destroy();
    return;
  }
  const node = connect(port, "127.0.0.1");
  let connected = false;
  node.once("connect", () => {
    connected = true;
    line.pipe(node).pipe(line);
  });
  node.on("error", () => {
    if (connected) line.destroy();
    else pass(line, others);
  });
  node.on("close", () => connected && line.destroy());
  line.on("close", () => node.destroy());
}
