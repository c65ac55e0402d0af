import { createServer, type Server } from "node:net";

/**
 * Opens a port and lets go of it: tells early that it is in use, and which one is free where 0 is asked for.
 * @throws with a sentence for the operator
 */
export async function freePort(port: number, host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(sentence(error, port, host)));
    server.listen(port, host, resolve);
  });
  const opened = portOf(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return opened;
}

/** The port that a listening server has. */
export function portOf(server: Pick<Server, "address">): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("this server listens on no port");
  return address.port;
}

function sentence(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === "EADDRINUSE") return new Error(`Port ${port} is in use. Stop what uses it, or set PORT.`);
  if (error.code === "EACCES")
    return new Error(`Port ${port} may not be opened by this user. Set PORT to 1024 or more.`);
  return new Error(`${host}:${port} cannot be opened: ${error.message}`, { cause: error });
}
