import { expect, it } from "vitest";
import { type Exception, exceptionsOf } from "#client/exceptions.ts";
import { aClassId, anAnnotationId, aSlideId } from "#tests/support/builders.ts";

const slide = aSlideId("one");
const waiver = (id: string, about: Exception["about"], change: Partial<Exception> = {}): Exception => ({
  ...{ id, about, version: 2, reason: id, expiresAt: "2026-03-01T00:00:00Z" },
  ...change,
});
const at = (day: string) => () => Date.parse(day);
const standing = { classId: aClassId("a"), name: "a", colour: "#111111", state: "stale", askedBy: 2 } as const;
const outline = { id: anAnnotationId("x") };

it("[WAI22] an outline is excused by a waiver that names it, its class or its slide, until it ends and up to its version", () => {
  const excused = (waivers: readonly Exception[], change: object = {}, day = "2026-02-01") =>
    exceptionsOf(waivers, at(day))("layer", outline, { ...standing, ...change })?.id ?? null;
  const named = waiver("named", { kind: "annotations", outlines: [{ layerId: "layer", id: outline.id }] });
  const ofClass = waiver("class", { kind: "class", classId: aClassId("a") }, { expiresAt: "2026-04-01T00:00:00Z" });
  const ofSlide = waiver("slide", { kind: "slide", slideId: slide });
  for (const each of [named, ofClass, ofSlide]) {
    expect(excused([each])).toBe(each.id);
    expect(excused([each], { askedBy: 3 })).toBeNull();
    expect(excused([each], { state: "carried-over" })).toBeNull();
    expect(excused([each], {}, "2026-05-01")).toBeNull();
  }
  expect(excused([named, ofClass])).toBe("class");
  expect(excused([waiver("b", { kind: "class", classId: aClassId("b") })])).toBeNull();
  expect(excused([waiver("x", { kind: "annotations", outlines: [{ layerId: "twin", id: outline.id }] })])).toBeNull();
  expect(excused([])).toBeNull();
});
