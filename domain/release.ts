import { z } from "zod";
import type { Weakened } from "./guideline/change.ts";
import type { CaseId, LayerId, PersonId, SlideId } from "./ids.ts";
import type { Finding } from "./quality.ts";
import { seededRandom, shuffled } from "./random.ts";
import type { StandingWaiver } from "./waiver.ts";

/** What may stand between a project and a release, in the order in which it is best dealt with. */
export const blockerCodeSchema = z.enum([
  "no-guideline",
  "no-slides",
  "unsubmitted-reads",
  "blinded-rounds",
  "stale-items",
  "undecided-items",
  "open-tasks",
  "undecided-disputes",
  "blocking-findings",
  "no-ground-truth",
]);
export type BlockerCode = z.infer<typeof blockerCodeSchema>;

/** One thing that blocks, with what a link to it needs. */
export type BlockerSubject = {
  /** Of an annotation, a task, a read's layer, a round or a slide, or the key of a dispute. */
  readonly id: string;
  readonly slideId: SlideId | null;
  readonly layerId: LayerId | null;
  /** What is wrong with an annotation, where that is what blocks. */
  readonly finding?: Finding;
};

export type ReleaseFacts = {
  /** Null before the first guideline version is published. */
  readonly guidelineNumber: number | null;
  /** Slides to be frozen; ground truth is what a team layer or a ground-truth layer holds. */
  readonly slides: readonly { readonly slideId: SlideId; readonly hasGroundTruth: boolean }[];
  readonly unsubmittedReads: readonly BlockerSubject[];
  readonly blindedRounds: readonly BlockerSubject[];
  /** Annotations with an open question. */
  readonly staleItems: readonly BlockerSubject[];
  /** Stale annotations that wait for the lead. */
  readonly undecidedItems: readonly BlockerSubject[];
  readonly openTasks: readonly BlockerSubject[];
  readonly undecidedDisputes: readonly BlockerSubject[];
  /** Annotations with a finding of severity "block". */
  readonly blockingFindings: readonly BlockerSubject[];
};

/** A written exception: counted apart and printed in the release. Stale items, tasks and disputes can be waived. */
export type Waiver = {
  readonly code: BlockerCode;
  readonly subjectIds: readonly string[];
  readonly reason: string;
  readonly approvedBy: PersonId;
  /** ISO time after which it no longer holds. */
  readonly expiresAt: string;
};

export type Blocker = {
  readonly code: BlockerCode;
  readonly count: number;
  readonly subjects: readonly BlockerSubject[];
  /** Subjects of this code that a waiver covers; they are not in `count`. */
  readonly waived: number;
};

/** Waivers, and the ISO time to judge their expiry by. */
export type Exceptions = { readonly waivers: readonly Waiver[]; readonly at: string };

/** Everything that a release waits for; it may be frozen where nothing is left. */
export function blockers(facts: ReleaseFacts, { waivers, at }: Exceptions = { waivers: [], at: "" }): Blocker[] {
  const valid = waivers.filter((waiver) => waiver.expiresAt > at && waiver.reason.trim() !== "");
  return blockerCodeSchema.options.flatMap((code): Blocker[] => {
    const excused = new Set(
      WAIVABLE.has(code) ? valid.filter((each) => each.code === code).flatMap((each) => each.subjectIds) : [],
    );
    const all = subjectsOf(code, facts);
    const subjects = all.filter((subject) => !excused.has(subject.id));
    if (subjects.length === 0) return [];
    return [{ code, count: subjects.length, subjects, waived: all.length - subjects.length }];
  });
}

export const SPLIT_PARTS = ["train", "validation", "test"] as const;
export type SplitPart = (typeof SPLIT_PARTS)[number];
export type Fractions = Readonly<Record<SplitPart, number>>;

/**
 * Which case goes where: by case and never by slide, so that no patient is on both sides of an evaluation.
 * Same cases, fractions and seed, same split, whatever the order of the cases. Sizes are within one case of the fractions,
 * save that every part that is asked for gets a case where there are enough.
 * @throws RangeError where the fractions are negative or do not add up to 1
 */
export function splitByCase(
  caseIds: readonly CaseId[],
  fractions: Fractions,
  seed: number,
): ReadonlyMap<CaseId, SplitPart> {
  const sum = SPLIT_PARTS.reduce((total, part) => total + fractions[part], 0);
  if (SPLIT_PARTS.some((part) => !(fractions[part] >= 0)) || Math.abs(sum - 1) > 1e-9) {
    throw new RangeError(`fractions must be 0 or more and add up to 1, got ${JSON.stringify(fractions)}`);
  }
  const order = shuffled([...new Set(caseIds)].sort(), seededRandom(seed));
  const sizes = partSizes(order.length, fractions);
  const split = new Map<CaseId, SplitPart>();
  let next = 0;
  for (const part of SPLIT_PARTS) {
    for (const id of order.slice(next, next + sizes[part])) split.set(id, part);
    next += sizes[part];
  }
  return split;
}

/** A written exception that held when a release was frozen. */
export type PrintedWaiver = StandingWaiver & {
  readonly reason: string;
  readonly approvedBy: PersonId;
  /** ISO 8601. */
  readonly expiresAt: string;
};

/** Outcomes of a change that a version left out, with the reason. `change` is its key (`changeKey`). */
export type LeftOut = Weakened & { readonly version: number; readonly change: string };

export type ManifestInput = {
  readonly project: { readonly id: string; readonly name: string };
  readonly release: { readonly number: number; readonly name: string };
  readonly guidelineNumber: number;
  readonly classes: readonly {
    readonly id: string;
    readonly name: string;
    readonly colour: string;
    readonly annotations: number;
    readonly areaUm2: number;
  }[];
  readonly slides: readonly {
    readonly id: string;
    readonly name: string;
    readonly caseId: CaseId;
    readonly caseName: string;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly mpp: number | null;
    readonly sha256: string;
    readonly annotations: number;
  }[];
  readonly split: { readonly seed: number; readonly fractions: Fractions };
  readonly waivers: readonly PrintedWaiver[];
  readonly leftOut: readonly LeftOut[];
  readonly files: readonly ReleaseFile[];
  readonly licence: string | null;
};

export type ReleaseFile = { readonly path: string; readonly content: string };
export type ManifestFile = { readonly path: string; readonly sha256: string; readonly bytes: number };

/**
 * The manifest of a release: canonical JSON that names every file by hash. Same input, same bytes; lists are sorted by id
 * or path, and no time is in it, since a release that is built again is the same release.
 * @param sha256 hexadecimal digest of the UTF-8 bytes of a text
 * @returns the text, whose own digest is the hash of the release, and what it says of the files
 */
export function manifest(
  input: ManifestInput,
  sha256: (text: string) => string,
): { readonly text: string; readonly files: readonly ManifestFile[] } {
  const split = splitByCase(
    input.slides.map((slide) => slide.caseId),
    input.split.fractions,
    input.split.seed,
  );
  const files = sortedBy(input.files, (file) => file.path).map(({ path, content }) => ({
    path,
    sha256: sha256(content),
    bytes: new TextEncoder().encode(content).length,
  }));
  const body = {
    format: "concord-release/1",
    project: input.project,
    release: input.release,
    guidelineNumber: input.guidelineNumber,
    classes: input.classes,
    slides: sortedBy(input.slides, (slide) => slide.id).map((slide) => ({ ...slide, part: split.get(slide.caseId) })),
    split: { by: "case", ...input.split },
    waivers: sortedBy(input.waivers, canonicalJson),
    leftOut: sortedBy(input.leftOut, canonicalJson),
    files,
    licence: input.licence,
  };
  return { text: `${canonicalJson(body)}\n`, files };
}

/**
 * JSON with sorted keys and no spaces: one text for one value.
 * @throws TypeError on a number that is not finite and on anything that JSON has no word for; undefined keys are left out
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`not JSON: ${typeof value === "number" ? value : typeof value}`);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const sorted = sortedBy(entries, ([key]) => key);
  return `{${sorted.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(",")}}`;
}

const WAIVABLE: ReadonlySet<BlockerCode> = new Set([
  "stale-items",
  "undecided-items",
  "open-tasks",
  "undecided-disputes",
  "blocking-findings",
]);

function subjectsOf(code: BlockerCode, facts: ReleaseFacts): readonly BlockerSubject[] {
  switch (code) {
    case "no-guideline":
      return facts.guidelineNumber === null ? [{ id: "guideline", slideId: null, layerId: null }] : [];
    case "no-slides":
      return facts.slides.length === 0 ? [{ id: "slides", slideId: null, layerId: null }] : [];
    case "no-ground-truth":
      return facts.slides
        .filter((slide) => !slide.hasGroundTruth)
        .map(({ slideId }) => ({ id: slideId, slideId, layerId: null }));
    case "unsubmitted-reads":
      return facts.unsubmittedReads;
    case "blinded-rounds":
      return facts.blindedRounds;
    case "stale-items":
      return facts.staleItems;
    case "undecided-items":
      return facts.undecidedItems;
    case "open-tasks":
      return facts.openTasks;
    case "undecided-disputes":
      return facts.undecidedDisputes;
    case "blocking-findings":
      return facts.blockingFindings;
    default:
      return code satisfies never;
  }
}

/** Whole cases for each part by largest remainder; a part that is asked for and got none takes one from the largest. */
function partSizes(cases: number, fractions: Fractions): Record<SplitPart, number> {
  const sizes = { train: 0, validation: 0, test: 0 };
  for (const part of SPLIT_PARTS) sizes[part] = Math.floor(fractions[part] * cases + 1e-9);
  const remainder = (part: SplitPart) => fractions[part] * cases - sizes[part];
  const byRemainder = [...SPLIT_PARTS].sort((a, b) => remainder(b) - remainder(a));
  const left = cases - SPLIT_PARTS.reduce((sum, part) => sum + sizes[part], 0);
  for (const part of byRemainder.slice(0, left)) sizes[part]++;
  const wanted = SPLIT_PARTS.filter((part) => fractions[part] > 0);
  if (cases < wanted.length) return sizes;
  for (const part of wanted.filter((each) => sizes[each] === 0)) {
    const largest = wanted.reduce((most, each) => (sizes[each] > sizes[most] ? each : most));
    sizes[largest]--;
    sizes[part]++;
  }
  return sizes;
}

function sortedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return items.toSorted((left, right) => {
    const [a, b] = [keyOf(left), keyOf(right)];
    if (a === b) return 0;
    return a < b ? -1 : 1;
  });
}
