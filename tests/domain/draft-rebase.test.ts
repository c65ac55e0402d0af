import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameDraft } from "#domain/draft-merge.ts";
import { rebaseDraft } from "#domain/draft-rebase.ts";
import type { Declaration, GuidelineContent } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import { aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { anEdit, applied, base, byId } from "#tests/support/draft-edits.ts";

const START: GuidelineContent = base.content;
const drafted = { content: START, declarations: [] };
const edits = fc.array(anEdit, { maxLength: 6 });
const alone = (newest: GuidelineContent) => ({ newest, stored: null });

describe("putting a late draft on the newest version", () => {
  it("[RBS1] what does not clash is there from both", () => {
    fc.assert(
      fc.property(edits, edits, (left, right) => {
        const taken = new Set(left.map(({ field }) => field));
        const others = right.filter(({ field }) => !taken.has(field));
        const [late, published] = [applied(left, drafted), applied(others, drafted)];
        const rebased = rebaseDraft({ from: START, draft: late }, alone(published.content));
        expect(rebased.clashes).toEqual([]);
        expect(byId(rebased.draft)).toEqual(byId(applied([...left, ...others], drafted)));
        expect(rebased.brings).toBe(!isSameDraft(rebased.draft, published));
      }),
    );
  });

  it("[RBS2] a clash names both texts, and the one that is chosen stands; without a choice the published one does", () => {
    fc.assert(
      fc.property(edits, edits, fc.boolean(), (left, right, isMine) => {
        const [late, published] = [applied(left, drafted), applied(right, drafted)];
        const onto = alone(published.content);
        const open = rebaseDraft({ from: START, draft: late }, onto);
        const choices = Object.fromEntries(open.clashes.map(({ path }) => [path, isMine ? "mine" : "theirs"] as const));
        const chosen = rebaseDraft({ from: START, draft: late }, onto, choices);
        expect(chosen.clashes).toEqual([]);
        if (!isMine) expect(chosen.draft).toEqual(open.draft);
        // Joined the other way round, what one takes is what the other leaves.
        const mirrored = rebaseDraft({ from: START, draft: published }, alone(late.content));
        if (isMine) expect(byId(chosen.draft)).toEqual(byId(mirrored.draft));
      }),
    );
  });

  it("[RBS3] nothing is lost: each thing that the late draft wrote is in it, or named as a clash", () => {
    const text = fc.stringMatching(/^[a-z]{1,6}$/);
    const words = fc.record({ definition: text, include: text, boundary: text });
    fc.assert(
      fc.property(words, words, (mine, theirs) => {
        const late = { content: withClass(START, "a", mine), declarations: [] };
        const published = withClass(START, "a", theirs);
        const { draft, clashes } = rebaseDraft({ from: START, draft: late }, alone(published));
        const there = draft.content.classes.find(({ id }) => id === aClassId("a"));
        for (const field of ["definition", "include", "boundary"] as const) {
          const clash = clashes.find(({ path }) => path === `content/classes/${aClassId("a")}/${field}`);
          expect(clash === undefined ? there?.[field] : clash.mine).toBe(mine[field]);
          if (clash !== undefined) expect(clash.theirs).toBe(theirs[field]);
        }
      }),
    );
  });

  it("[RBS4] putting it there twice changes nothing, and on its own version it stays as it is", () => {
    fc.assert(
      fc.property(edits, edits, (left, right) => {
        const [late, published] = [applied(left, drafted), applied(right, drafted)];
        const once = rebaseDraft({ from: START, draft: late }, alone(published.content));
        const twice = rebaseDraft({ from: published.content, draft: once.draft }, alone(published.content));
        expect(twice).toMatchObject({ draft: once.draft, clashes: [], overtaken: [] });
        // Stored by now, it brings nothing any more.
        const stored = { newest: published.content, stored: once.draft };
        const again = rebaseDraft({ from: published.content, draft: once.draft }, stored);
        expect(again).toMatchObject({ draft: once.draft, clashes: [], brings: false });
        expect(rebaseDraft({ from: START, draft: late }, alone(START)).draft).toEqual(late);
      }),
    );
  });

  it("[RBS5] what was said about changes that are published, or have become others, is handed back; the rest stands", () => {
    const from = aGuideline(["a", "b", "c", "d"]);
    const worded = withClass(withClass(from, "a", { definition: "less" }), "b", { definition: "more" });
    const retired = withClass(worded, "c", { retired: true });
    const weak: Declaration = { kind: "weaken", change: `narrow:${aClassId("a")}`, drop: ["review"], reason: "few" };
    const said = [declare.narrow("a"), declare.broaden("b", "d"), declare.retire("c", "d"), weak];
    const late = { from, draft: { content: retired, declarations: said } };
    // Somebody narrowed a in the same words, and retired c in favour of nothing.
    const published = withClass(withClass(from, "a", { definition: "less" }), "c", { retired: true });
    const { draft, overtaken, clashes, brings } = rebaseDraft(late, alone(published));
    expect([clashes, brings]).toEqual([[], true]);
    expect(draft.declarations).toEqual([declare.broaden("b", "d")]);
    expect(overtaken).toEqual([declare.narrow("a"), declare.retire("c", "d"), weak]);
    const diff = diffGuidelines(published, draft.content, draft.declarations);
    expect(diff).toMatchObject({ ok: true, value: [{ kind: "broaden" }] });
    expect(rebaseDraft(late, alone(retired))).toMatchObject({ brings: false, overtaken: said });
    const stored = { content: withClass(published, "d", { name: "other" }), declarations: [] };
    expect(rebaseDraft(late, { newest: published, stored }).draft.content.classes[3]?.name).toBe("other");
    expect(rebaseDraft({ from: null, draft: late.draft }, alone(retired)).brings).toBe(false);
  });
});
