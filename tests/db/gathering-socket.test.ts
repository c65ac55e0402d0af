import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GatheringSocket } from "#db/gathering-socket.ts";

const server = createServer();
afterEach(() => void server.close());

describe("gathering socket", () => {
  it("[ENG21] keeps what the driver sends until the present work is done, and then sends all of it in order", async () => {
    const received: Buffer[] = [];
    server.on("connection", (other) => other.on("data", (chunk: Buffer) => received.push(chunk)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = new GatheringSocket();
    socket.connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    const statement = (text: string): void => {
      socket.cork();
      socket.write(text);
      socket.uncork();
    };
    statement("a");
    // As a statement without parameters, for which the driver does not cork.
    socket.write("b");
    expect(socket.writableLength).toBe(2);
    // As a statement that is sent when a promise of the same work has resolved.
    await Promise.resolve().then(() => statement("c"));
    expect(socket.writableLength).toBe(3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writableLength).toBe(0);
    statement("d");
    socket.end();
    await once(socket, "close");
    expect(Buffer.concat(received).toString()).toBe("abcd");
  });
});
