import { type AddressInfo, createServer } from "node:net";

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
  const { port: opened } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return opened;
}

function sentence(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === "EADDRINUSE") return new Error(`Port ${port} is in use. Stop what uses it, or set PORT.`);
  if (error.code === "EACCES")
    return new Error(`Port ${port} may not be opened by this user. Set PORT to 1024 or more.`);
  return new Error(`${host}:${port} cannot be opened: ${error.message}`, { cause: error });
}
