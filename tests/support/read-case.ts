import type { z } from "zod";
import type { ProjectId } from "#domain/ids.ts";
import type { AdjudicateRequest, adjudicateAnswer, ConsensusView, Dispute } from "#server/api/schemas/consensus.ts";
import type { AnnotationRow } from "#server/api/schemas/slides.ts";
import type { Answer, ApiWorld, Name, Page } from "./api-world.ts";
import { square } from "./builders.ts";

export const READERS = ["ada", "bea", "cem"] as const;
export type Reader = (typeof READERS)[number];
export type Drawn = { readonly classId: string; readonly geometry: ReturnType<typeof square> };
export const box = (classId: string, x: number, y: number, side: number): Drawn => ({
  classId,
  geometry: square(x, y, side),
});

/**
 * Three reads of a slide at 0.5 um per px: all agree on a b-square; two of three on an a-square that the third has
 * 100 px to the right of it; and at one place one says a, one b, one nothing.
 */
export const THREE_READS: Record<Reader, Drawn[]> = {
  ada: [box("a", 400, 400, 200), box("a", 1_200, 1_200, 100), box("b", 1_600, 400, 100)],
  bea: [box("a", 500, 400, 200), box("b", 1_200, 1_200, 100), box("b", 1_600, 400, 100)],
  cem: [box("a", 400, 400, 200), box("b", 1_600, 400, 100)],
};

export type ReadCase = {
  readonly slide: string;
  readonly round: string;
  layer(reader: Reader): string;
  view(who?: Name): Promise<ConsensusView>;
  decide(
    who: Name,
    dispute: Pick<Dispute, "key">,
    decision: Partial<AdjudicateRequest>,
    more?: { replaces?: string | null; consensusKey?: string },
  ): Promise<Answer<z.infer<typeof adjudicateAnswer> & { code?: string }>>;
  truth(): Promise<readonly AnnotationRow[]>;
};

let made = 0;

/** A slide that three people have read in a round of its own, with what can be asked about it. */
export async function readSlide(
  w: ApiWorld,
  project: ProjectId,
  reads: Partial<Record<Reader, readonly Drawn[]>> = THREE_READS,
): Promise<ReadCase> {
  made += 1;
  const slide = await w.bareSlide(project, `slide ${made}`);
  const readers = READERS.filter((reader) => reads[reader] !== undefined);
  const round = await w.round(project, "open", [slide], readers);
  for (const reader of readers) {
    await w.draw(reader, round.layer(slide, reader), reads[reader] ?? []);
    await w.call(reader, "POST", `/layers/${round.layer(slide, reader)}/submit`);
  }
  const path = `/rounds/${round.id}/slides/${slide}`;
  const view = async (who: Name = "jo") => {
    const { status, body } = await w.call<ConsensusView>(who, "GET", `${path}/consensus`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body;
  };
  return {
    slide,
    round: round.id,
    layer: (reader) => round.layer(slide, reader),
    view,
    async decide(who, { key }, decision, more = {}) {
      const consensusKey = more.consensusKey ?? (await view()).key;
      const { replaces = null } = more;
      const body = { consensusKey, disputeKey: key, replaces, decision: { reason: "too-loose", ...decision } };
      return w.call(who, "POST", `${path}/adjudications`, body);
    },
    async truth() {
      const { groundTruthLayerId: id } = await view();
      if (id === null) return [];
      return (await w.call<Page<AnnotationRow>>("jo", "GET", `/layers/${id}/annotations`)).body.items;
    },
  };
}
