import { eq, inArray } from "drizzle-orm";
import type { LayerId, PersonId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { layers, people, rounds } from "./schema.ts";

export type LayerName = {
  readonly layer: typeof layers.$inferSelect;
  readonly round: typeof rounds.$inferSelect | null;
  readonly reader: { readonly id: PersonId; readonly name: string; readonly colour: string } | null;
};

/** Layers with the round and the reader they are named by. */
export async function layerNames(db: Db, ids: readonly LayerId[]): Promise<Map<LayerId, LayerName>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ layer: layers, round: rounds, readerId: people.id, name: people.name, colour: people.colour })
    .from(layers)
    .leftJoin(rounds, eq(rounds.id, layers.roundId))
    .leftJoin(people, eq(people.id, layers.readerId))
    .where(inArray(layers.id, [...ids]));
  return new Map(
    rows.map(({ layer, round, readerId, name, colour }) => [
      layer.id,
      {
        layer,
        round,
        reader: readerId === null ? null : { id: readerId, name: name ?? "", colour: colour ?? "#888888" },
      },
    ]),
  );
}
