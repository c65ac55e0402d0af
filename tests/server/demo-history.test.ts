import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { worldOn } from "#bench/guideline/project.ts";
import { auditOf, verifyAudit } from "#db/audit.ts";
import { createPerson, personByEmail } from "#db/people.ts";
import { projectsOf } from "#db/projects.ts";
import { wholeRounds } from "#db/rounds.ts";
import { slidesOf } from "#db/slides.ts";
import type { Member } from "#domain/permissions.ts";
import { unwrap } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { demoClassId } from "#server/demo/guideline.ts";
import { seedHistory } from "#server/demo/history.ts";
import { agreementView } from "#server/queries/agreement.ts";
import { disputeQueue } from "#server/queries/dispute-queue.ts";
import { driftFor } from "#server/queries/drift.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";

/** Each slide is painted in a process of its own. */
const LONG = 600_000;

let database: TestDatabase;
let folder: string;
let world: World;
beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "concord-history-"));
  world = await worldOn(database, folder);
});
afterAll(async () => {
  await world.rooms.close();
  await world.computation.close();
  await world.tiles.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

/** The lead of the only project that there is. */
async function leadMember(): Promise<Member> {
  const { lead, projects } = await leadsProjects();
  const [project] = projects;
  if (project === undefined) throw new Error("there is no project");
  return { projectId: project.id, personId: lead.id, role: "lead" };
}

async function leadsProjects() {
  const lead = await personByEmail(world.db, "lead@demo.concord");
  if (lead === null) throw new Error("there is no lead");
  return { lead, projects: await projectsOf(world.db, lead.id) };
}

it(
  "[SCA6] the demo's weeks of reading go on after a cut, and show drift, repeats with intervals and a change that a version explains, each entered in the log at its own time",
  async () => {
    await seedHistory(world, never);
    expect((await database.pool.query("select id from projects")).rows).toEqual([]);
    for (const name of ["lead", "amir", "beatriz", "chen"]) {
      const email = `${name}@demo.concord`;
      unwrap(await createPerson(world.db, { name, email, passwordHash: null, demo: true }));
    }
    const stopping = new AbortController();
    const cut = seedHistory(world, stopping.signal);
    const painted = async () => {
      const [project] = (await leadsProjects()).projects;
      return project === undefined ? 0 : (await slidesOf(world.db, project.id)).length;
    };
    await expect.poll(painted, { timeout: LONG }).toBeGreaterThan(0);
    stopping.abort();
    await expect(cut).rejects.toThrow();
    await seedHistory(world, never);
    const { lead, projects } = await leadsProjects();
    expect(projects).toHaveLength(1);
    const [project] = projects;
    if (project === undefined) throw new Error("there is no project");
    expect(await slidesOf(world.db, project.id)).toHaveLength(12);
    const rounds = await wholeRounds(world.db, { projectId: project.id });
    expect(rounds.map(({ round }) => round.unblindedAt !== null)).toEqual([true, true, true, true]);
    const drift = await driftFor(world, { projectId: project.id, personId: lead.id, role: "lead" });
    expect(drift.repeats.map(({ from, to, pairs }) => [from, to, pairs])).toEqual([
      [1, 2, 6],
      [1, 2, 6],
      [1, 2, 6],
    ]);
    expect(drift.repeats.every(({ overall }) => overall.limits.defined)).toBe(true);
    const chen = drift.use.find(({ readerId }) => drift.readers.find(({ id }) => id === readerId)?.name === "chen");
    const versions = (chen?.classes ?? []).flatMap(({ area }) => area.changes.map(({ version }) => version));
    expect(versions).toContain(2);
    const entries = (await auditOf(world.db, project.id, { limit: 1_000 })).toReversed();
    const days = entries.map(({ at }) => (Date.now() - at.getTime()) / 86_400_000);
    expect(days).toEqual(days.toSorted((a, b) => b - a));
    expect([Math.round(days[0] ?? 0), Math.round(days.at(-1) ?? 0)]).toEqual([84, 2]);
    expect(entries.at(-1)?.action).toBe("round.unblinded");
    expect((await verifyAudit(world.db)).brokenAt).toBeNull();
    const before = (await database.pool.query("select count(*)::int n from layer_updates")).rows;
    await seedHistory(world, never);
    expect((await database.pool.query("select count(*)::int n from layer_updates")).rows).toEqual(before);
  },
  LONG,
);

it("[SCN1] the demo's weeks hold a bridge set read under both versions, and places of which reliability doubts the majority", async () => {
  const member = await leadMember();
  const { bridge } = await driftFor(world, member);
  expect(bridge.regions).toHaveLength(6);
  expect(bridge.rounds.map(({ version, submitted, total }) => [version, submitted, total])).toEqual([
    [1, 18, 18],
    [2, 18, 18],
  ]);
  const [between] = bridge.versions;
  expect(between).toMatchObject({ from: 1, to: 2, pairs: 18, overall: { limits: { defined: true } } });
  expect(bridge.readers.map(({ from, to }) => [from, to])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  const { bases } = await agreementView(world, member, member.projectId, { of: "decided" });
  const moved = bases.flatMap(({ classIds, reliability }) =>
    reliability.moved.map(({ majority, probable }) => [classIds[majority - 1], classIds[probable - 1]]),
  );
  expect(moved).toEqual([[demoClassId("Tumour"), demoClassId("Gland")]]);
  const behind = await disputeQueue(world, member, member.projectId, { state: "all", limit: 50, flagged: "decided" });
  expect(behind.items.map(({ slideName }) => slideName).sort()).toEqual(["Biopsy 08", "Biopsy 10", "Biopsy 11"]);
});
