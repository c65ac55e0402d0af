import type { Page } from "playwright-core";

/** Everything that a page received since the recording began: bodies and headers of answers, socket frames, live messages. */
export type Recording = {
  readonly length: number;
  /** Messages that came over event streams. */
  readonly streamed: number;
  /** Whether a text occurs anywhere in what was received, as UTF-8 bytes. */
  mentions(text: string): boolean;
};

export async function recordTraffic(page: Page): Promise<Recording> {
  const received: Buffer[] = [];
  let streamed = 0;
  page.on("response", (response) => {
    received.push(Buffer.from(JSON.stringify(response.headers())));
    // A redirect or a page that was left has no body, and that of a stream never ends: its messages are recorded below.
    response.body().then(
      (body) => received.push(body),
      () => undefined,
    );
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => received.push(Buffer.from(payload)));
  });
  const devtools = await page.context().newCDPSession(page);
  devtools.on("Network.eventSourceMessageReceived", ({ data }) => {
    received.push(Buffer.from(data));
    streamed++;
  });
  await devtools.send("Network.enable");
  return {
    get streamed() {
      return streamed;
    },
    get length() {
      return received.length;
    },
    mentions(text) {
      const wanted = Buffer.from(text);
      return received.some((chunk) => chunk.includes(wanted));
    },
  };
}
