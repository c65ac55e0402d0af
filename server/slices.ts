import { setImmediate as nextTurn } from "node:timers/promises";

/** So much text is read or written at a time: strokes and cursors of others come in between. */
const SLICE = 1 << 18;
const NEWLINE = 10;

/** Things written one to a line as JSON, read some at a time. */
export async function readLines(bytes: Uint8Array): Promise<unknown[]> {
  const items: unknown[] = [];
  let done = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    items.push(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()));
    start = end + 1;
    if (start - done < SLICE) continue;
    done = start;
    await nextTurn();
  }
  return items;
}

/**
 * An object as JSON whose one list is made and written some items at a time.
 * @param head the other fields; there is at least one
 */
export async function* jsonWithList(head: object, list: string, items: Iterable<unknown>): AsyncGenerator<string> {
  let text = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(list)}:[`;
  let separator = "";
  for (const item of items) {
    text += separator + JSON.stringify(item);
    separator = ",";
    if (text.length < SLICE) continue;
    yield text;
    text = "";
    await nextTurn();
  }
  yield `${text}]}`;
}
