import { randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAudit, auditHead, auditOf, verifyAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import {
  accessTokenByHash,
  accessTokensOf,
  createAccessToken,
  createPerson,
  demoPeople,
  endSessions,
  linkIdentity,
  type Person,
  peopleById,
  personByEmail,
  personById,
  personByIdentity,
  revokeAccessToken,
  setPassword,
  touchAccessToken,
  updatePerson,
} from "#db/people.ts";
import {
  acceptInvitation,
  addMember,
  createInvitation,
  createProject,
  invitationsOf,
  membersOf,
  openInvitation,
  projectById,
  projectsOf,
  removeMember,
  revokeInvitation,
  setRole,
  updateProject,
} from "#db/projects.ts";
import { audit, cases, layers, layerUpdates, slides } from "#db/schema.ts";
import { aCaseId, aLayerId, aPersonId, aProjectId, aSlideId } from "#tests/support/builders.ts";
import type { TestDatabase } from "#tests/support/database.ts";

/** What every Postgres that Concord runs on must do: one suite, run on each. */
export function storesContract(name: string, open: () => Promise<TestDatabase>): void {
  describe(name, () => {
    let database: TestDatabase;
    let db: Db;
    beforeAll(async () => {
      database = await open();
      db = database.db;
    });
    afterAll(async () => {
      await database?.close();
    });

    peopleContract(() => db);
    projectsContract(() => db);
    auditContract(() => db);
    appendOnlyContract(() => db);
  });
}

let made = 0;

async function somebody(db: Db): Promise<Person> {
  made += 1;
  const email = `person-${made}-${randomBytes(4).toString("hex")}@example.org`;
  const created = await createPerson(db, { email, name: `Person ${made}`, passwordHash: "hash" });
  if (!created.ok) throw new Error(created.reason);
  return created.value;
}

function peopleContract(get: () => Db): void {
  test("[DBS10] an e-mail address has one account, however it is spelled", async () => {
    const db = get();
    const person = await somebody(db);
    const again = await createPerson(db, { email: ` ${person.email.toUpperCase()} `, name: "B", passwordHash: null });
    expect(again).toMatchObject({ ok: false, reason: "email-taken" });
    expect((await personByEmail(db, person.email.toUpperCase()))?.id).toBe(person.id);
    expect(await personById(db, aPersonId("nobody"))).toBeNull();
    expect([...(await peopleById(db, [person.id, aPersonId("nobody")])).keys()]).toEqual([person.id]);
  });

  test("[DBS11] a new password and the end of all sessions raise the token version; a new name does not", async () => {
    const db = get();
    const person = await somebody(db);
    await updatePerson(db, person.id, { name: "Another" });
    expect(await personById(db, person.id)).toMatchObject({ name: "Another", tokenVersion: 1 });
    await setPassword(db, person.id, "other");
    await endSessions(db, person.id);
    expect(await personById(db, person.id)).toMatchObject({ passwordHash: "other", tokenVersion: 3 });
  });

  test("[DBS12] an identity is linked by issuer and subject, once", async () => {
    const db = get();
    const [one, two] = [await somebody(db), await somebody(db)];
    await linkIdentity(db, { issuer: "https://id.example.org", subject: one.id, personId: one.id });
    await linkIdentity(db, { issuer: "https://id.example.org", subject: one.id, personId: two.id });
    expect((await personByIdentity(db, "https://id.example.org", one.id))?.id).toBe(one.id);
    expect(await personByIdentity(db, "https://other.example.org", one.id)).toBeNull();
  });

  test("[DBS13] an access token is found by its hash, and is gone from the list once revoked by its owner", async () => {
    const db = get();
    const [one, two] = [await somebody(db), await somebody(db)];
    const hash = randomBytes(32).toString("hex");
    const token = await createAccessToken(db, { personId: one.id, name: "t", hash, scope: "read", expiresAt: null });
    const now = new Date("2026-03-01T12:00:00.000Z");
    await touchAccessToken(db, token.id, now);
    expect((await accessTokenByHash(db, hash))?.token.lastUsedAt).toEqual(now);
    expect(await revokeAccessToken(db, two.id, token.id, now)).toBe(false);
    expect(await accessTokensOf(db, one.id)).toHaveLength(1);
    expect(await revokeAccessToken(db, one.id, token.id, now)).toBe(true);
    expect(await accessTokensOf(db, one.id)).toEqual([]);
    expect((await accessTokenByHash(db, hash))?.token.revokedAt).toEqual(now);
  });

  test("[DBS14] demo accounts are known as such", async () => {
    const db = get();
    const email = `demo-${randomBytes(4).toString("hex")}@example.org`;
    await createPerson(db, { email, name: "Demo", passwordHash: null, demo: true });
    expect((await demoPeople(db)).map((person) => person.email)).toContain(email);
  });
}

function projectsContract(get: () => Db): void {
  test("[DBS15] a project's maker is its lead, and the project shows with its counts", async () => {
    const db = get();
    const [lead, reader] = [await somebody(db), await somebody(db)];
    const project = await createProject(db, { name: "P", description: "", createdBy: lead.id });
    await addMember(db, { projectId: project.id, personId: reader.id, role: "annotator" });
    await addMember(db, { projectId: project.id, personId: lead.id, role: "viewer" });
    expect(await projectsOf(db, lead.id)).toMatchObject([
      { id: project.id, role: "lead", memberCount: 2, slideCount: 0 },
    ]);
    expect((await membersOf(db, project.id)).map(({ name, role }) => [name, role])).toEqual([
      [lead.name, "lead"],
      [reader.name, "annotator"],
    ]);
    expect(await updateProject(db, project.id, { name: "Q" })).toMatchObject({ name: "Q", description: "" });
    expect(await projectById(db, aProjectId("none"))).toBeNull();
  });

  test("[DBS16] the last lead neither steps down nor leaves, also when two leads try at once", async () => {
    const db = get();
    const [one, two] = [await somebody(db), await somebody(db)];
    const { id } = await createProject(db, { name: "P", description: "", createdBy: one.id });
    expect(await removeMember(db, id, one.id)).toMatchObject({ ok: false, reason: "last-lead" });
    await addMember(db, { projectId: id, personId: two.id, role: "lead" });
    const both = await Promise.all([
      setRole(db, { projectId: id, personId: one.id, role: "viewer" }),
      removeMember(db, id, two.id),
    ]);
    expect(both.filter((result) => result.ok)).toHaveLength(1);
    expect((await membersOf(db, id)).filter((member) => member.role === "lead")).toHaveLength(1);
    expect(await removeMember(db, id, aPersonId("nobody"))).toMatchObject({ ok: false, reason: "not-found" });
  });

  test("[DBS17] an invitation makes one member, once, before it expires", async () => {
    const db = get();
    const [lead, one, two] = [await somebody(db), await somebody(db), await somebody(db)];
    const project = await createProject(db, { name: "P", description: "", createdBy: lead.id });
    const invite = (hash: string, expiresAt: Date) =>
      createInvitation(db, { projectId: project.id, hash, role: "annotator", createdBy: lead.id, expiresAt });
    const now = new Date("2026-03-01T12:00:00.000Z");
    const later = new Date("2026-03-02T12:00:00.000Z");
    const [open, expired, revoked] = [0, 1, 2].map(() => randomBytes(32).toString("hex")) as [string, string, string];
    await invite(open, later);
    await invite(expired, now);
    const { id: revokedId } = await invite(revoked, later);
    expect(await revokeInvitation(db, project.id, revokedId, now)).toBe(true);
    expect((await openInvitation(db, open, now))?.projectName).toBe("P");
    const answers = await Promise.all(
      [one, two].map(({ id }) => acceptInvitation(db, { hash: open, personId: id, now })),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    for (const hash of [open, expired, revoked, "unknown"]) {
      expect(await openInvitation(db, hash, now)).toBeNull();
      const refused = await acceptInvitation(db, { hash, personId: two.id, now });
      expect(refused).toMatchObject({ ok: false, reason: "invitation-expired" });
    }
    expect(await membersOf(db, project.id)).toHaveLength(2);
    expect(await invitationsOf(db, project.id)).toHaveLength(3);
  });
}

function auditContract(get: () => Db): void {
  const entry = (subject: string, detail: Record<string, unknown> = {}) => ({
    personId: null,
    projectId: aProjectId("audited"),
    action: "thing.done",
    subject,
    detail,
  });

  test("[DBS18] entries written at once form one chain without gaps, and verify", async () => {
    const db = get();
    const detail = { z: 1, a: [{ y: null, x: "é\n" }], date: new Date(0), gone: undefined };
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        db.transaction(async (tx) => {
          await appendAudit(tx, entry(`s${index}`, detail));
        }),
      ),
    );
    const { entries, brokenAt } = await verifyAudit(db);
    expect(brokenAt).toBeNull();
    expect(entries).toBeGreaterThanOrEqual(12);
    expect((await auditHead(db)).seq).toBe(entries);
    const page = await auditOf(db, aProjectId("audited"), { limit: 5 });
    const next = await auditOf(db, aProjectId("audited"), { limit: 5, before: page[4]?.seq });
    expect([...page, ...next].map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, index) => entries - index));
    expect(page[0]?.detail).toEqual({ z: 1, a: [{ y: null, x: "é\n" }], date: "1970-01-01T00:00:00.000Z" });
  });

  test("[DBS19] a failed transaction leaves no entry and no gap", async () => {
    const db = get();
    const before = await auditHead(db);
    const failing = db.transaction(async (tx) => {
      await appendAudit(tx, entry("never"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await auditHead(db)).toEqual(before);
  });

  test("[DBS20] a changed, a dropped and a moved entry are found", async () => {
    const db = get();
    for (const subject of ["one", "two", "three"]) await appendAudit(db, entry(subject));
    const { seq } = await auditHead(db);
    const tampered = async (change: (tx: Db) => Promise<unknown>): Promise<number | null> => {
      let found: number | null = null;
      const undone = db.transaction(async (tx) => {
        await tx.execute(sql`alter table audit disable trigger all`);
        await change(tx);
        found = (await verifyAudit(tx)).brokenAt;
        throw new Error("undo");
      });
      await expect(undone).rejects.toThrow("undo");
      return found;
    };
    const middle = seq - 1;
    expect(await tampered((tx) => tx.update(audit).set({ subject: "x" }).where(eq(audit.seq, middle)))).toBe(middle);
    expect(await tampered((tx) => tx.delete(audit).where(eq(audit.seq, middle)))).toBe(middle);
    const moved = async (tx: Db): Promise<void> => {
      await tx.update(audit).set({ seq: 0 }).where(eq(audit.seq, middle));
      await tx.update(audit).set({ seq: middle }).where(eq(audit.seq, seq));
      await tx.update(audit).set({ seq }).where(eq(audit.seq, 0));
    };
    expect(await tampered(moved)).toBe(middle);
    expect((await verifyAudit(db)).brokenAt).toBeNull();
  });
}

function appendOnlyContract(get: () => Db): void {
  test("[DBS21] the database itself refuses to change or remove entries, updates, versions and releases", async () => {
    const db = get();
    for (const table of ["audit", "layer_updates", "guideline_versions", "releases", "release_files", "task_events"]) {
      for (const statement of [
        `update ${table} set ${firstColumn(table)} = null`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        const refused = db.execute(sql.raw(statement)).then(
          () => "done",
          (error: Error) => String(error.cause),
        );
        expect(await refused, statement).toContain("are never changed or removed");
      }
    }
  });

  test("[DBS22] bytes come back as they were stored", async () => {
    const db = get();
    const lead = await somebody(db);
    const project = await createProject(db, { name: "P", description: "", createdBy: lead.id });
    const [caseOf, slide, layer] = [aCaseId("bytes"), aSlideId("bytes"), aLayerId("bytes")];
    await db.insert(cases).values({ id: caseOf, projectId: project.id, name: "C" });
    const meta = { width: 1, height: 1 } as unknown as (typeof slides.$inferInsert)["meta"];
    const row = { id: slide, projectId: project.id, caseId: caseOf, name: "S", file: "f", contentHash: "h", meta };
    await db.insert(slides).values({ ...row, createdBy: lead.id });
    await db.insert(layers).values({ id: layer, projectId: project.id, slideId: slide, kind: "team" });
    const buffer = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    const bytes = buffer.subarray(7, 290);
    await db.insert(layerUpdates).values({ layerId: layer, seq: 1, authorId: lead.id, bytes });
    const [stored] = await db.select().from(layerUpdates).where(eq(layerUpdates.layerId, layer));
    expect(stored?.bytes).toEqual(bytes);
  });
}

function firstColumn(table: string): string {
  return (
    {
      audit: "seq",
      layer_updates: "seq",
      guideline_versions: "number",
      releases: "id",
      release_files: "path",
      task_events: "id",
    }[table] ?? "id"
  );
}
