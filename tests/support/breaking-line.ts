import type pg from "pg";

type Client = pg.PoolClient & { readonly connection?: { readonly stream: { destroy(): unknown } } };
type Heard = (error: Error | null, ...rest: unknown[]) => void;

/**
 * When the line to the database breaks: before a statement goes out, or after a commit before anybody hears of it. After
 * any other statement is the same as before the next one.
 */
export type Break = "before" | "unheard";

const BROKEN = "the line broke";

/**
 * Breaks the line to a real Postgres at the k-th statement, or commit, that is asked for through a pool. Postgres undoes
 * what was not committed, as it does when a server process dies there.
 */
export function breakingLine(pool: pg.Pool) {
  const known = new WeakSet<object>();
  let armed: { readonly at: number; readonly when: Break } | null = null;
  let count = 0;
  let isBroken = false;
  const cut = (client: Client): Error => {
    isBroken = true;
    client.connection?.stream.destroy();
    return new Error(BROKEN);
  };
  const isHere = (statement: unknown): boolean => {
    if (armed === null || isBroken || (armed.when === "unheard" && !isCommit(statement))) return false;
    count += 1;
    return count === armed.at;
  };
  pool.on("acquire", (client: Client) => {
    if (known.has(client)) return;
    known.add(client);
    const ask = client.query.bind(client) as (...args: unknown[]) => unknown;
    const query = (...args: unknown[]): unknown => {
      if (!isHere(args[0])) return ask(...args);
      if (armed?.when === "before") {
        cut(client);
        return ask(...args);
      }
      const last = args.at(-1);
      if (typeof last === "function") return ask(...args.slice(0, -1), () => (last as Heard)(cut(client)));
      return Promise.resolve(ask(...args)).then(() => {
        throw cut(client);
      });
    };
    Object.assign(client, { query });
  });
  return {
    /** Does something with a line that breaks at a statement. @returns false once there are fewer */
    async during(at: number, when: Break, work: () => Promise<unknown>): Promise<boolean> {
      count = 0;
      isBroken = false;
      armed = { at, when };
      try {
        await work();
      } catch (error) {
        if (!isBroken) throw error;
      } finally {
        armed = null;
      }
      return isBroken;
    },
  };
}

function isCommit(statement: unknown): boolean {
  const text = typeof statement === "object" && statement !== null && "text" in statement ? statement.text : statement;
  return typeof text === "string" && text.trim().toLowerCase() === "commit";
}
