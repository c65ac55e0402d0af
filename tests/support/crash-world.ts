import { expect, onTestFinished } from "vitest";
import { verifyAudit } from "#db/audit.ts";
import { type Break, breakingLine } from "./breaking-line.ts";
import { type Answer, type WorkWorld, workWorld } from "./work-world.ts";

/** More statements than any command has. */
const MOST = 200;
const MODES: readonly Break[] = ["before", "unheard"];

/** How a command is asked for; to be asked again and again. */
type Asked = () => Promise<Answer<unknown>>;

/** A command that is run with a line that breaks at each of its statements in turn. */
export type Played = {
  /** Makes everything ready for running it once more. @param step another one each time */
  prepare(step: number): Promise<Asked>;
  /** Looks at what is stored, and fails where that is neither of the two states. */
  look(): Promise<{ readonly isDone: boolean }>;
  /** The code that it is refused with once it is done; without one it is answered as if it were done for the first time. */
  readonly again?: string;
};

export type CrashWorld = WorkWorld & {
  readonly line: ReturnType<typeof breakingLine>;
  /** The one number that a statement answers as `n`. */
  number(query: string): Promise<number>;
  /** Rows of a table. */
  rows(table: string, where?: string): Promise<number>;
  /** Entries of the audit. */
  audited(action: string, subject?: string): Promise<number>;
  /**
   * Runs a command with the line breaking at its first statement, then at its second, until it has no more. Each time it is
   * looked at what is stored, the command is run again where it was not done, and once more where it was.
   * @returns how often the line broke
   */
  play(played: Played): Promise<number>;
};

/** A project whose line to Postgres can be broken. It is closed by whoever made it. */
export async function crashWorld(given?: Parameters<typeof workWorld>[0]): Promise<CrashWorld> {
  const w = await workWorld(given);
  const line = breakingLine(w.database.pool);
  const number = async (query: string): Promise<number> => (await w.database.pool.query(query)).rows[0].n;
  const rows = (table: string, where = "true") => number(`select count(*)::int as n from ${table} where ${where}`);
  return {
    ...w,
    line,
    number,
    rows,
    audited: (action, subject) =>
      rows("audit", `action = '${action}'${subject === undefined ? "" : ` and subject = '${subject}'`}`),
    async play(played) {
      let broken = 0;
      let step = 0;
      for (const when of MODES) {
        for (let at = 1; at <= MOST; at++) {
          const broke = await onceMore(played, line, { at, when, step });
          step += 1;
          if (!broke) break;
          broken += 1;
        }
      }
      expect(await verifyAudit(w.world.db)).toMatchObject({ brokenAt: null });
      return broken;
    },
  };
}

/** One for this test alone. */
export async function ownCrashWorld(given?: Parameters<typeof workWorld>[0]): Promise<CrashWorld> {
  const w = await crashWorld(given);
  onTestFinished(() => w.close());
  return w;
}

/** @returns whether the line broke */
async function onceMore(
  { prepare, look, again }: Played,
  line: CrashWorld["line"],
  { at, when, step }: { readonly at: number; readonly when: Break; readonly step: number },
): Promise<boolean> {
  const where = `${when} statement ${at}`;
  const ask = await prepare(step);
  const broke = await line.during(at, when, ask);
  if (!(await look()).isDone) expect(await ask(), `run again: ${where}`).toMatchObject({ status: 200 });
  expect(await look(), where).toEqual({ isDone: true });
  const { status, body } = await ask();
  const refusal = status === 200 ? undefined : (body as { readonly code?: string }).code;
  expect(refusal, `asked once more: ${where}`).toBe(again);
  expect(await look(), `asked once more: ${where}`).toEqual({ isDone: true });
  return broke;
}
