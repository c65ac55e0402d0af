import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** Postgres refuses to run as root; then it runs as this user. `undefined` means: as ourselves. */
export type PostgresUser = { readonly uid: number; readonly gid: number };

/** How to start a program as that user: the words in front of it, and what spawn is told. */
export type RunAs = { readonly prefix: readonly string[]; readonly spawn: Partial<PostgresUser> };

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];

/**
 * The user that the database runs as.
 * @param clusterDir the database folder; an existing one keeps its owner
 * @returns undefined where we are an ordinary user ourselves
 * @throws where we are root and the machine has no user to run it as
 */
export function postgresUser(clusterDir: string): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(clusterDir)) {
    const { uid, gid } = statSync(clusterDir);
    if (uid !== 0) return { uid, gid };
  }
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === "nobody" && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    "Postgres does not run as root and this machine has no user 'nobody'. Start Concord as an ordinary user, or set DATABASE_URL.",
  );
}

/** Whether a user may walk down to a folder: every folder on the way lets them pass. */
export function mayReach(user: PostgresUser | undefined, folder: string): boolean {
  if (user === undefined) return true;
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const { uid, gid, mode } = statSync(current);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}

/**
 * How to run a program as that user.
 * Below a closed home (root's, usually) the user could not even walk to the data folder. There the one right to pass
 * closed folders is handed on by setpriv; nothing about the folders themselves is changed.
 * @throws where the data folder cannot be reached and setpriv is absent
 */
export function runAs(user: PostgresUser | undefined, folders: readonly string[]): RunAs {
  if (user === undefined) return { prefix: [], spawn: {} };
  const closed = folders.find((folder) => !mayReach(user, folder));
  if (closed === undefined) return { prefix: [], spawn: user };
  const setpriv = SETPRIV.find((file) => existsSync(file));
  if (setpriv === undefined) {
    throw new Error(
      `Postgres does not run as root, and the user it would run as cannot reach ${closed}. ` +
        "Set CONCORD_DATA to a folder outside a closed home (for example /var/lib/concord), or start Concord as an ordinary user.",
    );
  }
  const rights = "--inh-caps=+dac_read_search";
  return {
    prefix: [
      setpriv,
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      "--clear-groups",
      rights,
      "--ambient-caps=+dac_read_search",
    ],
    spawn: {},
  };
}
