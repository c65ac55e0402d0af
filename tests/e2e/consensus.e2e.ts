import { beforeAll, expect, it } from "vitest";
import { demoFor } from "#tests/support/demo.ts";
import { type Listed, until, type Visitor } from "#tests/support/people.ts";

type Line = { readonly roundId: string; readonly slideId: string; readonly undecided: number };
type Dispute = {
  readonly key: string;
  readonly settled: boolean;
  readonly verdict: string;
  readonly decision: { readonly method: string; readonly person: { readonly name: string } } | null;
};
type View = {
  readonly key: string;
  readonly overall: { readonly alpha: { readonly defined: boolean; readonly value: number } };
  readonly disputes: readonly Dispute[];
  readonly groundTruthLayerId: string | null;
  readonly reads: readonly { readonly reader: unknown }[];
};

const demo = demoFor(["dana", "lead"]);

let line: Line;
beforeAll(async () => {
  const { people, project } = demo();
  const { items } = await people.dana.call<Listed<Line>>("GET", `/projects/${project}/consensus`);
  line = items.toSorted((a, b) => b.undecided - a.undecided)[0] as Line;
});

it("[BRW14] from the agreement of a slide an adjudicator gets to a dispute on the slide, with anonymous reads", async () => {
  const { app, project, people } = demo();
  const { dana } = people;
  await dana.page.goto(`${app.url}/projects/${project}/consensus/${line.roundId}/${line.slideId}`);
  await dana.page
    .locator("main")
    .getByRole("link", { name: /settle|dispute|open|on the slide/i })
    .first()
    .click();
  await dana.page.getByTestId("consensus-panel").waitFor();
  const before = await view(dana);
  expect(before.reads.every((read) => read.reader === null)).toBe(true);
  expect(line.undecided).toBeGreaterThan(0);
});

it("[BRW15] one key decides it, the decision lands in the ground truth with provenance, and the numbers move", async () => {
  const { app, project, people } = demo();
  const { dana } = people;
  const before = await view(dana);
  const target = before.disputes.find((dispute) => !dispute.settled && dispute.verdict !== "tie") as Dispute;
  await dana.page.goto(
    `${app.url}/projects/${project}/slides/${line.slideId}?round=${line.roundId}&dispute=${target.key}`,
  );
  await dana.page.getByTestId("consensus-panel").waitFor();
  const numbers = await dana.page.getByTestId("consensus-numbers").innerText();
  const majority = dana.page.getByTestId("decide-majority");
  await majority.waitFor();
  const key = (await majority.innerText()).trim().split(/\s+/).at(-1) ?? "m";
  await dana.page.keyboard.press(key.toLowerCase());
  await until(async () => (await decisionOn(target.key))?.method === "majority", "the decision is stored");
  const after = await view(dana);
  expect(after.groundTruthLayerId).not.toBeNull();
  expect(after.overall.alpha.value).not.toBe(before.overall.alpha.value);
  await until(
    async () => (await dana.page.getByTestId("consensus-numbers").innerText()) !== numbers,
    "the page's numbers moved",
  );
  const decision = await decisionOn(target.key);
  expect(decision?.person.name).toBe("Dana Okafor");
});

it("[BRW16] the lead sees the decision, and a second one on the same dispute must name the first", async () => {
  const { lead } = demo().people;
  const seen = await view(lead);
  const decided = seen.disputes.find((dispute) => dispute.decision !== null);
  expect(decided?.decision?.person.name).toBe("Dana Okafor");
  const late = await lead.ask("POST", `/rounds/${line.roundId}/slides/${line.slideId}/adjudications`, {
    consensusKey: seen.key,
    disputeKey: decided?.key,
    replaces: null,
    decision: { method: "exclude", reason: "artefact" },
  });
  expect(late).toMatchObject({ status: 409, body: { code: "dispute-decided" } });
});

async function view(visitor: Visitor): Promise<View> {
  return visitor.call<View>("GET", `/rounds/${line.roundId}/slides/${line.slideId}/consensus`);
}

async function decisionOn(key: string): Promise<Dispute["decision"]> {
  return (await view(demo().people.dana)).disputes.find((dispute) => dispute.key === key)?.decision ?? null;
}
