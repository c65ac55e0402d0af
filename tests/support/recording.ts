import type { Page } from "playwright-core";

/** Everything that a page received since the recording began: bodies and headers of answers, and socket frames. */
export type Recording = {
  readonly length: number;
  /** Whether a text occurs anywhere in what was received, as UTF-8 bytes. */
  mentions(text: string): boolean;
};

export function recordTraffic(page: Page): Recording {
  const received: Buffer[] = [];
  page.on("response", (response) => {
    received.push(Buffer.from(JSON.stringify(response.headers())));
    // A redirect or a page that was left has no body; what a stream brings is seen by the page's own later requests.
    response.body().then(
      (body) => received.push(body),
      () => undefined,
    );
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => received.push(Buffer.from(payload)));
  });
  return {
    get length() {
      return received.length;
    },
    mentions(text) {
      const wanted = Buffer.from(text);
      return received.some((chunk) => chunk.includes(wanted));
    },
  };
}
