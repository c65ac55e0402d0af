import { useLayoutEffect, useRef } from "react";
import type { KeyHandler } from "#client/key-scopes.ts";
import { useVisit } from "./session.tsx";

/**
 * Asks for the keys before whoever was there first, for as long as the part of the page is. A key means what is on the
 * screen, so what it does changes together with that.
 */
export function useKeys(handle: KeyHandler): void {
  const { keys } = useVisit();
  const handler = useRef<KeyHandler>(() => false);
  useLayoutEffect(() => {
    handler.current = handle;
  });
  useLayoutEffect(() => keys.open((event) => handler.current(event)), [keys]);
}
