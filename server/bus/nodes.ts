import { createHash } from "node:crypto";
import type { NodeName } from "#db/claim.ts";
import type { Db } from "#db/client.ts";
import type { PersonId } from "#domain/ids.ts";
import type { Attempts } from "#server/attempts.ts";
import type { EventRelay } from "#server/live-events.ts";
import type { Logger } from "#server/log.ts";
import type { Sessions } from "#server/session.ts";
import type { Tiles } from "#server/slides/tiles.ts";
import type { RoomsOptions } from "#server/sync/rooms.ts";
import type { Bus } from "./bus.ts";
import { openRedisBus } from "./redis-bus.ts";
import { Signals } from "./signals.ts";

/** The lines of this node to the others. */
export type OtherNodes = {
  readonly bus: Bus;
  readonly signals: Signals;
  close(): Promise<void>;
};

/** How a node is known to the others on its database; the print tells apart secrets and gives none away. */
export function nodeName(nodeId: string, secret: string): NodeName {
  return { nodeId, secretPrint: createHash("sha256").update(`node:${secret}`).digest("hex").slice(0, 12) };
}

export async function openOtherNodes(options: {
  readonly db: Db;
  readonly redisUrl: string;
  readonly nodeId: string;
  readonly secret: string;
  readonly log: Logger;
}): Promise<OtherNodes> {
  const { db, redisUrl, nodeId, secret, log } = options;
  const bus = openRedisBus({ url: redisUrl, nodeId, secret, log });
  const signals = await Signals.open({ db, bus, log });
  return {
    bus,
    signals,
    async close() {
      // What was told last is still stored.
      await signals.close();
      await bus.close();
    },
  };
}

/** Sessions of which the other nodes hear what changed. */
export function sessionsForAll(sessions: Sessions, { signals }: Pick<OtherNodes, "signals">): Sessions {
  return {
    ...sessions,
    revoke(personId: PersonId) {
      sessions.revoke(personId);
      signals.send({ kind: "person-changed", personId });
    },
    end(sessionId: string) {
      sessions.end(sessionId);
      signals.send({ kind: "session-ended", sessionId });
    },
  };
}

/** Tiles of which the other nodes hear what was removed. */
export function tilesForAll(tiles: Tiles, { signals }: Pick<OtherNodes, "signals">): Tiles {
  return {
    ...tiles,
    forget(slideId) {
      tiles.forget(slideId);
      signals.send({ kind: "slide-removed", slideId });
    },
  };
}

/** What rooms of one node need to be rooms of all. @param onDead called when another node is taken for dead */
export function amongNodes(
  { bus, signals }: Pick<OtherNodes, "bus" | "signals">,
  onDead: () => void,
): Pick<RoomsOptions, "nodes" | "recheckElsewhere"> {
  return {
    nodes: { bus, onDead },
    recheckElsewhere: (filter) => signals.send({ kind: "rights-changed", ...filter }),
  };
}

/** Tells pages of the other nodes what pages here are told. */
export function eventRelay({ signals }: Pick<OtherNodes, "signals">): EventRelay {
  return {
    tell: (projectId, audience, message) =>
      signals.send({ kind: "told", projectId, audience: audience === "project" ? audience : [...audience], message }),
    tellPerson: (personId, message) => signals.send({ kind: "told-person", personId, message }),
  };
}

/** Counts attempts to sign in at any node, as far as the line holds: a guesser gains nothing by having several. */
export function attemptsOfAll(attempts: Attempts, bus: Pick<Bus, "send" | "listen">): Attempts {
  bus.listen({
    heard(_from, message) {
      if (message.kind !== "sign-in") return;
      const { email, address, succeeded } = message;
      if (succeeded) attempts.succeeded(email, address);
      else attempts.failed(email, address);
    },
    returned: () => undefined,
  });
  return {
    mayTry: (email, address) => attempts.mayTry(email, address),
    failed(email, address) {
      attempts.failed(email, address);
      bus.send({ kind: "sign-in", email, address, succeeded: false });
    },
    succeeded(email, address) {
      attempts.succeeded(email, address);
      bus.send({ kind: "sign-in", email, address, succeeded: true });
    },
  };
}
