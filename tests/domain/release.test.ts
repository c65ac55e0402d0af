import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blockerCodeSchema,
  blockers,
  canonicalJson,
  type LeftOut,
  type ManifestInput,
  manifest,
  type PrintedWaiver,
  type ReleaseFacts,
  SPLIT_PARTS,
  splitByCase,
  type Waiver,
} from "#domain/release.ts";
import { aCaseId, aClassId, aLayerId, aPersonId, aSlideId } from "#tests/support/builders.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
const cases = Array.from({ length: 10 }, (_, index) => aCaseId(`case00${index}0`));
const fractions = { train: 0.7, validation: 0.1, test: 0.2 };

const clear: ReleaseFacts = {
  guidelineNumber: 2,
  slides: [{ slideId: aSlideId("s"), hasGroundTruth: true }],
  unsubmittedReads: [],
  blindedRounds: [],
  staleItems: [],
  undecidedItems: [],
  openTasks: [],
  undecidedDisputes: [],
  blockingFindings: [],
};
const subject = (id: string) => ({ id, slideId: aSlideId("s"), layerId: aLayerId("l") });

describe("what blocks a release", () => {
  test("[REL1] nothing blocks where everything is done", () => {
    expect(blockers(clear)).toEqual([]);
  });

  test("[REL2] every kind of open business blocks by itself, with its number and the ids to link to", () => {
    const one = [subject("x")];
    const open: [string, Partial<ReleaseFacts>][] = [
      ["no-guideline", { guidelineNumber: null }],
      ["no-slides", { slides: [] }],
      ["unsubmitted-reads", { unsubmittedReads: one }],
      ["blinded-rounds", { blindedRounds: one }],
      ["stale-items", { staleItems: one }],
      ["undecided-items", { undecidedItems: one }],
      ["open-tasks", { openTasks: one }],
      ["undecided-disputes", { undecidedDisputes: one }],
      ["blocking-findings", { blockingFindings: one }],
      ["no-ground-truth", { slides: [{ slideId: aSlideId("t"), hasGroundTruth: false }] }],
    ];
    expect(open.map(([code]) => code)).toEqual(blockerCodeSchema.options);
    for (const [code, change] of open) {
      expect(blockers({ ...clear, ...change })).toMatchObject([{ code, count: 1, waived: 0 }]);
    }
    const two = blockers({ ...clear, staleItems: [subject("x"), subject("y")], openTasks: one });
    expect(two).toMatchObject([
      { code: "stale-items", count: 2, subjects: [{ id: "x" }, { id: "y" }] },
      { code: "open-tasks", count: 1 },
    ]);
  });

  test("[REL3] a waiver with a reason excuses what it names until it expires, and never a missing read or guideline", () => {
    const waiver = (change: Partial<Waiver> = {}): Waiver => ({
      code: "stale-items",
      subjectIds: ["x"],
      reason: "scanner fault",
      approvedBy: aPersonId("lead"),
      expiresAt: "2030-01-01T00:00:00.000Z",
      ...change,
    });
    const at = "2029-01-01T00:00:00.000Z";
    const facts = { ...clear, staleItems: [subject("x"), subject("y")], unsubmittedReads: [subject("x")] };
    const withWaiver = (each: Waiver) =>
      blockers(facts, { waivers: [each], at }).map(({ code, count, waived }) => [code, count, waived]);
    const none = [
      ["unsubmitted-reads", 1, 0],
      ["stale-items", 2, 0],
    ];
    expect(withWaiver(waiver())).toEqual([
      ["unsubmitted-reads", 1, 0],
      ["stale-items", 1, 1],
    ]);
    expect(withWaiver(waiver({ expiresAt: "2028-01-01T00:00:00.000Z" }))).toEqual(none);
    expect(withWaiver(waiver({ reason: " " }))).toEqual(none);
    expect(withWaiver(waiver({ code: "open-tasks" }))).toEqual(none);
    expect(withWaiver(waiver({ code: "unsubmitted-reads" }))).toEqual(none);
  });
});

describe("the split", () => {
  test("[REL4] puts every case in one part, the same one whatever the order of the cases", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(10), (seed, count) => {
        const some = cases.slice(0, count);
        const split = splitByCase([...some, ...some], fractions, seed);
        expect([...split.keys()].sort()).toEqual(some.toSorted());
        expect(splitByCase(some.toReversed(), fractions, seed)).toEqual(split);
      }),
    );
  });

  test("[REL5] keeps to the fractions within one case, and leaves no wanted part empty where there are enough cases", () => {
    const weights = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).filter((each) => each.some((weight) => weight > 0));
    fc.assert(
      fc.property(fc.nat(), fc.nat(40), weights, (seed, count, [train, validation, rest]) => {
        const total = train + validation + rest;
        const wanted = { train: train / total, validation: validation / total, test: rest / total };
        const ids = Array.from({ length: count }, (_, index) => aCaseId(`many${1_000 + index}`));
        const split = splitByCase(ids, wanted, seed);
        const parts = SPLIT_PARTS.filter((part) => wanted[part] > 0);
        for (const part of SPLIT_PARTS) {
          const size = [...split.values()].filter((each) => each === part).length;
          if (wanted[part] === 0) expect(size).toBe(0);
          else if (count >= parts.length) expect(size).toBeGreaterThan(0);
          expect(size).toBeLessThan(wanted[part] * count + 1 + 1e-6);
        }
        expect(split.size).toBe(count);
      }),
    );
    const ten = [...splitByCase(cases, fractions, 5).values()];
    expect(SPLIT_PARTS.map((part) => ten.filter((each) => each === part).length)).toEqual([7, 1, 2]);
  });

  test("[REL6] differs with the seed, and refuses fractions that are none", () => {
    expect(splitByCase(cases, fractions, 1)).not.toEqual(splitByCase(cases, fractions, 2));
    for (const bad of [{ train: 0.5 }, { train: 1.1, test: -0.1 }, { train: Number.NaN }]) {
      expect(() => splitByCase(cases, Object.assign({ train: 0, validation: 0, test: 0 }, bad), 1)).toThrow(RangeError);
    }
  });
});

describe("the manifest", () => {
  const slide = (name: string, patient: string) => ({
    id: aSlideId(name),
    name,
    caseId: aCaseId(patient),
    caseName: patient,
    widthPx: 100,
    heightPx: 50,
    mpp: 0.25,
    sha256: "00",
    annotations: 3,
  });
  const input: ManifestInput = {
    project: { id: "project0", name: "Colon" },
    release: { number: 1, name: "first" },
    guidelineNumber: 2,
    classes: [{ id: "aaaaaaaa", name: "tumour", colour: "#ff0000", annotations: 3, areaUm2: 12.5 }],
    slides: [slide("s", "p"), slide("t", "p"), slide("u", "q")],
    split: { seed: 4, fractions },
    waivers: [],
    leftOut: [],
    files: [
      { path: "b.geojson", content: "größer" },
      { path: "a.geojson", content: "" },
    ],
    licence: null,
  };

  test("[REL7] names every file by the hash and length of its bytes", () => {
    const { text, files } = manifest(input, sha256);
    expect(files).toEqual([
      { path: "a.geojson", sha256: sha256(""), bytes: 0 },
      { path: "b.geojson", sha256: sha256("größer"), bytes: 8 },
    ]);
    expect(JSON.parse(text)).toMatchObject({
      guidelineNumber: 2,
      files,
      classes: input.classes,
      split: { by: "case", seed: 4 },
    });
  });

  test("[REL8] is the same bytes for the same content, whatever the order of slides, files and keys", () => {
    const { files, slides, ...rest } = input;
    const turned = { slides: slides.toReversed(), files: files.toReversed(), ...rest };
    expect(manifest(turned, sha256)).toEqual(manifest(input, sha256));
    const changed = { ...input, files: [{ path: "a.geojson", content: "x" }] };
    expect(manifest(changed, sha256).text).not.toBe(manifest(input, sha256).text);
  });

  test("[REL9] has both slides of a case in the same part, and prints the waivers and what was left out", () => {
    const waiver: PrintedWaiver = {
      id: "waiver",
      scope: { kind: "class", classId: aClassId("a") },
      version: 2,
      reason: "why",
      approvedBy: aPersonId("lead"),
      expiresAt: "2030-01-01T00:00:00.000Z",
    };
    const left: LeftOut = { version: 2, change: `narrow:${aClassId("a")}`, drop: ["review"], reason: "few" };
    const parsed = JSON.parse(manifest({ ...input, waivers: [waiver], leftOut: [left] }, sha256).text);
    expect(parsed.leftOut).toEqual([left]);
    expect(parsed.slides[0].part).toBe(parsed.slides[1].part);
    expect(SPLIT_PARTS).toContain(parsed.slides[2].part);
    expect(parsed.waivers).toEqual([waiver]);
  });

  test("[REL10] canonical JSON has one text for one value, and none for a number that is not finite", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
    expect(() => canonicalJson([1n])).toThrow(TypeError);
  });
});
