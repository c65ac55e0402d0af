import { useEffect, useRef } from "react";
import type { KeyHandler } from "#client/key-scopes.ts";
import { useVisit } from "./session.tsx";

/** Asks for the keys before whoever was there first, for as long as the part of the page is. */
export function useKeys(handle: KeyHandler): void {
  const { keys } = useVisit();
  const handler = useRef<KeyHandler>(() => false);
  useEffect(() => {
    handler.current = handle;
  });
  useEffect(() => keys.open((event) => handler.current(event)), [keys]);
}
