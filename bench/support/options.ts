import { parseArgs } from "node:util";

/** One process, each with a store of its own beside or inside it. */
export const SINGLE_SERVERS = ["concord", "hocuspocus", "y-websocket", "y-websocket without echo"] as const;
/** Processes that share a store; where there are two, half of the people are at each. */
export const NODE_SERVERS = ["concord one node", "concord two nodes", "hocuspocus two nodes"] as const;
export const SERVERS = [...SINGLE_SERVERS, ...NODE_SERVERS] as const;
export type SingleServer = (typeof SINGLE_SERVERS)[number];
export type NodeServer = (typeof NODE_SERVERS)[number];
export type ServerName = (typeof SERVERS)[number];

export const BENCHES = [
  "sync",
  "tiles",
  "consensus",
  "guideline",
  "kills",
  "strace",
  "growth",
  "layout",
  "walk",
] as const;
export type Bench = (typeof BENCHES)[number];

/** `tiny` proves that the bench itself works; its figures mean nothing. */
export type Size = "tiny" | "quick" | "medium" | "full";

export type Options = {
  readonly benches: readonly Bench[];
  readonly size: Size;
  readonly seed: number;
  readonly repeats: number | null;
  readonly servers: readonly ServerName[];
  /** Names of scenarios, which hold commas; empty: all of the size. */
  readonly scenarios: readonly string[];
  /** Prints the tables and leaves RESULTS.md alone. */
  readonly dry: boolean;
};

/** @throws Error that names what is not understood */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      medium: { type: "boolean", default: false },
      tiny: { type: "boolean", default: false },
      dry: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      repeats: { type: "string" },
      servers: { type: "string" },
      scenarios: { type: "string" },
    },
  });
  const seed = wholeNumber("--seed", values.seed);
  const repeats = values.repeats === undefined ? null : wholeNumber("--repeats", values.repeats);
  return {
    benches: positionals.length === 0 ? BENCHES : positionals.map((name) => oneOf("bench", BENCHES, name)),
    size: sizeOf(values),
    seed,
    repeats,
    servers: list(values.servers)?.map((name) => oneOf("server", SERVERS, name)) ?? SERVERS,
    scenarios: list(values.scenarios, ";") ?? [],
    dry: values.dry || values.tiny,
  };
}

function sizeOf(given: Readonly<Record<Exclude<Size, "full">, boolean>>): Size {
  return (["tiny", "quick", "medium"] as const).find((size) => given[size]) ?? "full";
}

function list(text: string | undefined, separator = ","): string[] | undefined {
  return text?.split(separator).map((each) => each.trim());
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw new Error(`${name} needs a whole number above 0, not ${text}`);
  return Number(text);
}

function oneOf<const T extends string>(what: string, known: readonly T[], name: string): T {
  const found = known.find((each) => each === name);
  if (found === undefined) throw new Error(`no ${what} "${name}"; there is ${known.join(", ")}`);
  return found;
}
