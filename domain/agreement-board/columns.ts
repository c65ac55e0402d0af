import type { Ratings } from "#domain/agreement.ts";
import type { ConsensusMethod, SlideTally } from "#domain/consensus.ts";

/** What one slide in one round brings to the numbers of a study. */
export type BoardSlide = {
  /** Names the slide and its round. */
  readonly key: string;
  /** What counts as one when slides are drawn: the case. */
  readonly cluster: string;
  /** Guideline version that its reads were opened under. */
  readonly guidelineNumber: number;
  /** Per column of the tally: the read, and whose it is. */
  readonly readKeys: readonly string[];
  readonly readerKeys: readonly string[];
  /** Of "not marked" and the classes of each basis in order. */
  readonly methods: { readonly regions: readonly ConsensusMethod[]; readonly objects: readonly ConsensusMethod[] };
  readonly tally: SlideTally;
};

export type Basis = "regions" | "objects";

/** The votes of a slide at the places of the study's readers; null for who has not read it. */
export function atReaders(slide: BoardSlide, basis: Basis, readerKeys: readonly string[]): Ratings {
  const columns = readerKeys.map((key) => slide.readerKeys.indexOf(key));
  const { categories, rows } = slide.tally[basis];
  return {
    categories,
    rows: rows.map(({ labels, weight }) => ({ labels: columns.map((column) => labels[column] ?? null), weight })),
  };
}
