import { describe, expect, it } from "vitest";
import { answersIn } from "#bench/strace/trace.ts";

const LOOK = { server: 10, background: new Set([30]), from: 127, count: 3 };
const ACK_127 = '10 1.0 write(20, "\\x82\\x02\\x65\\x7f", 4) = 4';
const ACK_128 = '10 2.0 writev(20, [{iov_base="\\x82\\x03\\x65\\x80\\x01\\x82\\x01\\x00", iov_len=8}], 1) = 8';
const ACK_129 = '10 3.0 write(20, "\\x82\\x03\\x65\\x81\\x01", 5) = 5';

describe("calls to the kernel", () => {
  it("[FLT1] tell of each acknowledgement whether a commit was forced to disk before it", () => {
    const text = [
      "20 0.1 fdatasync(5 <unfinished ...>",
      '10 0.2 write(21, "\\x42", 1) = 1',
      "20 0.3 <... fdatasync resumed>) = 0",
      ACK_127,
      "20 1.1 fdatasync(5) = 0",
      ACK_128,
      ACK_129,
    ].join("\n");
    expect(answersIn(text, LOOK)).toEqual([
      { mark: 127, forcedBefore: true },
      { mark: 128, forcedBefore: true },
      { mark: 129, forcedBefore: false },
    ]);
  });

  it("[FLT1] do not take for a forced write what has not come back, has failed, or is the database's own", () => {
    for (const other of [
      "20 0.1 fdatasync(5 <unfinished ...>",
      "20 0.1 fdatasync(5) = -1 EIO (Input/output error)",
      "30 0.1 fdatasync(5) = 0",
    ]) {
      expect(answersIn([other, ACK_127].join("\n"), LOOK)).toEqual([{ mark: 127, forcedBefore: false }]);
    }
  });
});
