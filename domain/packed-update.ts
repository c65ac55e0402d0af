import { LayerDocError } from "./bytes.ts";

/** So many points from a byte of an update on, each two zig-zag numbers: steps from the point before. */
export type PointRun = { readonly at: number; readonly count: number };

/** First byte of the packed form. */
const FORMAT = 1;
/** Steps are foretold from so many before them at most. */
const MAX_ORDER = 3;
const WIDE = 0xff;
/** Steps below this are reckoned with in 31 bits. */
const SMALL = 2 ** 30;

/**
 * An update in a form that compresses well: outlines as differences to what their last steps foretell, the high and the low
 * bytes of these apart, everything else as it is. What comes out of `unpackUpdate` is the same update, byte for byte.
 * @param runs where its points lie, in ascending order; each number in its shortest spelling
 * Cost: linear.
 */
export function packUpdate(update: Uint8Array, runs: readonly PointRun[]): Uint8Array {
  const streams = { table: new Bytes(), rest: new Bytes(), wide: new Bytes(), high: new Bytes(), low: new Bytes() };
  let from = 0;
  for (const { at, count } of runs) {
    streams.rest.add(update.subarray(from, at));
    const { steps, end } = readSteps(update, at, count);
    const order = bestOrder(steps);
    streams.table.number(at - from);
    streams.table.number(count);
    streams.table.number(order);
    for (let axis = 0; axis < 2; axis++) writeAxis(steps, { axis, order, streams });
    from = end;
  }
  streams.rest.add(update.subarray(from));
  const { table, rest, wide, high, low } = streams;
  const packed = new Bytes();
  packed.byte(FORMAT);
  for (const number of [update.length, runs.length, table.length, rest.length, wide.length, high.length])
    packed.number(number);
  for (const stream of [table, rest, wide, high, low]) packed.add(stream.view());
  return packed.view();
}

/** @throws LayerDocError for what `packUpdate` did not make */
export function unpackUpdate(packed: Uint8Array): Uint8Array {
  const head = new Source(packed, 0);
  if (head.byte() !== FORMAT) throw malformed("format");
  const total = head.number();
  // Every byte of a number was at least an eighth of one here.
  if (total > packed.length * 8) throw malformed("total");
  const runs = head.number();
  const lengths = Array.from({ length: 4 }, () => head.number());
  const sources: Source[] = [];
  let at = head.at;
  for (const length of [...lengths, 0]) {
    sources.push(new Source(packed, at));
    at += length;
  }
  const [table, rest, wide, high, low] = sources;
  if (!(table && rest && wide && high && low) || at > packed.length) throw malformed("streams");
  const points = new PointReader(wide, high, low);
  const update = new Uint8Array(total);
  let length = 0;
  const copy = (count: number): void => {
    if (count > total - length) throw malformed("length");
    update.set(rest.take(count), length);
    length += count;
  };
  for (let run = 0; run < runs; run++) {
    copy(table.number());
    length = points.read(table.number(), table.number(), { into: update, at: length });
  }
  copy(total - length);
  return update;
}

type Steps = readonly [Float64Array, Float64Array];

function readSteps(update: Uint8Array, at: number, count: number): { readonly steps: Steps; readonly end: number } {
  const source = new Source(update, at);
  const steps: Steps = [new Float64Array(count), new Float64Array(count)];
  for (let point = 0; point < count; point++) {
    steps[0][point] = unzigzag(source.number());
    steps[1][point] = unzigzag(source.number());
  }
  return { steps, end: source.at };
}

/**
 * What the steps before a step foretell: no change, the same change, the same change of the change. The first step of a run
 * leads to its place on the slide and foretells nothing.
 */
function foretold(steps: Float64Array, index: number, order: number): number {
  const most = order < index ? order : index - 1;
  if (most <= 0) return 0;
  const last = steps[index - 1] ?? 0;
  if (most === 1) return last;
  const second = steps[index - 2] ?? 0;
  return most === 2 ? 2 * last - second : 3 * (last - second) + (steps[index - 3] ?? 0);
}

function bestOrder(steps: Steps): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let order = 0; order <= MAX_ORDER; order++) {
    let cost = 0;
    for (const axis of steps)
      for (let index = 1; index < axis.length; index++)
        cost += Math.abs((axis[index] ?? 0) - foretold(axis, index, order));
    if (cost < least) [best, least] = [order, cost];
  }
  return best;
}

type Streams = Readonly<Record<"wide" | "high" | "low", Bytes>>;

function writeAxis(
  steps: Steps,
  { axis, order, streams }: { readonly axis: number; readonly order: number; readonly streams: Streams },
): void {
  const { wide, high, low } = streams;
  const own = steps[axis] ?? new Float64Array(0);
  for (let index = 0; index < own.length; index++) {
    const number = zigzag((own[index] ?? 0) - foretold(own, index, order));
    if (index === 0) wide.number(number);
    else if (number < WIDE * 256) {
      high.byte(Math.floor(number / 256));
      low.byte(number % 256);
    } else {
      high.byte(WIDE);
      wide.number(number);
    }
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function malformed(what: string): LayerDocError {
  return new LayerDocError("record-malformed", { packed: what });
}

/** Grows a byte string. Numbers up to 2^53, seven bits a byte, lowest first. */
class Bytes {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1_024) {
    this.#bytes = new Uint8Array(capacity);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  number(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte(128 + (rest % 128));
    this.byte(rest);
  }

  add(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads on from a place. */
class Source {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw malformed("end");
    this.at += 1;
    return value;
  }

  number(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
      if (scale > 2 ** 49) throw malformed("number");
    }
  }

  take(count: number): Uint8Array {
    if (count < 0 || count > this.left) throw malformed("length");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}

/**
 * Reads runs of points. Everybody who joins a layer waits for this, so nothing is made for a run or a point, and the numbers
 * that nearly all of them are, those below 2^16 and 2^31, are reckoned with as such.
 */
class PointReader {
  readonly #wide: Source;
  readonly #high: Source;
  readonly #low: Source;
  #across: Float64Array<ArrayBuffer> = new Float64Array(64);
  #down: Float64Array<ArrayBuffer> = new Float64Array(64);

  constructor(wide: Source, high: Source, low: Source) {
    this.#wide = wide;
    this.#high = high;
    this.#low = low;
  }

  /** @returns where the run ends. @throws LayerDocError where its numbers are not all there, or there is no room for them */
  read(count: number, order: number, { into, at }: { readonly into: Uint8Array; readonly at: number }): number {
    if (count > this.#high.left + 1 || order > MAX_ORDER) throw malformed("run");
    if (count > this.#across.length) {
      this.#across = new Float64Array(count * 2);
      this.#down = new Float64Array(count * 2);
    }
    const [across, down] = [this.#across, this.#down];
    this.#steps(across, count, order);
    this.#steps(down, count, order);
    let end = at;
    for (let index = 0; index < count; index++) {
      end = writeStep(into, end, across[index] ?? 0);
      end = writeStep(into, end, down[index] ?? 0);
    }
    // What was written beyond the end is nowhere.
    if (end > into.length) throw malformed("length");
    return end;
  }

  #steps(steps: Float64Array, count: number, order: number): void {
    const [wide, high, low] = [this.#wide, this.#high, this.#low];
    const { bytes } = high;
    let [highAt, lowAt, last, second, third] = [high.at, low.at, 0, 0, 0];
    for (let index = 0; index < count; index++) {
      const above = index === 0 ? WIDE : (bytes[highAt++] ?? WIDE);
      let step: number;
      if (above === WIDE) step = unzigzag(wide.number());
      else {
        const number = (above << 8) | (bytes[lowAt++] ?? 0);
        step = (number >>> 1) ^ -(number & 1);
      }
      // Of the first step nothing is foretold, and by it nothing either.
      const most = order < index ? order : index - 1;
      if (most === 1) step += last;
      else if (most === 2) step += 2 * last - second;
      else if (most === 3) step += 3 * (last - second) + third;
      third = second;
      second = last;
      last = step;
      steps[index] = step;
    }
    if (highAt > bytes.length || lowAt > bytes.length) throw malformed("end");
    high.at = highAt;
    low.at = lowAt;
  }
}

/** In zig-zag, seven bits a byte, lowest first; beyond the end of the bytes it writes nothing. @returns where the number ends */
function writeStep(bytes: Uint8Array, from: number, step: number): number {
  let at = from;
  let rest = (step << 1) ^ (step >> 31);
  if (step >= SMALL || step < -SMALL) {
    let large = zigzag(step);
    for (; large > 0x7fff_ffff; large = Math.floor(large / 128)) bytes[at++] = 128 + (large % 128);
    rest = large;
  }
  for (; rest > 127; rest >>= 7) bytes[at++] = 128 | (rest & 127);
  bytes[at] = rest;
  return at + 1;
}
