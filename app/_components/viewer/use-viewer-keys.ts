import { useEffect } from "react";
import type { KeyScopes } from "#client/key-scopes.ts";
import { actionOf, isTyping } from "#client/keymap.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { useVisit } from "./session.tsx";
import { perform } from "./viewer-actions.ts";

/** Listens to the keyboard for as long as the viewer is open. */
export function useViewerKeys(): null {
  const { session, keys } = useVisit();
  useEffect(() => {
    const { tools } = session.workbench;
    const onDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target) || isForControl(event)) return;
      if (pressed(session, keys, event)) event.preventDefault();
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key === " ") tools.holdSpace(false);
    };
    const onBlur = () => tools.holdSpace(false);
    window.addEventListener("keydown", onDown);
    window.addEventListener("keyup", onUp);
    window.addEventListener("blur", onBlur);
    return () => {
      window.removeEventListener("keydown", onDown);
      window.removeEventListener("keyup", onUp);
      window.removeEventListener("blur", onBlur);
    };
  }, [session, keys]);
  return null;
}

/** Space moves the slide; then the stroke under way, the panel at hand and the viewer are asked, in this order. */
function pressed(session: SlideSession, keys: KeyScopes, event: KeyboardEvent): boolean {
  const { tools } = session.workbench;
  if (event.key === " ") {
    tools.holdSpace(true);
    return true;
  }
  if (tools.key({ key: event.key, shift: event.shiftKey }) || keys.handle(event)) return true;
  const action = actionOf(event);
  return action !== null && perform(session, action);
}

/** Space and Enter belong to a control that was reached from the keyboard, and the arrows to a slider. */
function isForControl({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input")) return /^(Arrow|Home|End|Page)/.test(key);
  if (key !== " " && key !== "Enter") return false;
  return target.matches(":focus-visible") && target.closest("button, a, [role=option]") !== null;
}
