const OPEN = "concord:open-shortcuts";

/** Shows the list of keys. */
export function openShortcuts(): void {
  window.dispatchEvent(new Event(OPEN));
}

/** @returns stops listening */
export function onOpenShortcuts(open: () => void): () => void {
  window.addEventListener(OPEN, open);
  return () => window.removeEventListener(OPEN, open);
}
