import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cropAround } from "#domain/crop.ts";
import { can, type Member, type PlaceSubject, type QuestionSubject } from "#domain/permissions.ts";
import { mayBecome, placeSchema, questionStateSchema } from "#domain/question.ts";
import { aLayerId, anAnnotationId, aPersonId, aProjectId, aSlideId } from "#tests/support/builders.ts";

const projectId = aProjectId("p");
const member = (name: string, role: Member["role"]): Member => ({ personId: aPersonId(name), projectId, role });

function place(addedBy: string, blind: readonly string[] = []): PlaceSubject {
  const slideBlindReaderIds = blind.map(aPersonId);
  return { projectId, addedBy: aPersonId(addedBy), slideBlindReaderIds, placeLayer: null, placeRound: null };
}
const about = (askedBy: string, ...places: PlaceSubject[]): QuestionSubject => ({
  projectId,
  askedBy: aPersonId(askedBy),
  places,
});

describe("questions about the guideline", () => {
  it("[QST1] goes from open to answered, to a change of the draft, or closed, and can be asked again", () => {
    const states = questionStateSchema.options;
    const steps = states.flatMap((from) => states.filter((to) => mayBecome(from, to)).map((to) => `${from}>${to}`));
    expect(steps.sort()).toEqual([
      "answered>became-draft-change",
      "answered>closed",
      "answered>open",
      "became-draft-change>answered",
      "became-draft-change>open",
      "closed>open",
      "open>answered",
      "open>became-draft-change",
      "open>closed",
    ]);
  });

  it("[QST2] of another is kept from who reads blind on one of its slides; of one's own only the rest is", () => {
    const question = about("a", place("a", ["b"]), place("c"));
    for (const action of ["question.see", "question.discuss"] as const) {
      expect(can(member("b", "annotator"), action, question)).toBe(false);
      expect(can(member("c", "annotator"), action, question)).toBe(true);
    }
    const own = about("b", place("b", ["b"]), place("a", ["b"]));
    expect(can(member("b", "annotator"), "question.see", own)).toBe(true);
    expect(can(member("b", "annotator"), "question.discuss", own)).toBe(false);
    expect(can(member("b", "lead"), "question.settle", own)).toBe(false);
    expect(can(member("d", "lead"), "question.settle", own)).toBe(true);
    expect(can(member("d", "adjudicator"), "question.settle", own)).toBe(false);
    expect(can({ ...member("d", "lead"), projectId: aProjectId("q") }, "question.see", own)).toBe(false);
  });

  it("[QST3] a place in a dispute is for who may see the round; one on a layer for who may see the layer", () => {
    const round = { projectId, unblinded: false, roundReaderIds: [aPersonId("b")], slideBlindReaderIds: [] };
    const dispute = { ...place("a"), placeRound: round };
    expect(can(member("d", "lead"), "question.place", dispute)).toBe(true);
    expect(can(member("b", "lead"), "question.place", dispute)).toBe(false);
    expect(can(member("j", "adjudicator"), "question.place", dispute)).toBe(false);
    expect(
      can(member("j", "adjudicator"), "question.place", { ...dispute, placeRound: { ...round, unblinded: true } }),
    ).toBe(true);
    const placeLayer = {
      ...round,
      kind: "read" as const,
      readerId: aPersonId("a"),
      mode: "blind" as const,
      state: "open" as const,
      slideBlindReaderIds: [],
    };
    expect(can(member("c", "annotator"), "question.place", { ...place("a"), placeLayer })).toBe(false);
    expect(can(member("a", "annotator"), "question.place", { ...place("d"), placeLayer })).toBe(true);
  });

  it("[QST4] a place without extent, of infinite size, or of an unknown kind is refused", () => {
    const region = (box: unknown) => placeSchema.safeParse({ kind: "region", slideId: aSlideId("s"), box }).success;
    expect(region([0, 0, 10, 10])).toBe(true);
    for (const box of [
      [0, 0, 0, 10],
      [10, 0, 0, 10],
      [0, 0, Number.POSITIVE_INFINITY, 1],
      [0, 0, Number.NaN, 1],
      [0, 0, 1e9, 1e9],
      [1, 2, 3],
      "0,0,1,1",
    ]) {
      expect(region(box), String(box)).toBe(false);
    }
    expect(placeSchema.safeParse({ kind: "nowhere" }).success).toBe(false);
    const outline = { kind: "outline", layerId: aLayerId("l"), annotationId: anAnnotationId("a") };
    expect(placeSchema.parse(outline)).toMatchObject({ reason: null, note: "", taskId: null });
  });
});

describe("crops", () => {
  it("[QST5] a crop is of whole pixels on the slide, holds the shape, and is square where the slide allows it", () => {
    const side = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        side,
        side,
        (width, height, left, top, w, h) => {
          const minX = Math.floor(left * (width - 1));
          const minY = Math.floor(top * (height - 1));
          const box = { minX, minY, maxX: Math.min(width, minX + w), maxY: Math.min(height, minY + h) };
          const crop = cropAround(box, { width, height });
          for (const value of Object.values(crop)) expect(Number.isInteger(value)).toBe(true);
          expect(crop.minX).toBeGreaterThanOrEqual(0);
          expect(crop.minY).toBeGreaterThanOrEqual(0);
          expect(crop.maxX).toBeLessThanOrEqual(width);
          expect(crop.maxY).toBeLessThanOrEqual(height);
          expect(crop.minX).toBeLessThanOrEqual(box.minX);
          expect(crop.maxX).toBeGreaterThanOrEqual(box.maxX);
          expect(crop.minY).toBeLessThanOrEqual(box.minY);
          expect(crop.maxY).toBeGreaterThanOrEqual(box.maxY);
          const [across, down] = [crop.maxX - crop.minX, crop.maxY - crop.minY];
          if (across !== down) expect(Math.min(across, down)).toBe(across < down ? width : height);
        },
      ),
    );
    const point = cropAround({ minX: 500, minY: 500, maxX: 500, maxY: 500 }, { width: 1_000, height: 1_000 });
    expect(point).toEqual({ minX: 436, minY: 436, maxX: 564, maxY: 564 });
  });
});
