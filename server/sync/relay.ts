import type { LayerId } from "#domain/ids.ts";
import type { Bus } from "#server/bus/bus.ts";
import type { Relay } from "./audience.ts";

/** Carries the presence of a layer's people to the other nodes; null where this node is alone. */
export function presenceRelay(bus: Pick<Bus, "send"> | null, layerId: LayerId): Relay | null {
  if (bus === null) return null;
  return (states) => bus.send({ kind: "presence", layerId, states: Buffer.from(states).toString("base64") });
}
