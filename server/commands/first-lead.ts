import { randomBytes } from "node:crypto";
import { appendAudit } from "#db/audit.ts";
import { anybody, createPerson } from "#db/people.ts";
import { unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { hashPassword } from "#server/password.ts";

/**
 * The first account of a production server: made once, on a database without people, with a password that is told to
 * the operator and to nobody else. Whoever holds it makes a project and invites the others.
 * @returns lines for the operator; none where there is somebody already
 */
export async function makeFirstLead({ db }: Pick<World, "db">, email: string | null): Promise<string[]> {
  if (await anybody(db)) return [];
  if (email === null)
    return ["There are no accounts yet: set CONCORD_FIRST_LEAD to an e-mail address, or sign in by OIDC."];
  const password = randomBytes(12).toString("base64url");
  const passwordHash = await hashPassword(password);
  await db.transaction(async (tx) => {
    const person = unwrap(await createPerson(tx, { email, name: email.split("@")[0] ?? email, passwordHash }));
    const entry = { personId: null, projectId: null, subject: person.id, detail: {} };
    await appendAudit(tx, { ...entry, action: "person.created" });
  });
  return [`First account: ${email}`, `Password, shown this once: ${password}`];
}
