import { byPattern, type Measure, pairConfusion, percentAgreement, type Votes } from "./agreement.ts";
import { type AgainstConsensus, againstConsensus } from "./agreement-board/against.ts";
import { atReaders, type Basis, type BoardSlide } from "./agreement-board/columns.ts";
import {
  type AgreementEstimates,
  type AgreementSummary,
  type ClassPairEstimates,
  type SlideRatings,
  summariseAgreement,
} from "./agreement-summary.ts";
import { type BootstrapSettings, clusteredRatio, type Estimate } from "./bootstrap.ts";
import type { ClassId } from "./ids.ts";
import { type DistanceEstimates, type ObjectSummary, summarisePairs } from "./object-summary.ts";
import { accuracyEstimates, dawidSkene, type ReaderReliability, type Reliability } from "./reliability.ts";

export type { AgainstConsensus } from "./agreement-board/against.ts";
export type { BoardSlide } from "./agreement-board/columns.ts";

/** Agreement of one class over a study; pairs by the places of readers in `readerKeys`. */
export type BoardClass = AgreementEstimates & {
  readonly classId: ClassId;
  readonly basis: Basis;
  readonly pairs: readonly (ClassPairEstimates & {
    readonly pq: Estimate;
    readonly sq: Estimate;
    readonly rq: Estimate;
    readonly distances: DistanceEstimates | null;
  })[];
  /** Per reader against the consensus. */
  readonly against: readonly AgainstConsensus["classes"][number][];
};

/** All numbers of one basis, regions by area (um2) or objects by count, over all its classes at once. */
export type BoardBasis = {
  readonly basis: Basis;
  readonly classIds: readonly ClassId[];
  readonly overall: AgreementSummary["overall"];
  /**
   * How many times more objects are needed for the same certainty than if those of a case did not resemble each other;
   * null for areas, which have no number of items.
   */
  readonly designEffect: Measure | null;
  /** Per reader, agreement with the majority of the others. */
  readonly competences: readonly Estimate[];
  /** Of two readers; entry [i][j]: `a` says i, `b` says j, 0 is "not marked". */
  readonly confusions: readonly {
    readonly a: number;
    readonly b: number;
    readonly cells: readonly (readonly number[])[];
  }[];
  readonly againstConsensus: readonly (readonly (readonly number[])[])[];
  readonly reliability: {
    readonly readers: readonly (Omit<ReaderReliability, "accuracy"> & { readonly accuracy: Estimate })[];
    readonly prevalence: readonly number[];
    /** Share of all items whose most probable class is not that of their majority: to look at. */
    readonly movedShare: number;
    /** The same by what the majority says and what is most probable, the most weight first; 0 is "not marked". */
    readonly moved: readonly Moved[];
  };
};

/** Places (um2) or objects to which votes give one label and the readers' reliability another. */
export type Moved = {
  readonly majority: number;
  readonly probable: number;
  readonly weight: number;
  /** The combinations of votes that they have, at the places of the readers; null is "has not read it". */
  readonly patterns: readonly (readonly (number | null)[])[];
};

/** The few numbers that stand side by side for a part of a study. */
export type BoardPart = {
  readonly overall: readonly (AgreementEstimates & { readonly basis: Basis })[];
  readonly classes: readonly (AgreementEstimates & { readonly classId: ClassId })[];
};

/** Everything that a project's board shows, every number with its interval over cases. */
export type AgreementBoard = {
  readonly readerKeys: readonly string[];
  readonly clusters: number;
  readonly bases: readonly BoardBasis[];
  readonly classes: readonly BoardClass[];
  /** Objects whatever their class. */
  readonly detection: ObjectSummary["pairs"];
  readonly versions: readonly (BoardPart & { readonly guidelineNumber: number; readonly slides: number })[];
  /** The one that adds most to the disagreement first. */
  readonly slides: readonly (BoardPart & { readonly key: string; readonly disagreementShare: number })[];
};

export type BoardSettings = BootstrapSettings & {
  readonly classIds: readonly ClassId[];
  readonly regionIds: readonly ClassId[];
  readonly objectIds: readonly ClassId[];
  readonly toleranceUm: number;
};

/** A place of so many um2 counts as one read in the reliability of readers of regions. */
const PLACE_UM2 = 1_000;

/**
 * The board of a study from what each of its slides adds. The same whatever the order of slides.
 * @param readerKeys all readers in the order that places count in
 * Cost does not depend on how many outlines there are.
 */
export function agreementBoard(
  slides: readonly BoardSlide[],
  readerKeys: readonly string[],
  settings: BoardSettings,
): AgreementBoard {
  const ordered = [...slides].sort((a, b) => (a.key < b.key ? -1 : 1));
  const tallies = ordered.map(({ cluster, tally, readKeys, readerKeys: whose }) => {
    const reader = (key: string) => whose[readKeys.indexOf(key)] ?? "";
    return { cluster, tallies: tally.pairs.map((pair) => ({ ...pair, a: reader(pair.a), b: reader(pair.b) })) };
  });
  const objects = summarisePairs(tallies, readerKeys, settings.classIds, {
    ...settings,
    distances: { toleranceUm: settings.toleranceUm },
  });
  const found = basesOf(settings).map((basis) => ofBasis(ordered, basis, readerKeys, settings));
  return {
    readerKeys,
    clusters: new Set(ordered.map(({ cluster }) => cluster)).size,
    bases: found.map(({ board }) => board),
    classes: settings.classIds.flatMap((classId, label) => {
      const of = found.find(({ board }) => board.classIds.includes(classId));
      return of === undefined ? [] : [boardClass(classId, of, objects.classes[label])];
    }),
    detection: objects.pairs,
    versions: versionsOf(ordered, readerKeys, settings),
    slides: slideLines(ordered, readerKeys, settings),
  };
}

function basesOf({ regionIds, objectIds }: BoardSettings): Basis[] {
  const bases: Basis[] = objectIds.length > 0 ? ["objects"] : [];
  return regionIds.length > 0 || objectIds.length === 0 ? ["regions", ...bases] : bases;
}

type Found = {
  readonly board: BoardBasis;
  readonly summary: AgreementSummary;
  readonly against: readonly AgainstConsensus[];
};

function idsOf(basis: Basis, { regionIds, objectIds }: BoardSettings): readonly ClassId[] {
  return basis === "regions" ? regionIds : objectIds;
}

function ofBasis(
  slides: readonly BoardSlide[],
  basis: Basis,
  readerKeys: readonly string[],
  settings: BoardSettings,
): Found {
  const classIds = idsOf(basis, settings);
  const rated = ratingsOf(slides, basis, readerKeys, settings);
  const summary = summariseAgreement(rated, readerKeys.length, settings);
  const against = againstConsensus(slides, basis, readerKeys, classIds.length + 1, settings);
  const all = { categories: classIds.length + 1, rows: rated.flatMap(({ ratings }) => ratings.rows) };
  const confusions = summary.overall.pairs.map(({ a, b }) => ({ a, b, cells: pairConfusion(all, a, b) }));
  const board = {
    basis,
    classIds,
    overall: summary.overall,
    designEffect: basis === "objects" ? designEffectOf(rated) : null,
    competences: summary.competences,
    confusions,
    againstConsensus: against.map(({ confusion }) => confusion),
    reliability: reliabilityOf(rated, basis, readerKeys.length, settings),
  };
  return { board, summary, against };
}

/** Of percent agreement: from how much cases differ. */
function designEffectOf(slides: readonly SlideRatings[]): Measure {
  const cases = new Map<string, { hits: number; total: number }>();
  for (const { cluster, ratings } of slides) {
    const agreed = percentAgreement(ratings);
    const total = ratings.rows
      .filter(({ labels }) => labels.filter((label) => label !== null).length > 1)
      .reduce((sum, { weight }) => sum + weight, 0);
    const known = cases.get(cluster) ?? { hits: 0, total: 0 };
    const hits = known.hits + (agreed.defined ? agreed.value * total : 0);
    cases.set(cluster, { hits, total: known.total + total });
  }
  return clusteredRatio([...cases.values()]).designEffect;
}

/** Without any slide the classes are there and have no numbers. */
function ratingsOf(
  slides: readonly BoardSlide[],
  basis: Basis,
  readerKeys: readonly string[],
  settings: BoardSettings,
): SlideRatings[] {
  const none = { cluster: "", ratings: { categories: idsOf(basis, settings).length + 1, rows: [] } };
  if (slides.length === 0) return [none];
  return slides.map((slide) => ({ cluster: slide.cluster, ratings: atReaders(slide, basis, readerKeys) }));
}

function reliabilityOf(
  slides: readonly SlideRatings[],
  basis: Basis,
  readers: number,
  settings: BootstrapSettings,
): BoardBasis["reliability"] {
  const unit = basis === "regions" ? PLACE_UM2 : 1;
  const counted = slides.map(({ cluster, ratings: { categories, rows } }) => ({
    cluster,
    ratings: { categories, rows: rows.map(({ labels, weight }) => ({ labels, weight: weight / unit })) },
  }));
  const [first] = counted;
  const ratings = { categories: first?.ratings.categories ?? 1, rows: counted.flatMap((each) => each.ratings.rows) };
  if (ratings.rows.length === 0) return { readers: [], prevalence: [], movedShare: 0, moved: [] };
  const readerOf = Array.from({ length: readers }, (_, reader) => reader);
  const found = dawidSkene(ratings, { readerOf });
  const { prevalence, moved } = found;
  const accuracies = accuracyEstimates(counted, found, readers, settings);
  const total = ratings.rows.reduce((sum, { weight }) => sum + weight, 0);
  const away = moved.reduce((sum, { row }) => sum + (ratings.rows[row]?.weight ?? 0), 0);
  const movedShare = total > 0 ? away / total : 0;
  return {
    readers: found.readers.flatMap((reader, place) => {
      const accuracy = accuracies[place];
      return accuracy === undefined ? [] : [{ ...reader, accuracy }];
    }),
    prevalence,
    movedShare,
    moved: movedIn(
      slides.flatMap((each) => each.ratings.rows),
      moved,
    ),
  };
}

function movedIn(rows: readonly Votes[], moved: Reliability["moved"]): Moved[] {
  const found = new Map<string, { readonly of: Pick<Moved, "majority" | "probable">; readonly votes: Votes[] }>();
  for (const { row, majority, probable } of moved) {
    const key = `${majority} ${probable}`;
    const known = found.get(key) ?? { of: { majority, probable }, votes: [] };
    known.votes.push(...rows.slice(row, row + 1));
    found.set(key, known);
  }
  return [...found.values()]
    .map(({ of, votes }) => ({
      ...of,
      weight: votes.reduce((sum, { weight }) => sum + weight, 0),
      patterns: byPattern({ categories: 0, rows: votes }).rows.map(({ labels }) => labels),
    }))
    .sort((a, b) => b.weight - a.weight || a.majority - b.majority || a.probable - b.probable);
}

function boardClass(
  classId: ClassId,
  { board, summary, against }: Found,
  objects: ObjectSummary["classes"][number] | undefined,
): BoardClass {
  const place = board.classIds.indexOf(classId);
  const numbers = summary.classes[place];
  if (numbers === undefined || objects === undefined) throw new Error(`class ${classId} has no numbers`);
  const pairs = numbers.pairs.map((pair) => {
    const of = objects.pairs.find(({ a, b }) => a === pair.a && b === pair.b);
    if (of === undefined) throw new Error("a pair has no objects");
    const { pq, sq, rq, distances } = of;
    return { ...pair, pq, sq, rq, distances };
  });
  return {
    ...numbers,
    classId,
    basis: board.basis,
    pairs,
    against: against.flatMap(({ classes }) => classes[place] ?? []),
  };
}

function versionsOf(slides: readonly BoardSlide[], readerKeys: readonly string[], settings: BoardSettings) {
  const numbers = [...new Set(slides.map(({ guidelineNumber }) => guidelineNumber))].sort((a, b) => a - b);
  return numbers.map((guidelineNumber) => {
    const under = slides.filter((slide) => slide.guidelineNumber === guidelineNumber);
    return { guidelineNumber, slides: under.length, ...partOf(under, readerKeys, settings) };
  });
}

function slideLines(slides: readonly BoardSlide[], readerKeys: readonly string[], settings: BoardSettings) {
  const lines = slides.map((slide) => {
    const part = partOf([slide], readerKeys, { ...settings, resamples: 0 });
    return { key: slide.key, part, weight: disagreementIn(slide, settings) };
  });
  const total = lines.reduce((sum, { weight }) => sum + weight, 0);
  return lines
    .map(({ key, part, weight }) => ({ key, ...part, disagreementShare: total > 0 ? weight / total : 0 }))
    .sort((a, b) => b.disagreementShare - a.disagreementShare || (a.key < b.key ? -1 : 1));
}

function partOf(slides: readonly BoardSlide[], readerKeys: readonly string[], settings: BoardSettings): BoardPart {
  const parts = basesOf(settings).map((basis) => {
    const rated = ratingsOf(slides, basis, readerKeys, settings);
    return { basis, summary: summariseAgreement(rated, readerKeys.length, settings) };
  });
  return {
    overall: parts.map(({ basis, summary }) => ({ basis, ...side(summary.overall) })),
    classes: settings.classIds.flatMap((classId) => {
      const of = parts.find(({ basis }) => idsOf(basis, settings).includes(classId));
      const numbers = of?.summary.classes[idsOf(of.basis, settings).indexOf(classId)];
      return numbers === undefined ? [] : [{ classId, ...side(numbers) }];
    }),
  };
}

function side({ prevalence, percentAgreement, fleiss, alpha, ac1 }: AgreementEstimates): AgreementEstimates {
  return { prevalence, percentAgreement, fleiss, alpha, ac1 };
}

/** How much of a slide its readers differ on: area, or objects where there are only objects. */
function disagreementIn({ tally }: BoardSlide, settings: BoardSettings): number {
  const { rows } = tally[settings.regionIds.length > 0 ? "regions" : "objects"];
  return rows.reduce((sum, { labels, weight }) => sum + (new Set(labels).size > 1 ? weight : 0), 0);
}
