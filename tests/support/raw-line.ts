import { connect, type Socket } from "node:net";

export type RawLine = { readonly socket: Socket; readonly closed: Promise<number | "cut"> };

/** A WebSocket made by hand, to send what no library would. `closed`: the server's close code, or that it just ended. */
export async function rawLine(url: string, headers: Readonly<Record<string, string>>): Promise<RawLine> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  const fields = {
    host: "127.0.0.1",
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  let heard = Buffer.alloc(0);
  let body: number | null = null;
  let onClosed: (code: number | "cut") => void = () => undefined;
  const closed = new Promise<number | "cut">((resolve) => {
    onClosed = resolve;
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf("\r\n\r\n");
      if (body === null && end !== -1) {
        body = end + 4;
        resolve();
      }
      const code = body === null ? null : closeCode(heard.subarray(body));
      if (code !== null) onClosed(code);
    });
    socket.on("close", () => {
      onClosed("cut");
      reject(new Error("not upgraded"));
    });
  });
  await opened;
  if (!heard.toString("latin1").startsWith("HTTP/1.1 101")) throw new Error(heard.toString("latin1", 0, 40));
  return { socket, closed };
}

/** The code of the close frame among what a server sent; null where there is none. */
function closeCode(bytes: Buffer): number | null {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & 127;
    const [length, head] =
      short < 126
        ? [short, 2]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), 4]
          : [Number(bytes.readBigUInt64BE(at + 2)), 10];
    if (bytes[at] === 0x88) return bytes.length >= at + head + 2 ? bytes.readUInt16BE(at + head) : null;
    at += head + length;
  }
  return null;
}

/** A frame of a client: masked with zeros, so that the payload is what it is. */
export function clientFrame(
  payload: Uint8Array,
  { first = 0x82, masked = true, length = BigInt(payload.length) } = {},
): Buffer {
  const mask = masked ? 0x80 : 0;
  const head = Buffer.alloc(10);
  head[0] = first;
  let size = 2;
  if (length < 126n) head[1] = mask | Number(length);
  else if (length < 65_536n) {
    head[1] = mask | 126;
    head.writeUInt16BE(Number(length), 2);
    size = 4;
  } else {
    head[1] = mask | 127;
    head.writeBigUInt64BE(length, 2);
    size = 10;
  }
  return Buffer.concat([head.subarray(0, size), Buffer.alloc(masked ? 4 : 0), payload]);
}
