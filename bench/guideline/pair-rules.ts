import type { Size } from "#bench/support/options.ts";
import { layerFacts } from "#db/access.ts";
import type { LayerId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import { packPage } from "#server/jobs/packed-reads.ts";
import { boardFor } from "#server/queries/board.ts";
import { previewFor } from "#server/queries/preview.ts";
import { type Crowd, plainPairs } from "./crowd.ts";
import { crowdedProject, MOST_SHARED } from "./project.ts";
import { onDatabase, published, same, timed } from "./steps.ts";

export const CROWDS: Readonly<Record<Size, Crowd>> = {
  tiny: { layers: 2, outlines: 100 },
  quick: { layers: 2, outlines: 5_000 },
  medium: { layers: 5, outlines: 20_000 },
  full: { layers: 5, outlines: 20_000 },
};

/** Times in ms; pairs are those of different classes that share tissue. */
export type PairFigures = {
  readonly sharing: number;
  readonly asked: number;
  readonly first: number;
  readonly again: number;
  readonly publish: number;
  readonly tasks: number;
};

/** A draft that limits what outlines of two classes share: the preview that measures, the next one, publishing and tasks. */
export async function pairRules(server: string, crowd: Crowd, seed: number): Promise<PairFigures> {
  return onDatabase(server, "crowded", async (world, url) => {
    const { projectId, caller } = await crowdedProject({ world, url, crowd, seed });
    const member: Member = { projectId, personId: caller.personId, role: "lead" };
    const layers = (await layerFacts(world.db, { projectId })).map(({ layerId }) => layerId);
    const plain = await plainly(world.db, layers);
    await world.computation.shares({ page: packPage([]), pairs: new Uint32Array(0) });
    const { value: preview, ms: first } = await timed(() => previewFor(world, member, world.now()));
    same("asked about pairs", preview.staleAfter, plain.asked);
    same("asked about pairs, by outcome", preview.totals.review, plain.asked);
    const { value: second, ms: again } = await timed(() => previewFor(world, member, world.now()));
    same("asked about pairs, again", second.staleAfter, plain.asked);
    const { publish, tasks } = await published(world, caller, projectId, 1);
    same("left on the board", (await boardFor(world.db, member, "change", world.now())).left, plain.asked);
    return { ...plain, first, again, publish, tasks };
  });
}

async function plainly(db: Parameters<typeof plainPairs>[0], layers: readonly LayerId[]) {
  let [sharing, asked] = [0, 0];
  for (const layerId of layers) {
    const found = await plainPairs(db, layerId, MOST_SHARED);
    sharing += found.sharing;
    asked += found.asked.size;
  }
  return { sharing, asked };
}
