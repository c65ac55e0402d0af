import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClassId } from "#domain/ids.ts";
import { effectiveAttributes } from "#domain/migration/attributes.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import { classesAt, type Question } from "#domain/migration.ts";
import { isWaived } from "#domain/waiver.ts";
import { askedBy, askedPair, violationsBy } from "#server/queries/staleness.ts";
import { aLayerId, anAnnotationId, aPersonId, aSlideId } from "#tests/support/builders.ts";
import { BROUGHT_BACK, type Campaign, campaigns, EVERYTHING, Play, SHAPES } from "#tests/support/campaign.ts";
import { answer } from "#tests/support/campaign-answers.ts";
import {
  aContent,
  anOutline,
  broken,
  hashOf,
  heldOf,
  isAnswered,
  isTouchedSince,
  type Outline,
  slowOf,
  slowTexts,
  standingOf,
  until,
  valueFor,
} from "#tests/support/campaign-outlines.ts";
import { CampaignTasks } from "#tests/support/campaign-tasks.ts";
import { choosingLines, type Line, wholeLines } from "#tests/support/histories.ts";
import type { Versions } from "#tests/support/slow-standing.ts";

/** CAMPAIGN_RUNS=20000 looks for longer, FC_SEED draws a run again. */
const numRuns = Number(process.env["CAMPAIGN_RUNS"] ?? 60);
/** The campaigns of a test, a long run as long as it takes. */
const TIMEOUT = { timeout: 120_000 + 200 * numRuns };
const whole = { numRuns, examples: [[EVERYTHING], [BROUGHT_BACK]] as [Campaign][] };
const says = fc.array(fc.nat(50), { minLength: 7, maxLength: 7 });

/** Sums up over a whole run what its campaigns did, which is asserted: a run that did nothing shows nothing. */
class Met {
  readonly #counts = new Map<string, number>();

  add(counts: Iterable<readonly [what: string, count: number]>): void {
    for (const [what, count] of counts) this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  /** What was not met, of what should have been. */
  missing(all: readonly string[]): string[] {
    return all.filter((what) => (this.#counts.get(what) ?? 0) === 0);
  }
}

const ACTS_DONE = [
  ...["drawn", "drawn offline", "drawn with values", "reshaped", "said by itself", "deleted", "brought back"],
  ...["kept", "kept with a value", "drawn again", "chosen", "chosen with a value", "handed on", "fallen back"],
  ...["word undone", "edit undone", "taken back"],
];

/** A question as the plain walk spells it. */
function textOf({ kind, options, limit, attribute, version }: Question): string {
  const at =
    kind === "choose" || (attribute !== null && attribute.values.length > 0 && !attribute.mayStay)
      ? ""
      : ` @${version}`;
  if (kind === "limit") return `limit ${limit?.rule}${at}`;
  if (attribute === null) return `${[kind, [...options].sort()].join(" ")}${at}`;
  const { attributeId, mayStay, values } = attribute;
  const among = mayStay || values.length > 0 ? ` ${[...values].sort()}` : "";
  return `attribute ${attributeId} ${mayStay ? "may" : "must"}${among}${at}`;
}

describe("any campaign", () => {
  test(
    "[MIG40] the engine says of every outline at every version what a plain walk through the history says",
    TIMEOUT,
    () => {
      const met = new Met();
      fc.assert(
        fc.property(campaigns, (campaign) => {
          const play = new Play(campaign);
          play.run((number, outlines) => {
            const versions = until(campaign.line, number);
            for (const outline of outlines) {
              const found = standingOf(outline, versions);
              const slow = slowOf(outline, versions);
              expect(found.questions.map(textOf).sort()).toEqual(slowTexts(slow));
              expect(found.state === "undecided" ? "stale" : found.state).toBe(slow.state);
              if (slow.state === "stale") {
                const handedOn = handedOnIn(outline);
                const span = { from: handedOn, now: number };
                const isTouched = handedOn === 0 ? true : isTouchedSince(outline, campaign.line, span);
                if (isTouched !== null) expect(found.state).toBe(isTouched ? "stale" : "undecided");
                if (handedOn > 0 && isTouched) met.add([["handed on and asked again", 1]]);
              }
              if (slow.certain !== null) {
                expect(found.classId).toBe(slow.certain);
                expect(saidOf(outline, slow.certain, versions)).toMatchObject(Object.fromEntries(slow.values));
              }
              met.add([[found.state, 1], ...found.questions.map(({ kind }) => [kind, 1] as const)]);
              met.add(found.questions.flatMap(({ limit }) => (limit === null ? [] : [[limit.rule, 1] as const])));
              met.add([...slow.values.keys()].map(() => ["a value followed", 1] as const));
            }
          });
          met.add(play.did);
        }),
        whole,
      );
      const states = ["archived", "carried-over", "current", "stale", "undecided"];
      const kinds = ["attribute", "choose", "limit", "redraw", "review", "minAreaUm2", "maxAreaUm2", "geometry"];
      expect(met.missing([...states, ...kinds, ...ACTS_DONE, "a value followed", "handed on and asked again"])).toEqual(
        [],
      );
    },
  );

  test("[MIG41] nobody is asked a fact again that they answered, unless a later change touched it", TIMEOUT, () => {
    const met = new Met();
    fc.assert(
      fc.property(campaigns, (campaign) => {
        const play = new Play(campaign);
        play.run();
        expect(play.twice).toEqual([]);
        met.add(play.did);
      }),
      whole,
    );
    expect(met.missing(ACTS_DONE)).toEqual([]);
  });

  test("[MIG42] the preview of every version is what stands when it is published", TIMEOUT, () => {
    const met = new Met();
    fc.assert(
      fc.property(campaigns, (campaign) => {
        new Play(campaign).run((number, outlines) => {
          const next = campaign.line.versions.find((version) => version.number === number + 1);
          if (next === undefined) return;
          const [before, after] = [until(campaign.line, number), until(campaign.line, number + 1)];
          const groups = outlines.map((outline) => groupOf(outline, before, after));
          const preview = (of: readonly AnnotationGroup[]) => previewCounts(of, before, next.changes, next.number);
          const states = outlines.map((outline) => ({ was: slowOf(outline, before), is: slowOf(outline, after) }));
          const all = preview(groups);
          expect(all).toMatchObject({
            staleBefore: states.filter(({ was }) => was.state === "stale").length,
            staleAfter: states.filter(({ is }) => is.state === "stale").length,
          });
          expect(all.totals.all).toBe(outlines.length);
          for (const [index, { was, is }] of states.entries()) {
            const { totals } = preview(groups.slice(index, index + 1));
            const isAsked = totals.review + totals.choose;
            const isNew =
              (was.state !== "stale" && is.state === "stale") ||
              is.facts.some(({ version }) => version === next.number);
            if (isNew) expect(isAsked).toBe(1);
            if (isAsked > 0) expect(is.state).toBe("stale");
            expect(totals.archive > 0 && is.state !== "archived").toBe(false);
            if (was.state !== "archived" && is.state === "archived") expect(totals.archive).toBe(1);
            met.add([
              [`${isAsked > 0 ? "asked" : "left alone"}`, 1],
              ...is.facts.map(({ text }) => [text.split(" ")[0] ?? "", 1] as const),
            ]);
          }
        });
      }),
      whole,
    );
    expect(met.missing(["asked", "left alone", "attribute", "choose", "limit", "redraw", "review"])).toEqual([]);
  });

  test(
    "[MIG43] version by version asks the facts that are open at once and not answered yet, also after choices, redraws and values",
    TIMEOUT,
    () => {
      const met = new Met();
      fc.assert(
        fc.property(wholeLines, fc.nat(50), says, (line, pick, how) => {
          const outline = drawnFirst(line, pick);
          for (const { number } of line.versions) {
            const versions = until(line, number);
            const atOnce = standingOf({ ...outline, said: [] }, versions);
            const stepwise = standingOf(outline, versions);
            const fresh = atOnce.questions.filter((question) => !isAnswered(outline, question));
            expect(stepwise.questions.map(factOf).sort()).toEqual(fresh.map(factOf).sort());
            expect([stepwise.classId, stepwise.state === "archived"]).toEqual([
              atOnce.classId,
              atOnce.state === "archived",
            ]);
            met.add(fresh.map(({ kind }) => [kind, 1] as const));
            const choice = stepwise.questions.find(({ kind }) => kind === "choose");
            const offered = fresh.find(({ kind }) => kind === "choose")?.options ?? [];
            for (const option of choice?.options ?? []) expect(offered).toContain(option);
            const say = how[number % how.length] ?? 0;
            const did = answer(outline, versions, { how: 1 + (say % 3), pick: say });
            met.add(did.map((what) => [what, 1] as const));
          }
        }),
        { numRuns: 6 * numRuns },
      );
      const kinds = ["attribute", "choose", "limit", "redraw", "review"];
      expect(met.missing([...kinds, "kept", "kept with a value", "chosen", "drawn again"])).toEqual([]);
    },
  );

  test(
    "[MIG43] whoever chose step by step can choose the same at once, and nothing is asked of either then",
    TIMEOUT,
    () => {
      let chosen = 0;
      fc.assert(
        // Where a class came back, what it had become is taken back for whoever was not asked; who chose stays.
        fc.property(choosingLines, fc.nat(50), says, (line, pick, how) => {
          const outline = drawnFirst(line, pick);
          const first: Outline = { ...outline };
          for (const { number } of line.versions) {
            // A pick above 1 keeps, and chooses where a choice is open.
            const did = answer(outline, until(line, number), { how: 2, pick: how[number % how.length] ?? 0 });
            chosen += did.includes("chosen") ? 1 : 0;
          }
          const newest = until(line, line.versions.length + 1);
          const [stepwise, atOnce] = [standingOf(outline, newest), standingOf(first, newest)];
          expect(stepwise.questions).toEqual([]);
          const choice = atOnce.questions.find(({ kind }) => kind === "choose");
          if (choice === undefined || choice.options.length === 0 || stepwise.state === "archived") return;
          expect(choice.options).toContain(stepwise.classId);
          const content = { ...first.content, classId: stepwise.classId, under: line.versions.length + 1 };
          expect(standingOf({ ...first, content }, newest).questions).toEqual([]);
        }),
        { numRuns: 6 * numRuns },
      );
      expect(chosen).toBeGreaterThan(numRuns / 2);
    },
  );

  test(
    "[MIG90] taking the last version back gives every outline that nobody touched its class and its values back",
    TIMEOUT,
    () => {
      const met = new Met();
      fc.assert(
        fc.property(campaigns, (campaign) => {
          const { line } = campaign;
          const seen: (readonly Outline[])[] = [];
          new Play(campaign).run((number, outlines) => {
            seen[number] = outlines.map((outline) => ({ ...outline }));
            const taken = line.versions.find((version) => version.number === number)?.takesBack;
            if (taken !== number - 1) return;
            for (const outline of outlines) {
              const was = seen[number - 2]?.find(({ id }) => id === outline.id);
              if (was?.content !== outline.content || was.said !== outline.said) continue;
              const [before, between, after] = [number - 2, number - 1, number].map((at) =>
                saidAt(outline, until(line, at)),
              );
              // Of a choice of which one part is left a draft cannot say that it is still to be made.
              const options = before?.questions.find(({ kind }) => kind === "choose")?.options ?? [];
              if (options.length !== 1) expect(after?.certain).toEqual(before?.certain);
              met.add([[between?.certain === before?.certain ? "untouched" : "given back", 1]]);
              const asked = new Set<string>(after?.questions.flatMap(({ attribute }) => attribute?.attributeId ?? []));
              for (const [id, value] of Object.entries(before?.values ?? {})) {
                if (asked.has(id)) continue;
                expect([id, after?.values[id]]).toEqual([id, value]);
                met.add([[between?.values[id] === value ? "same value" : "value given back", 1]]);
              }
            }
          });
        }),
        { ...whole, numRuns: 2 * numRuns },
      );
      expect(met.missing(["untouched", "given back", "same value", "value given back"])).toEqual([]);
    },
  );

  test(
    "[MIG96] tasks of any campaign hold all that somebody has to decide, one for each author, and making them again makes none",
    TIMEOUT,
    () => {
      const met = new Met();
      fc.assert(
        fc.property(campaigns, (campaign) => {
          const tasks = new CampaignTasks();
          new Play(campaign).run((number, outlines) => {
            const versions = until(campaign.line, number);
            const accepted = tasks.accept(outlines, versions);
            const { made, superseded } = tasks.make(outlines, versions);
            expect(tasks.make(outlines, versions)).toEqual({ made: 0, superseded: 0 });
            expect(tasks.forgotten(outlines, versions)).toEqual([]);
            expect(tasks.namedTwice()).toEqual([]);
            for (const open of tasks.openEach()) expect(open).toBeLessThanOrEqual(1);
            met.add(Object.entries({ accepted, made, superseded }));
          });
        }),
        whole,
      );
      expect(met.missing(["accepted", "made", "superseded"])).toEqual([]);
    },
  );

  test(
    "[MIG97] a waiver in any campaign covers what was asked until then, and nothing that a later version asks",
    TIMEOUT,
    () => {
      const met = new Met();
      fc.assert(
        fc.property(campaigns, fc.integer({ min: 2, max: 4 }), (campaign, approved) => {
          const named = new Set<string>();
          new Play(campaign).run((number, outlines) => {
            const versions = until(campaign.line, number);
            for (const outline of outlines) {
              const standing = standingOf(outline, versions);
              const isOpen = standing.state === "stale" || standing.state === "undecided";
              if (number === approved && isOpen) named.add(outline.id);
              if (number < approved || !isOpen || !named.has(outline.id)) continue;
              const ids = [outline.id];
              const waiver = { id: "waiver", scope: { kind: "annotations" as const, ids }, version: approved };
              const open = { slideId: aSlideId("s"), classId: standing.classId, namedBy: ["waiver"] };
              const isCovered = isWaived({ ...open, askedBy: askedBy({ standing }) }, [waiver]);
              const isTouched = isTouchedSince(outline, campaign.line, { from: approved, now: number });
              if (isTouched !== null) expect(isCovered).toBe(!isTouched);
              if (isTouched !== null && number > approved) met.add([[isTouched ? "asked anew" : "covered", 1]]);
            }
          });
        }),
        { numRuns: 2 * numRuns },
      );
      expect(met.missing(["asked anew", "covered"])).toEqual([]);
    },
  );
});

/** The newest version under which somebody could not tell about the present content; 0 where nobody said so. */
function handedOnIn({ content, said }: Outline): number {
  const contentHash = hashOf(content);
  const valid = said.filter((each) => each.verdict === "cannot-tell" && each.contentHash === contentHash);
  return Math.max(0, ...valid.map(({ version }) => version));
}

/** What a question is about, whoever asks it. */
function factOf({ key, kind, version }: Question): string {
  return [key, kind, version].join(" ");
}

/** An outline of the first version, with something said of it or nothing. */
function drawnFirst(line: Line, pick: number): Outline {
  const { selectable } = classesAt(line.first);
  const definition = selectable[pick % selectable.length];
  if (definition === undefined) throw new Error("a line begins with classes");
  const given = definition.attributes.flatMap((each) => valueFor(each, pick % 4));
  const shape = SHAPES[pick % SHAPES.length] ?? "polygon";
  return anOutline(anAnnotationId("first"), aContent(definition, 1, { shape, area: pick % 4, given }));
}

/** An outline counted as a preview counts it: with what decides about it before or after, and nothing else. */
function groupOf({ content, said }: Outline, before: Versions, after: Versions): AnnotationGroup {
  const { classId, under: stamp, shape, areaUm2, attributes } = content;
  const place = { personId: aPersonId("p"), slideId: aSlideId("s"), layerId: aLayerId("l"), count: 1 };
  const pair = { classId, under: stamp, shape };
  const asked = askedPair(pair, [before, after]);
  if (asked === null) return { classId, stamp, shape, ...place };
  const [inForce = [], inDraft = []] = [before, after].map((versions, index) =>
    violationsBy(versions)(pair, broken(asked.bounds[index], areaUm2), []),
  );
  const valid = said.filter(({ contentHash }) => contentHash === hashOf(content));
  const keeps = valid.flatMap(({ verdict, version }) => (verdict === "keep" ? [version] : []));
  const verdicts = { keeps: [...new Set(keeps)].sort((a, b) => a - b), handedOn: 0 };
  const violations = { before: inForce, after: inDraft };
  return { classId, stamp, shape, ...place, attributes: heldOf(attributes, asked.attributeIds), verdicts, violations };
}

/** What is said of an outline as it counts today, numbers with as many digits as people write. */
function saidOf({ content }: Outline, classId: ClassId, versions: Versions): Record<string, string> {
  const { under: stamp, attributes } = content;
  return Object.fromEntries(
    Object.entries(effectiveAttributes({ classId, stamp, attributes }, versions)).map(([id, value]) => {
      const number = Number(value);
      return [
        id,
        Number.isFinite(number) && content.numbers[id] !== undefined ? String(Number(number.toPrecision(12))) : value,
      ];
    }),
  );
}

/** The class that is certain, what is said, and what is asked. */
function saidAt(outline: Outline, versions: Versions) {
  const { questions } = standingOf(outline, versions);
  const { certain } = slowOf(outline, versions);
  return { certain, values: certain === null ? {} : saidOf(outline, certain, versions), questions };
}
