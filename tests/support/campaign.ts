import fc from "fast-check";
import type { Shape } from "#domain/guideline.ts";
import { storedAttribute } from "#domain/migration/attributes.ts";
import { classesAt, resolve } from "#domain/migration.ts";
import { anAnnotationId } from "./builders.ts";
import { answer } from "./campaign-answers.ts";
import {
  AREAS,
  aContent,
  anOutline,
  hashOf,
  isAnswered,
  isRetypedSince,
  NOTHING_SETTLED,
  newestOf,
  type Outline,
  restampedIn,
  standingOf,
  until,
  valueFor,
  withValues,
} from "./campaign-outlines.ts";
import { wholeLineOf, wholeLines } from "./histories.ts";
import type { Versions } from "./slow-standing.ts";

/**
 * A campaign: versions are published one by one, some of them taken back; between them people draw (some under an old
 * version, since they were offline), say things about outlines, reshape them, delete and bring back, answer what is asked
 * and take answers back.
 */
export const SHAPES: readonly Shape[] = ["polygon", "box", "point", "line"];
const ACTS = ["answer", "answer", "answer", "answer", "answer", "reshape", "say", "delete", "bring back"] as const;

const draw = fc.record({
  pick: fc.nat(50),
  offline: fc.constantFrom(0, 0, 0, 1, 2),
  shape: fc.nat(6),
  area: fc.nat(3),
  says: fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
});
const act = fc.record({
  act: fc.constantFrom(...ACTS),
  item: fc.nat(50),
  how: fc.nat(4),
  pick: fc.nat(50),
  undone: fc.nat(4).map((pick) => pick === 1),
});
const step = fc.record({
  draws: fc.array(draw, { minLength: 2, maxLength: 4 }),
  acts: fc.array(act, { minLength: 3, maxLength: 8 }),
});

export const campaigns = fc.record({ line: wholeLines, steps: fc.array(step, { minLength: 7, maxLength: 7 }) });
export type Campaign = typeof campaigns extends fc.Arbitrary<infer Value> ? Value : never;
type Draw = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

const acting = (what: Act["act"], act: Partial<Act> = {}): Act => {
  return { item: 0, how: 2, pick: 0, undone: false, ...act, act: what };
};
const answering = (how: number, pick = 0): Act => acting("answer", { how, pick });
const drawing = (pick: number, of: Partial<Draw> = {}): Draw => {
  return { offline: 0, shape: 0, area: 1, says: [0, 0, 0], ...of, pick };
};

/** Everything that can be asked, done or become of an outline, so that no run is without it. */
export const EVERYTHING: Campaign = {
  line: wholeLineOf(
    [
      { kind: "geometry", subject: 3, other: 0 },
      { kind: "most", subject: 0, other: 2 },
      { kind: "value-end", subject: 2, other: 0, third: 0 },
      { kind: "merge", subject: 0, other: 3 },
    ],
    [{ kind: "rollback" }],
    [
      { kind: "geometry", subject: 3, other: 0 },
      { kind: "most", subject: 0, other: 2 },
      { kind: "demand", subject: 1, other: 0, third: 1 },
      { kind: "narrow", subject: 2 },
    ],
    [
      { kind: "merge", subject: 0, other: 2 },
      { kind: "boundary", subject: 1 },
      { kind: "retire", subject: 0 },
      { kind: "narrow", subject: 0 },
    ],
    [{ kind: "split", subject: 1, other: 0, third: 1 }],
  ),
  steps: [
    {
      draws: [
        drawing(0, { shape: 2 }),
        drawing(0, { area: 2 }),
        drawing(1),
        drawing(1),
        drawing(2, { says: [3, 1, 0] }),
        drawing(4),
      ],
      acts: [],
    },
    { draws: [], acts: [] },
    { draws: [drawing(2, { offline: 2 })], acts: [] },
    {
      draws: [],
      acts: [
        answering(2),
        acting("answer", { item: 1, undone: true }),
        answering(0),
        answering(2, 1),
        acting("answer", { item: 2, undone: true }),
        acting("say", { item: 4 }),
        acting("reshape", { item: 3 }),
        acting("delete", { item: 5 }),
        acting("bring back", { item: 5 }),
        acting("answer", { item: 5, how: 0 }),
      ],
    },
    { draws: [], acts: [acting("answer", { item: 4, how: 1 }), acting("answer", { item: 6, how: 1 })] },
    { draws: [], acts: [answering(0), answering(2, 1), answering(2, 2)] },
  ],
};

/** A class becomes stricter, is merged and comes back: so does what is asked of who violates it. */
export const BROUGHT_BACK: Campaign = {
  line: wholeLineOf(
    [{ kind: "most", subject: 0, other: 2 }],
    [{ kind: "merge", subject: 0, other: 2 }],
    [{ kind: "restore" }],
  ),
  steps: [
    { draws: [drawing(0, { area: 2 })], acts: [] },
    ...Array.from({ length: 3 }, () => ({ draws: [], acts: [] })),
  ],
};

/** Plays a campaign; `look` sees the outlines that are there at the end of each version. */
export class Play {
  readonly outlines: Outline[] = [];
  /** What was done, how often. */
  readonly did = new Map<string, number>();
  /** Facts that somebody was asked who had answered them. */
  readonly twice: string[] = [];
  readonly #campaign: Campaign;

  constructor(campaign: Campaign) {
    this.#campaign = campaign;
  }

  run(look: (number: number, outlines: readonly Outline[]) => void = () => undefined): void {
    const { line, steps } = this.#campaign;
    for (const [index, { draws, acts }] of steps.slice(0, line.versions.length + 1).entries()) {
      const number = index + 1;
      if (line.versions[index - 1]?.takesBack != null) this.#count("taken back");
      for (const each of draws) this.#draw(until(line, Math.max(1, number - each.offline)), number, each);
      for (const each of acts) this.#act(until(line, number), each);
      look(
        number,
        this.outlines.filter(({ isDeleted }) => !isDeleted),
      );
    }
  }

  #count(what: string): void {
    this.did.set(what, (this.did.get(what) ?? 0) + 1);
  }

  #draw(versions: Versions, number: number, { pick, shape, area, says }: Draw): void {
    const newest = newestOf(versions);
    const { selectable } = classesAt(newest.content);
    const definition = selectable[pick % Math.max(1, selectable.length)];
    if (definition === undefined) return;
    const given = definition.attributes
      .filter(({ retired }) => !retired)
      .flatMap((each, index) => valueFor(each, says[index % says.length] ?? 0));
    const drawn = { shape: SHAPES[shape] ?? "polygon", area, given };
    const content = aContent(definition, newest.number, drawn);
    this.outlines.push(anOutline(anAnnotationId(`o${this.outlines.length}x`), content));
    this.#count(newest.number < number ? "drawn offline" : "drawn");
    if (given.length > 0) this.#count("drawn with values");
  }

  #act(versions: Versions, { act: what, item, how, pick, undone }: Act): void {
    const outline = this.outlines[item % Math.max(1, this.outlines.length)];
    if (outline === undefined) return;
    if (undone) this.#undo(outline);
    else if (what === "bring back") {
      if (outline.isDeleted) this.#count("brought back");
      outline.isDeleted = false;
    } else if (outline.isDeleted) return;
    else if (what === "delete") {
      outline.isDeleted = true;
      this.#count("deleted");
    } else if (what === "reshape") this.#reshape(outline, versions, how);
    else if (what === "say") this.#say(outline, versions, pick);
    else this.#answer(this.#askedFrom(item, versions) ?? outline, versions, { how, pick });
  }

  /** The next outline about which something is asked, as a walk finds it. */
  #askedFrom(item: number, versions: Versions): Outline | undefined {
    const from = item % this.outlines.length;
    const inOrder = [...this.outlines.slice(from), ...this.outlines.slice(0, from)];
    return inOrder.find((each) => !each.isDeleted && standingOf(each, versions).questions.length > 0);
  }

  #undo(outline: Outline): void {
    const last = outline.undo.at(-1);
    if (last === undefined) return;
    const now = outline.isDeleted ? null : hashOf(outline.content);
    if (last.kind === "edit" && now !== last.after) return;
    outline.undo = outline.undo.slice(0, -1);
    if (last.kind === "word") outline.said = outline.said.filter((each) => each !== last.said);
    else {
      outline.content = last.before;
      outline.isDeleted = false;
      outline.settled = NOTHING_SETTLED;
    }
    this.#count(last.kind === "word" ? "word undone" : "edit undone");
  }

  /** Drawn elsewhere without being asked: the stored class stays, the stamp is that of the hand that draws. */
  #reshape(outline: Outline, versions: Versions, how: number): void {
    const { content } = outline;
    outline.content = {
      ...restampedIn(content, versions),
      areaUm2: content.areaUm2 === 0 ? 0 : (AREAS[how % AREAS.length] ?? 0),
    };
    this.#count("reshaped");
  }

  /** Said beside the tasks: the stamp stays. */
  #say(outline: Outline, versions: Versions, pick: number): void {
    const { content } = outline;
    const { classId, under: stamp } = content;
    const held = resolve(classId, stamp, versions, content.shape).classId;
    const { byId } = classesAt(newestOf(versions).content);
    const open = (byId.get(held)?.attributes ?? []).filter(({ retired }) => !retired);
    const definition = open[pick % Math.max(1, open.length)];
    if (definition === undefined || isRetypedSince(definition, { classId: held, stamp }, versions)) return;
    const [value] = valueFor(definition, 1 + pick);
    if (value === undefined) return;
    const stored = storedAttribute(
      { attributeId: definition.id, value: value.text },
      { classId: held, stamp },
      versions,
    );
    outline.content = withValues(content, newestOf(versions).number, [{ ...value, stored }]);
    this.#count("said by itself");
  }

  #answer(outline: Outline, versions: Versions, how: Pick<Act, "how" | "pick">): void {
    for (const question of standingOf(outline, versions).questions) {
      if (isAnswered(outline, question)) this.twice.push(`${question.key} of ${question.version}`);
    }
    for (const what of answer(outline, versions, how)) this.#count(what);
  }
}
