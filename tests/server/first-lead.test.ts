import { afterAll, beforeAll, expect, it } from "vitest";
import { personByEmail } from "#db/people.ts";
import { makeFirstLead } from "#server/commands/first-lead.ts";
import { verifyPassword } from "#server/password.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.close();
});

it("[STA8] an empty production database says how to get a first account", async () => {
  expect((await makeFirstLead(database, null)).join(" ")).toContain("CONCORD_FIRST_LEAD");
});

it("[STA9] the first account is made once, and its password is told once", async () => {
  const lines = await makeFirstLead(database, "lena@hospital.example");
  const password = lines.join("\n").match(/once: (\S+)/)?.[1] ?? "";
  const person = await personByEmail(database.db, "lena@hospital.example");
  expect(await verifyPassword(person?.passwordHash ?? null, password)).toBe(true);
  expect(await makeFirstLead(database, "other@hospital.example")).toEqual([]);
  expect(await personByEmail(database.db, "other@hospital.example")).toBeNull();
});
