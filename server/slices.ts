import { setImmediate as nextTurn } from "node:timers/promises";

/** So much text is read or written at a time: strokes and cursors of others come in between. */
const SLICE = 1 << 16;
const NEWLINE = 10;

/** Things written one to a line as JSON, read as the pieces of the text come. */
export async function readLines(pieces: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const items: unknown[] = [];
  let begun: Uint8Array[] = [];
  const endLine = (end: Uint8Array) => {
    items.push(JSON.parse(Buffer.concat([...begun, end]).toString()));
    begun = [];
  };
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      endLine(piece.subarray(start, end));
      start = end + 1;
    }
    if (start < piece.length) begun.push(piece.subarray(start));
    await nextTurn();
  }
  if (begun.length > 0) endLine(new Uint8Array());
  return items;
}

/** Things as JSON, one to a line, written some at a time; memory of its own. */
export async function writeLines(items: readonly unknown[]): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Buffer[] = [];
  let text = "";
  for (const [place, item] of items.entries()) {
    text += (place === 0 ? "" : "\n") + JSON.stringify(item);
    if (text.length < SLICE) continue;
    pieces.push(Buffer.from(text));
    text = "";
    await nextTurn();
  }
  return new Uint8Array(Buffer.concat([...pieces, Buffer.from(text)]));
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
