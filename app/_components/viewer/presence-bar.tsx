"use client";

import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import { cameraOn, type Peer } from "#client/presence.ts";
import { useLive, useVisit } from "./session.tsx";

const SHOWN = 5;

/** Who else is on this slide; a press goes where they look. */
export function PresenceBar() {
  const peers = useLive((state) => state.peers);
  if (peers.length === 0) return null;
  const rest = peers.slice(SHOWN);
  return (
    <ul aria-label="Also here" className="flex items-center -space-x-1">
      {peers.slice(0, SHOWN).map((peer) => (
        <li key={peer.person.id}>
          <PeerButton peer={peer} />
        </li>
      ))}
      {rest.length === 0 ? null : (
        <li>
          <Popover>
            <PopoverTrigger className="grid h-6 min-w-6 place-items-center rounded-full bg-pressed px-1.5 font-medium text-2xs ring-2 ring-panel">
              +{rest.length}
            </PopoverTrigger>
            <PopoverContent align="end" className="w-56 p-1.5">
              {rest.map((peer) => (
                <PeerRow key={peer.person.id} peer={peer} />
              ))}
            </PopoverContent>
          </Popover>
        </li>
      )}
    </ul>
  );
}

function useGoTo(peer: Peer): () => void {
  const { view } = useVisit().session.workbench;
  return () => {
    if (peer.viewport !== null) view.flyTo(cameraOn(peer.viewport, view.size), 0.6);
  };
}

function PeerButton({ peer }: { readonly peer: Peer }) {
  const goTo = useGoTo(peer);
  return (
    <Tooltip text={`${peer.person.name}: go where they look`} side="bottom">
      <button
        type="button"
        data-testid={`presence-${peer.person.name}`}
        aria-label={`${peer.person.name}: go where they look`}
        onClick={goTo}
        className="block rounded-full ring-2 ring-panel transition-transform hover:z-10 hover:scale-110"
      >
        <Avatar name={peer.person.name} colour={peer.person.colour} />
      </button>
    </Tooltip>
  );
}

function PeerRow({ peer }: { readonly peer: Peer }) {
  const goTo = useGoTo(peer);
  return (
    <button
      type="button"
      data-testid={`presence-${peer.person.name}`}
      onClick={goTo}
      className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
    >
      <Avatar name={peer.person.name} colour={peer.person.colour} size="sm" />
      <span className="truncate">{peer.person.name}</span>
    </button>
  );
}
