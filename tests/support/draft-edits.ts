import fc from "fast-check";
import type { DraftState } from "#domain/draft-merge.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { aClass, aClassId, aGuideline, declare, withClass, withClasses } from "./builders.ts";

/** A draft, and edits of it, for tests of joining. */
export const base: DraftState = { content: aGuideline(["a", "b", "c"]), declarations: [declare.reword("a")] };
export const withContent = (content: GuidelineContent, of = base): DraftState => ({ ...of, content });

type Edit = (draft: DraftState) => DraftState;
const word = fc.stringMatching(/^[a-z ]{0,12}$/);
export const editClass =
  (name: string, field: "definition" | "include" | "boundary", text: string): Edit =>
  (draft) =>
    withContent(withClass(draft.content, name, { [field]: text }), draft);

/** Edits by the field they write: two of different fields never clash. */
export const anEdit: fc.Arbitrary<{ readonly field: string; readonly edit: Edit }> = fc.oneof(
  fc
    .tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("definition", "include", "boundary" as const), word)
    .map(([name, field, text]) => ({
      field: `${name}.${field}`,
      edit: editClass(name, field as "definition", text),
    })),
  word.map((introduction) => ({
    field: "introduction",
    edit: (draft: DraftState) => withContent({ ...draft.content, introduction }, draft),
  })),
  fc.integer({ min: 1, max: 9 }).map((quorum) => ({
    field: "quorum",
    edit: (draft: DraftState) => withContent({ ...draft.content, rules: { ...draft.content.rules, quorum } }, draft),
  })),
  fc.constantFrom("x", "y", "z").map((name) => ({
    field: `add ${name}`,
    edit: (draft: DraftState) =>
      draft.content.classes.some(({ id }) => id === aClassId(name))
        ? draft
        : withContent(withClasses(draft.content, aClass(name)), draft),
  })),
);
export const applied = (edits: readonly { readonly edit: Edit }[], start = base): DraftState =>
  edits.reduce((draft, { edit }) => edit(draft), start);
export const byId = (draft: DraftState) => ({
  ...draft,
  content: { ...draft.content, classes: [...draft.content.classes].sort((a, b) => (a.id < b.id ? -1 : 1)) },
});
