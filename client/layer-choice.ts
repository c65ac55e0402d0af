import type { Layer } from "./answers.ts";

/** The layer to draw in when nothing else is asked for: one's own open read, then the team's, then whatever may be written. */
export function layerToDrawIn(
  layers: readonly Layer[],
  asked: { readonly layerId: string | null; readonly roundId: string | null },
): Layer | null {
  const named = layers.find(({ id }) => id === asked.layerId);
  if (named !== undefined) return named;
  const candidates = asked.roundId === null ? layers : layers.filter(({ round }) => round?.id === asked.roundId);
  const rank = ({ mine, write, kind }: Layer) =>
    (write ? 8 : 0) + (mine ? 4 : 0) + { team: 2, read: 1, "ground-truth": 0 }[kind];
  const [best] = candidates.toSorted((a, b) => rank(b) - rank(a));
  return best ?? null;
}
