import { type DraftClash, type DraftState, isSameDraft, mergeDrafts, takeMine } from "./draft-merge.ts";
import { isBorneOut } from "./guideline/declared.ts";
import { changeKey } from "./guideline/outcomes.ts";
import type { Declaration, GuidelineContent } from "./guideline.ts";
import { diffGuidelines } from "./guideline-diff.ts";

/** Whose text stands where both wrote on a field, by the path of the clash. */
export type ClashChoices = Readonly<Record<string, "mine" | "theirs">>;

export type Rebased = {
  readonly draft: DraftState;
  /** What both wrote differently and nobody has chosen yet; what is published, or stored, stands meanwhile. */
  readonly clashes: readonly DraftClash[];
  /** What the late draft said about changes that it no longer makes: somebody else has made them, or made others. */
  readonly overtaken: readonly Declaration[];
  /** Whether anything of the late draft is in it that is not there already. */
  readonly brings: boolean;
};

/**
 * Puts a draft that follows an older version on the newest one, field by field (docs/decisions/0011): what the late draft
 * changed is taken from it, what versions since changed is taken from them. Nothing that either wrote is lost without being
 * named: a field that both changed is a clash, and a declaration about a change that is no longer made is handed back.
 * @param late.from the version that the draft followed; null where it followed none
 * @param onto the newest version, and the draft that somebody has begun on it meanwhile
 */
export function rebaseDraft(
  late: { readonly from: GuidelineContent | null; readonly draft: DraftState },
  onto: { readonly newest: GuidelineContent; readonly stored: DraftState | null },
  choices: ClashChoices = {},
): Rebased {
  const base = late.from === null ? null : { content: late.from, declarations: [] };
  const theirs = onto.stored ?? { content: onto.newest, declarations: [] };
  const joined = mergeDrafts(base, late.draft, theirs);
  const taken = joined.clashes.filter(({ path }) => choices[path] === "mine");
  const chosen = taken.reduce(takeMine, joined.merged);
  const known = new Set(theirs.declarations.map((each) => JSON.stringify(each)));
  const [kept, overtaken] = parted(chosen, onto.newest, (each) => known.has(JSON.stringify(each)));
  const draft = { content: chosen.content, declarations: kept };
  const clashes = joined.clashes.filter(({ path }) => choices[path] === undefined);
  return { draft, clashes, overtaken, brings: !isSameDraft(draft, theirs) };
}

/** Declarations that the joined text bears out, and those that it no longer does. */
function parted(
  { content, declarations }: DraftState,
  newest: GuidelineContent,
  isStored: (declaration: Declaration) => boolean,
): [Declaration[], Declaration[]] {
  const pair = { before: byId(newest), after: byId(content) };
  const founded = declarations.filter((each) => isStored(each) || isBorneOut(each, pair));
  const changes = diffGuidelines(
    newest,
    content,
    founded.filter(({ kind }) => kind !== "weaken"),
  );
  // Where the text does not hold together yet, nobody can say which of its outcomes were left out.
  const keys = changes.ok ? new Set(changes.value.map(changeKey)) : null;
  const kept = founded.filter(
    (each) => each.kind !== "weaken" || isStored(each) || keys === null || keys.has(each.change),
  );
  return [kept, declarations.filter((each) => !kept.includes(each))];
}

function byId({ classes }: GuidelineContent) {
  return new Map(classes.map((each) => [each.id, each]));
}
