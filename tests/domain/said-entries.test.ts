import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { LayerDoc } from "#domain/layer-doc.ts";
import { aClassId, anAnnotation } from "#tests/support/builders.ts";

const STROMA = aClassId("stroma");
const OUTLINE = anAnnotation("one");

describe("what two people say at once", () => {
  it("[ATR13] of two attributes both stay, beside a change of class, whatever order they arrive in", () => {
    const NAMES = ["grade", "size", "pattern"];
    const word = fc.constantFrom("one", "two", null);
    const words = fc.dictionary(fc.constantFrom(...NAMES), word);
    fc.assert(
      fc.property(words, words, fc.boolean(), fc.boolean(), (first, second, reclassed, late) => {
        const [ada, bea] = [new LayerDoc(new Y.Doc()), new LayerDoc(new Y.Doc())];
        ada.put({ ...OUTLINE, attributes: { grade: "one", stain: "HE" } });
        Y.applyUpdate(bea.doc, Y.encodeStateAsUpdate(ada.doc));
        const start = ada.get(OUTLINE.id)!.attributes;
        say(ada, first);
        if (reclassed) bea.reclass(OUTLINE.id, STROMA, 2);
        say(bea, second);
        const [one, other] = late ? [bea, ada] : [ada, bea];
        Y.applyUpdate(one.doc, Y.encodeStateAsUpdate(other.doc));
        Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(one.doc));
        const now = ada.get(OUTLINE.id)!;
        expect(bea.get(OUTLINE.id)).toEqual(now);
        expect(now.classId === STROMA).toBe(reclassed);
        expect(now.attributes["stain"]).toBe("HE");
        for (const name of NAMES) {
          const before = start[name] ?? null;
          const wanted = [first[name], second[name]].filter((each) => each !== undefined && each !== before);
          expect(wanted.length === 0 ? [before] : wanted).toContain(now.attributes[name] ?? null);
        }
      }),
    );
  });

  it("[ATR13] and taking one's own back leaves the other's; a deletion takes all", () => {
    const [ada, bea] = [new LayerDoc(new Y.Doc()), new LayerDoc(new Y.Doc())];
    ada.put(OUTLINE);
    Y.applyUpdate(bea.doc, Y.encodeStateAsUpdate(ada.doc));
    const undo = ada.undoManager();
    say(ada, { grade: "one" });
    say(bea, { size: "2" });
    Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(bea.doc));
    expect(ada.get(OUTLINE.id)?.attributes).toEqual({ grade: "one", size: "2" });
    undo.undo();
    expect(ada.get(OUTLINE.id)?.attributes).toEqual({ size: "2" });
    ada.remove(OUTLINE.id);
    expect([ada.doc.getMap("attr").size, ada.get(OUTLINE.id)]).toEqual([0, null]);
    ada.put(OUTLINE);
    expect(ada.get(OUTLINE.id)?.attributes).toEqual({});
    undo.destroy();
  });
});

function say(layer: LayerDoc, words: Readonly<Record<string, string | null>>): void {
  layer.transact(() => {
    for (const [name, value] of Object.entries(words)) {
      const { [name]: _before, ...others } = layer.get(OUTLINE.id)!.attributes;
      layer.setAttributes(OUTLINE.id, value === null ? others : { ...others, [name]: value });
    }
  });
}
