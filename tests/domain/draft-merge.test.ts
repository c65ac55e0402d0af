import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeDrafts, takeMine } from "#domain/draft-merge.ts";
import { aClassId, declare, withClass } from "#tests/support/builders.ts";
import { anEdit, applied, base, byId, editClass, withContent } from "#tests/support/draft-edits.ts";

describe("joining two leads' edits of a draft", () => {
  it("[GED1] what only one of them changed is taken from them", () => {
    fc.assert(
      fc.property(fc.array(anEdit, { maxLength: 6 }), (edits) => {
        const edited = applied(edits);
        expect(mergeDrafts(base, base, edited)).toEqual({ merged: edited, clashes: [], brings: false });
        expect(mergeDrafts(base, edited, base)).toMatchObject({ merged: edited, clashes: [] });
        expect(mergeDrafts(base, edited, edited)).toEqual({ merged: edited, clashes: [], brings: false });
      }),
    );
  });

  it("[GED2] edits of different fields are both there, whoever saved first", () => {
    fc.assert(
      fc.property(fc.array(anEdit, { maxLength: 6 }), fc.array(anEdit, { maxLength: 6 }), (left, right) => {
        const taken = new Set(left.map(({ field }) => field));
        const others = right.filter(({ field }) => !taken.has(field));
        const [mine, theirs] = [applied(left), applied(others)];
        const all = applied([...left, ...others]);
        const [one, two] = [mergeDrafts(base, mine, theirs), mergeDrafts(base, theirs, mine)];
        expect(one.clashes).toEqual([]);
        expect(two.clashes).toEqual([]);
        expect(byId(one.merged)).toEqual(byId(all));
        expect(byId(two.merged)).toEqual(byId(all));
      }),
    );
  });

  it("[GED3] the same field changed by both is named with both values; taking mine puts it there", () => {
    fc.assert(
      fc.property(fc.array(anEdit, { maxLength: 6 }), fc.array(anEdit, { maxLength: 6 }), (left, right) => {
        const [mine, theirs] = [applied(left), applied(right)];
        const { merged, clashes } = mergeDrafts(base, mine, theirs);
        const settled = clashes.reduce(takeMine, merged);
        // Settled for oneself, a second merge over what was stored then brings one's own words and clashes with nothing.
        expect(byId(mergeDrafts(theirs, settled, theirs).merged)).toEqual(byId(settled));
        expect(byId(mergeDrafts(base, theirs, mine).merged)).toEqual(byId(settled));
      }),
    );
    const mine = editClass("a", "definition", "mine")(base);
    const theirs = editClass("a", "definition", "theirs")(base);
    const { clashes, merged } = mergeDrafts(base, mine, theirs);
    expect(clashes).toEqual([{ path: `content/classes/${aClassId("a")}/definition`, mine: "mine", theirs: "theirs" }]);
    expect(merged).toEqual(theirs);
  });

  it("[GED4] lists are joined by member; a class that one took out and the other wrote on is a clash", () => {
    const look = (name: string, ...others: string[]) =>
      withContent(withClass(base.content, name, { lookAlikes: others.map(aClassId) }));
    const { merged } = mergeDrafts(base, look("a", "b"), look("a", "c"));
    expect(merged.content.classes[0]?.lookAlikes.toSorted()).toEqual([aClassId("b"), aClassId("c")]);

    const said = (...names: string[]) => ({ ...base, declarations: names.map((name) => declare.narrow(name)) });
    expect(mergeDrafts(base, said("b"), said("c")).merged.declarations).toEqual([
      declare.narrow("c"),
      declare.narrow("b"),
    ]);

    const without = withContent({ ...base.content, classes: base.content.classes.slice(1) });
    const written = editClass("a", "definition", "theirs")(base);
    const removed = mergeDrafts(base, without, written);
    expect(removed.clashes).toMatchObject([{ path: `content/classes/${aClassId("a")}`, mine: undefined }]);
    expect(removed.merged).toEqual(written);
    const [clash] = removed.clashes;
    expect(clash && takeMine(removed.merged, clash)).toEqual(without);

    const [a, b, c] = base.content.classes;
    const moved = withContent({ ...base.content, classes: [c, a, b].flatMap((each) => each ?? []) });
    expect(mergeDrafts(base, moved, written).merged.content.classes.map(({ id }) => id)).toEqual(
      moved.content.classes.map(({ id }) => id),
    );
  });
});
