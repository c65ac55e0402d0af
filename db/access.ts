import { and, eq, inArray, isNull } from "drizzle-orm";
import type { LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { LayerSubject, Member } from "#domain/permissions.ts";
import type { Db } from "./client.ts";
import { layers, members, roundReaders, roundSlides, rounds } from "./schema.ts";

/** A person's membership, or null for a stranger and for a project that does not exist. */
export async function memberOf(db: Db, personId: PersonId, projectId: ProjectId): Promise<Member | null> {
  const [row] = await db
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.projectId, projectId), eq(members.personId, personId)));
  return row === undefined ? null : { personId, projectId, role: row.role };
}

/** Readers of blind rounds on these slides that are not unblinded yet, by slide. */
export async function blindReaders(db: Db, slideIds: readonly SlideId[]): Promise<Map<SlideId, PersonId[]>> {
  const bySlide = new Map<SlideId, PersonId[]>();
  if (slideIds.length === 0) return bySlide;
  const rows = await db
    .select({ slideId: roundSlides.slideId, personId: roundReaders.personId })
    .from(roundSlides)
    .innerJoin(rounds, eq(rounds.id, roundSlides.roundId))
    .innerJoin(roundReaders, eq(roundReaders.roundId, rounds.id))
    .where(and(inArray(roundSlides.slideId, [...slideIds]), eq(rounds.mode, "blind"), isNull(rounds.unblindedAt)));
  for (const row of rows) bySlide.set(row.slideId, [...(bySlide.get(row.slideId) ?? []), row.personId]);
  return bySlide;
}

export type LayerFacts = { readonly subject: LayerSubject; readonly layerId: LayerId; readonly slideId: SlideId };

type LayerFilter = { readonly layerId: LayerId } | { readonly slideId: SlideId } | { readonly projectId: ProjectId };

/** What permissions need to know about layers: kind, reader, mode, state, and who reads blind. */
export async function layerFacts(db: Db, filter: LayerFilter): Promise<LayerFacts[]> {
  const rows = await db
    .select({ layer: layers, round: rounds })
    .from(layers)
    .leftJoin(rounds, eq(rounds.id, layers.roundId))
    .where(conditionOf(filter))
    .orderBy(layers.createdAt, layers.id);
  const slideIds = [...new Set(rows.map((row) => row.layer.slideId))];
  const blind = await blindReaders(db, slideIds);
  const readers = await readersOfRounds(db, [...new Set(rows.flatMap((row) => (row.round ? [row.round.id] : [])))]);
  return rows.map(({ layer, round }) => ({
    layerId: layer.id,
    slideId: layer.slideId,
    subject: {
      projectId: layer.projectId,
      kind: layer.kind,
      readerId: layer.readerId,
      mode: round?.mode ?? null,
      state: layer.state,
      unblinded: round === null || round.mode !== "blind" || round.unblindedAt !== null,
      slideBlindReaderIds: blind.get(layer.slideId) ?? [],
      roundReaderIds: round === null ? [] : (readers.get(round.id) ?? []),
    },
  }));
}

function conditionOf(filter: LayerFilter) {
  if ("layerId" in filter) return eq(layers.id, filter.layerId);
  return "slideId" in filter ? eq(layers.slideId, filter.slideId) : eq(layers.projectId, filter.projectId);
}

async function readersOfRounds(db: Db, roundIds: readonly (typeof rounds.$inferSelect)["id"][]) {
  const byRound = new Map<string, PersonId[]>();
  if (roundIds.length === 0) return byRound;
  const rows = await db
    .select()
    .from(roundReaders)
    .where(inArray(roundReaders.roundId, [...roundIds]));
  for (const row of rows) byRound.set(row.roundId, [...(byRound.get(row.roundId) ?? []), row.personId]);
  return byRound;
}
