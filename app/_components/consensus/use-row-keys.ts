import { type RefObject, useEffect } from "react";

const LETTERS: Readonly<Record<string, number>> = { j: 1, k: -1 };
const STEPS: Readonly<Record<string, number>> = { ...LETTERS, ArrowDown: 1, ArrowUp: -1 };

/**
 * J, K and the arrows move from row to row of a list, wherever on the page one is; Enter follows the row's first link.
 * @param arrows false where the arrows go on scrolling a page on which the list is only a part
 */
export function useRowKeys(list: RefObject<HTMLElement | null>, { arrows = true } = {}): void {
  const steps = arrows ? STEPS : LETTERS;
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const step = steps[event.key];
      const onControl =
        event.target instanceof Element &&
        event.target.closest("[role=combobox],[role=listbox],[role=dialog],input,textarea") !== null;
      if (step === undefined || onControl || event.metaKey || event.ctrlKey || event.altKey) return;
      const links = [...(list.current?.querySelectorAll<HTMLAnchorElement>("a[data-row]") ?? [])];
      if (links.length === 0) return;
      const active = document.activeElement;
      const at = active instanceof HTMLAnchorElement ? links.indexOf(active) : -1;
      links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
      event.preventDefault();
    };
    document.addEventListener("keydown", walk);
    return () => document.removeEventListener("keydown", walk);
  }, [list, steps]);
}
