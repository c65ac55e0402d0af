import pino from "pino";
import type { LogLevel } from "./env.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * One JSON line per event, named in the past tense ("layer.flushed"), with ids, counts and milliseconds.
 * Never outlines, names, label text of a slide, or tokens.
 */
export type Logger = {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  /** @param error our bug or a broken neighbour; its stack is kept */
  error(event: string, error: unknown, fields?: Fields): void;
};

/** Writes to standard error, so that standard output stays for the operator's eyes. */
export function createLog(level: LogLevel, { file = 2 }: { readonly file?: number | string } = {}): Logger {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: file, sync: true }),
  );
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, error, fields) => logger.error({ ...fields, error: describeError(error) }, event),
  };
}

/** Says nothing; for tests and scripts. */
export const SILENT_LOG: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * An error and its causes without the values that a failed query carries: those are people's data.
 * @returns plain fields, the innermost cause last
 */
export function describeError(error: unknown): Fields {
  if (!(error instanceof Error)) return { message: withoutValues(String(error)) };
  const code = "code" in error ? { code: String(error.code) } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return { name: error.name, message: withoutValues(error.message), ...code, stack: frames.join("\n"), ...cause };
}

/** Drizzle prints the parameters of a failed query below it. */
function withoutValues(message: string): string {
  return (message.split("\nparams:")[0] ?? "").slice(0, 2_000);
}
