import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClassDefinition } from "#domain/guideline.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { type PairMeasure, type PairMember, PairRules, type Versions } from "#domain/migration/pairs.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import { classesAt, type History, standingOf } from "#domain/migration.ts";
import { aLayerId, anAnnotationId, aPersonId, aSlideId } from "#tests/support/builders.ts";
import { type Line, newest, pairLines } from "#tests/support/histories.ts";
import { slowResolve } from "#tests/support/slow-resolve.ts";

/**
 * Outlines are stretches of one line, so that what two of them share is simple arithmetic. Between versions people draw
 * (some under an old version), answer what is asked by keeping or by moving a stretch, and move others that nobody asks about.
 */
type Drawn = { member: PairMember; from: number; to: number; keeps: number[] };

const step = fc.record({
  draws: fc.array(fc.record({ pick: fc.nat(50), offline: fc.nat(3), from: fc.nat(12), length: fc.nat(8) }), {
    maxLength: 3,
  }),
  answers: fc.array(fc.record({ item: fc.nat(50), keep: fc.boolean(), from: fc.nat(12) }), { maxLength: 3 }),
});
const campaigns = fc.record({ line: pairLines, steps: fc.array(step, { minLength: 7, maxLength: 7 }) });
type Campaign = typeof campaigns extends fc.Arbitrary<infer Value> ? Value : never;

const first = (line: Line) => ({ number: 1, content: line.first, changes: [] });
const until = (line: Line, number: number): Versions =>
  [first(line), ...line.versions].filter((version) => version.number <= number);
const contentAt = (line: Line, number: number) => until(line, number).at(-1)?.content ?? newest(line);

function share(a: Drawn, b: Drawn): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from)) / (a.to - a.from);
}

function measuresOf(drawn: readonly Drawn[]): PairMeasure[] {
  return drawn.flatMap((a, at) =>
    drawn.slice(at + 1).flatMap((b): PairMeasure[] => {
      const [aShare, bShare] = [share(a, b), share(b, a)];
      return aShare > 0 ? [{ a: a.member.id, b: b.member.id, aShare, bShare }] : [];
    }),
  );
}

/** What the engine says of every outline, as short texts. */
function engine(line: Line, number: number, drawn: readonly Drawn[]) {
  const history = until(line, number);
  const members = new Map(drawn.map(({ member }) => [member.id, member]));
  const found = new PairRules(history).violations(members, measuresOf(drawn), members.keys());
  return drawn.map(({ member, keeps }) => {
    const { classId, under, shape, id } = member;
    const facts = { classId, under, shape, attributes: null, violations: found.get(id) ?? [] };
    return { facts, keeps, standing: standingOf(facts, { keeps, handedOn: 0 }, history) };
  });
}

function textsOf({ questions }: ReturnType<typeof standingOf>): string[] {
  return questions
    .map(({ kind, options, limit }) => {
      if (kind !== "limit") return [kind, [...options].sort()].join(" ");
      return limit?.other == null ? `limit ${limit?.rule}` : `limit with ${limit.other}`;
    })
    .sort();
}

function play({ line, steps }: Campaign, look: (number: number, drawn: readonly Drawn[]) => void): void {
  const drawn: Drawn[] = [];
  for (const [index, { draws, answers }] of steps.slice(0, line.versions.length + 1).entries()) {
    const number = index + 1;
    for (const { pick, offline, from, length } of draws) {
      const under = Math.max(1, number - offline);
      const { selectable } = classesAt(contentAt(line, under));
      const classId = selectable[pick % Math.max(1, selectable.length)]?.id;
      if (classId === undefined) continue;
      const id = anAnnotationId(`o${drawn.length}x`);
      const member: PairMember = { id, classId, under, shape: "polygon" };
      drawn.push({ member, from, to: from + length + 1, keeps: [] });
    }
    for (const { item, keep, from } of answers) {
      const at = item % Math.max(1, drawn.length);
      const each = drawn[at];
      const standing = engine(line, number, drawn)[at]?.standing;
      if (each === undefined || standing === undefined) continue;
      const isChoice = standing.questions.some(({ kind }) => kind === "choose");
      if (keep && standing.questions.length > 0 && !isChoice) each.keeps = [...new Set([...each.keeps, number])];
      if (keep || isChoice || standing.state === "archived") continue;
      const member = { ...each.member, classId: standing.classId, under: number };
      Object.assign(each, { member, from, to: from + (each.to - each.from), keeps: [] });
    }
    look(number, drawn);
  }
}

/** The plain reading: every outline against every other, every version one by one. */
function oracle(line: Line, number: number, drawn: readonly Drawn[]): string[][] {
  const history: History = until(line, number).slice(1);
  const classes = new Map(contentAt(line, number).classes.map((each) => [each.id, each]));
  const facts = drawn.map((each): Fact => {
    const { classId, under, shape } = each.member;
    const { certain, movedIn } = slowResolve(classId, under, history, { shape });
    const rules = classes.get((certain ?? "none") as ClassId) ?? null;
    return { each, rules, movedIn: rules === null || rules.id === classId ? 0 : movedIn };
  });
  return facts.map((fact) => {
    const { each, rules } = fact;
    const { classId, under, shape } = each.member;
    const pairs = facts.flatMap((other) => pairOf(fact, other, line, history));
    const nested = rules !== null && isLost(each, rules, facts) ? ["nestedIn"] : [];
    const said = settledOf(each, pairs, history);
    const slow = slowResolve(classId, under, history, { ...said, shape, violates: nested });
    const kept = keptIn(said, classId, rules?.id ?? null);
    const asked = pairs.filter((pair) => pair.stricter.some((version) => version > Math.max(pair.since, kept)));
    return [...slow.asked, ...asked.map(({ other }) => `limit with ${other}`)].sort();
  });
}

/** `movedIn`: the version that made it the class that it is; 0 for one that was drawn as it. */
type Fact = { readonly each: Drawn; readonly rules: ClassDefinition | null; readonly movedIn: number };
type SlowPair = { readonly other: AnnotationId; readonly since: number; readonly stricter: readonly number[] };

/** The pair as a question of the one, where it is that one's. */
function pairOf(one: Fact, two: Fact, line: Line, history: History): SlowPair[] {
  const { each, rules } = one;
  const { each: other, rules: others } = two;
  const [mine, its] = [share(each, other), share(other, each)];
  if (each === other || rules === null || others === null || mine === 0 || rules.id === others.id) return [];
  if (lists(rules, others) || lists(others, rules)) return [];
  if (!tooMuch(mine, rules) && !tooMuch(its, others)) return [];
  if (mine < its || (mine === its && other.member.id < each.member.id)) return [];
  const stricter = [...stricterFor(one, two, line, history), ...stricterFor(two, one, line, history)];
  return [{ other: other.member.id, since: Math.max(each.member.under, other.member.under), stricter }];
}

const lists = (a: ClassDefinition, b: ClassDefinition) =>
  a.rules.overlaps.includes(b.id) || a.rules.nestedIn.includes(b.id);
const tooMuch = (covers: number, { rules: of }: ClassDefinition) =>
  of.maxSharedShare !== null && covers > of.maxSharedShare;

/** The versions in which something became stricter for one side of a pair. */
function stricterFor({ each, rules, movedIn }: Fact, other: Fact, line: Line, history: History): number[] {
  if (rules === null || other.rules === null) return [];
  const covers = share(each, other.each);
  const found: number[] = [];
  for (const { number, changes } of history) {
    for (const change of changes) {
      if (change.kind !== "limits" || rules.rules.maxSharedShare === null) continue;
      const isBroken = (rule: string) => rule === "overlaps" || (rule === "maxSharedShare" && tooMuch(covers, rules));
      if (!change.tightened.some(isBroken)) continue;
      if (change.classId === rules.id) found.push(Math.max(number, movedIn));
      else if (change.classId === each.member.classId && number < movedIn) found.push(number);
    }
  }
  const then = movedIn === 0 ? [] : contentAt(line, movedIn).classes;
  const was = then.find(({ id }) => id === each.member.classId);
  const beside = then.find(({ id }) => id === other.rules?.id);
  const [before, now] = [was?.rules.maxSharedShare ?? null, rules.rules.maxSharedShare];
  if (was !== undefined && now !== null && (before ?? Infinity) > now && tooMuch(covers, rules)) found.push(movedIn);
  if (was !== undefined && beside !== undefined && (lists(was, beside) || lists(beside, was))) found.push(movedIn);
  return found;
}

function keptIn({ keptAs }: { readonly keptAs: ReadonlyMap<ClassId, number> }, stored: ClassId, now: ClassId | null) {
  return Math.max(keptAs.get(stored) ?? 0, now === null ? 0 : (keptAs.get(now) ?? 0));
}

function isLost(each: Drawn, { rules }: ClassDefinition, facts: readonly Fact[]): boolean {
  if (rules.nestedIn.length === 0) return false;
  return rules.nestedIn.every((classId) => {
    const around = facts.filter((fact) => fact.each !== each && fact.rules?.id === classId);
    return around.reduce((sum, fact) => sum + share(each, fact.each), 0) < 0.98;
  });
}

const ALL_RULES = ["minAreaUm2", "maxSharedShare", "overlaps", "nestedIn"];

/** The versions under which a keep answered something, as far as that is known later. */
function settledOf({ member, keeps }: Drawn, pairs: readonly SlowPair[], history: History) {
  const { classId, under, shape } = member;
  const said = { settled: 0, keptAs: new Map<ClassId, number>() };
  for (const version of keeps) {
    const then = history.filter((each) => each.number <= version);
    const { asked, certain } = slowResolve(classId, under, then, { ...said, shape, violates: ALL_RULES });
    const kept = keptIn(said, classId, certain as ClassId | null);
    const paired =
      certain !== null &&
      pairs.some(({ since, stricter }) => stricter.some((each) => each <= version && each > Math.max(since, kept)));
    if (asked.length === 0 && !paired) continue;
    said.settled = version;
    if (certain !== null) said.keptAs.set(certain as ClassId, version);
  }
  return said;
}

describe("any campaign with rules about two outlines", () => {
  const runs = { numRuns: 150 };

  test("[PAI11] the engine asks of every outline at every version what a plain comparison of all with all asks", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(campaigns, (campaign) => {
        play(campaign, (number, drawn) => {
          const found = engine(campaign.line, number, drawn).map(({ standing }) => textsOf(standing));
          expect(found).toEqual(oracle(campaign.line, number, drawn));
          for (const text of found.flat()) met.add(text.startsWith("limit with") ? "pair" : (text.split(",")[0] ?? ""));
        });
      }),
      runs,
    );
    expect([...met]).toEqual(expect.arrayContaining(["pair", "limit nestedIn"]));
  });

  test("[PAI12] every pair is a question of one of the two, and the preview counts what then stands", () => {
    fc.assert(
      fc.property(campaigns, (campaign) => {
        const { line } = campaign;
        play(campaign, (number, drawn) => {
          const asked = engine(line, number, drawn).flatMap(({ standing }, at) =>
            standing.questions.flatMap(({ limit }) =>
              limit?.other == null ? [] : [[drawn[at]?.member.id ?? "", limit.other].sort().join(" ")],
            ),
          );
          expect(new Set(asked).size).toBe(asked.length);
          const next = line.versions.find((version) => version.number === number + 1);
          if (next === undefined) return;
          const [before, after] = [engine(line, number, drawn), engine(line, number + 1, drawn)];
          const groups = before.map(({ facts, keeps }, at): AnnotationGroup => {
            const { classId, under: stamp, shape } = facts;
            const violations = { before: facts.violations, after: after[at]?.facts.violations ?? [] };
            const place = { personId: aPersonId("p"), slideId: aSlideId("s"), layerId: aLayerId("l") };
            return { classId, stamp, shape, violations, verdicts: { keeps, handedOn: 0 }, ...place, count: 1 };
          });
          const stale = (all: typeof before) => all.filter(({ standing }) => standing.state === "stale").length;
          const preview = previewCounts(groups, until(line, number), next.changes, next.number);
          expect(preview).toMatchObject({ staleBefore: stale(before), staleAfter: stale(after) });
        });
      }),
      runs,
    );
  });
});
