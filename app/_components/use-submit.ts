"use client";

import { useCallback, useState } from "react";
import { sentenceOf } from "#client/api.ts";

/**
 * One request at a time from a form or a button: busy while it runs, the API's sentence where it was refused.
 * @returns `run` answers true where the request was accepted
 */
export function useSubmit() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = useCallback(async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await action();
      return true;
    } catch (thrown) {
      setError(sentenceOf(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { busy, error, run, clear };
}
