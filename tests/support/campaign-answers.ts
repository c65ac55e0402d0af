import type { ClassDefinition } from "#domain/guideline.ts";
import { saidNow } from "#domain/migration/said.ts";
import { checkAnswer, classesAt, type Question, type Staleness } from "#domain/migration.ts";
import {
  AREAS,
  hashOf,
  isLacking,
  newestOf,
  type Outline,
  restampedIn,
  type Said,
  slowOf,
  standingOf,
  type Value,
  valueFor,
  withValues,
} from "./campaign-outlines.ts";
import type { Versions } from "./slow-standing.ts";

type How = { readonly how: number; readonly pick: number };

/**
 * Answers everything that is asked about an outline, as a person would, and keeps what taking it back needs.
 * @param how 0 cannot tell, 1 draws it again, everything else keeps it; where a choice is open one is taken
 * @returns what was done; nothing where nothing is asked
 */
export function answer(outline: Outline, versions: Versions, { how, pick }: How): string[] {
  const standing = standingOf(outline, versions);
  const { questions } = standing;
  if (questions.length === 0) return [];
  const keys = new Set(questions.map(({ key }) => key));
  const choice = questions.find(({ kind }) => kind === "choose");
  const fallback = choice?.fallback ?? null;
  if (how === 0 && fallback === null) return word(outline, versions, { verdict: "cannot-tell", keys });
  const chosen = choice === undefined ? null : definitionOf(choice, versions, how === 0 ? fallback : null, pick);
  const given = chosen === null ? demanded(standing, versions, pick) : required(outline, versions, { chosen, pick });
  expectTaken(outline, versions, { standing, chosen, given });
  if (chosen === null && how !== 1 && given.length === 0) return word(outline, versions, { verdict: "keep", keys });
  put(outline, versions, { classId: chosen?.id ?? standing.classId, given, redrawn: how === 1 ? pick : null });
  outline.settled = { under: newestOf(versions).number, keys };
  const also = given.length > 0 ? " with a value" : "";
  if (chosen === null) return how === 1 ? ["drawn again"] : [`kept${also}`];
  return ["chosen", ...(also === "" ? [] : [`chosen${also}`]), ...(how === 0 ? ["fallen back"] : [])];
}

function word(outline: Outline, versions: Versions, { verdict, keys }: Pick<Said, "verdict" | "keys">): string[] {
  const { number: version } = newestOf(versions);
  const as = slowOf(outline, versions).certain;
  const said: Said = { verdict, keys, contentHash: hashOf(outline.content), version, as };
  outline.said = [...outline.said, said];
  outline.undo = [...outline.undo, { kind: "word", said }];
  return [verdict === "keep" ? "kept" : "handed on"];
}

/** One of the choices, the class that "cannot tell" leads to, or any class where none is left to choose from. */
function definitionOf(
  { options }: Question,
  versions: Versions,
  fallback: string | null,
  pick: number,
): ClassDefinition {
  const { byId, selectable } = classesAt(newestOf(versions).content);
  const offered = options.flatMap((id) => byId.get(id) ?? []);
  const among = offered.length > 0 ? offered : selectable;
  const found = among.find(({ id }) => id === fallback) ?? among[pick % among.length];
  if (found === undefined) throw new Error("there is no class to choose");
  return fallback === null ? found : (selectable.find(({ id }) => id === fallback) ?? found);
}

/** What a keep has to say. */
function demanded({ questions, classId }: Staleness, versions: Versions, pick: number): Value[] {
  const definition = classesAt(newestOf(versions).content).byId.get(classId);
  const asked = questions.flatMap(({ attribute }) => (attribute === null || attribute.mayStay ? [] : [attribute]));
  return (definition?.attributes ?? []).flatMap((each) => {
    const own = asked.find(({ attributeId }) => attributeId === each.id);
    return own === undefined ? [] : valueFor(each, 1 + pick, own.values.length > 0 ? own.values : undefined);
  });
}

/** What has to be said to choose a class. */
function required(
  { content }: Outline,
  versions: Versions,
  { chosen, pick }: { readonly chosen: ClassDefinition; readonly pick: number },
): Value[] {
  const held = saidNow(content, versions);
  const lacking = chosen.attributes.filter((each) => isLacking(each, held[each.id] ?? ""));
  return lacking.flatMap((each) => valueFor(each, 1 + pick));
}

type Answered = {
  readonly standing: Staleness;
  readonly chosen: ClassDefinition | null;
  readonly given: readonly Value[];
};

/** An answer with everything is taken, and one that lacks something is not. */
function expectTaken(outline: Outline, versions: Versions, answered: Answered): void {
  const held = saidNow(outline.content, versions);
  const { standing, chosen, given } = answered;
  const { content } = newestOf(versions);
  const said = chosen === null ? { verdict: "keep" as const } : { verdict: "choose" as const, classId: chosen.id };
  const attributes = Object.fromEntries(given.map(({ id, text }) => [id, text]));
  const fits = checkAnswer(standing, { ...said, attributes }, content, held);
  if (!fits.ok) throw new Error(`${fits.reason} ${JSON.stringify(fits.detail)}`);
  if (given.length > 0 && checkAnswer(standing, said, content, held).ok) {
    throw new Error(`${said.verdict} was taken without ${JSON.stringify(attributes)}`);
  }
}

type Put = {
  readonly classId: Outline["content"]["classId"];
  readonly given: readonly Value[];
  /** Null where the shape stays. */
  readonly redrawn: number | null;
};

function put(outline: Outline, versions: Versions, { classId, given, redrawn }: Put): void {
  const before = outline.content;
  const shape = redrawn === null ? {} : { shape: "polygon" as const, areaUm2: AREAS[redrawn % AREAS.length] ?? 0 };
  const stored = given.map((each) => ({ ...each, stored: each.text }));
  const moved = { ...restampedIn(before, versions), classId, ...shape };
  outline.content = withValues(moved, newestOf(versions).number, stored);
  outline.undo = [...outline.undo, { kind: "edit", before, after: hashOf(outline.content) }];
}
