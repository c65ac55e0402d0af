/** An acknowledgement as it went to the kernel, and whether the log had been forced to disk since the one before. */
export type Traced = { readonly mark: number; readonly forcedBefore: boolean };

type Look = {
  readonly server: number;
  /** Processes of the database that write for themselves: what they force is nobody's commit. */
  readonly background: ReadonlySet<number>;
  /** The first mark to look for, and how many. */
  readonly from: number;
  readonly count: number;
};

/** Goes through the lines of `strace -f -ttt -xx`, which are in the order in which calls began and ended. */
export function answersIn(text: string, { server, background, from, count }: Look): Traced[] {
  const answers: Traced[] = [];
  let [mark, forced] = [from, false];
  for (const line of text.split("\n")) {
    const pid = Number(/^\d+/.exec(line)?.[0]);
    if (isForced(line) && !background.has(pid)) forced = true;
    if (pid !== server || mark >= from + count || !line.includes(frameOf(mark))) continue;
    answers.push({ mark, forcedBefore: forced });
    [mark, forced] = [mark + 1, false];
  }
  return answers;
}

/** A forced write that has come back without an error: whole on a line, or its second half. */
function isForced(line: string): boolean {
  return /(?:fdatasync|fsync)(?:\(| resumed).*= 0$/.test(line);
}

/** The answer to a mark, framed, as strace writes bytes. */
function frameOf(mark: number): string {
  const body = [101, ...varint(mark)];
  return [0x82, body.length, ...body].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [128 | (value & 127), ...varint(value >>> 7)];
}
